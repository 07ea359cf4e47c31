package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const oldestServer = 150000 // server_version_num

// examineServer refuses a server that cannot keep what the program promises. It asks in
// a transaction: a pooler that allows none is to be found out before anything is made.
func (db *DB) examineServer(ctx context.Context) error {
	var version int
	var name, commit, schema, role string
	err := pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT current_setting('server_version_num')::int,
			       current_setting('server_version'),
			       current_setting('synchronous_commit'),
			       current_setting('search_path'),
			       current_user`).
			Scan(&version, &name, &commit, &schema, &role)
	})
	switch {
	case err != nil:
		return err
	case version < oldestServer:
		return fmt.Errorf("%w: it is %s", ErrOldServer, name)
	case commit == "off":
		return fmt.Errorf("%w: synchronous_commit is off; ALTER ROLE %s SET synchronous_commit = on", ErrUnsafe, pgx.Identifier{role}.Sanitize())
	case schema != db.schema:
		return fmt.Errorf("%w, or keeps settings back: search_path is %s; "+
			"ALTER ROLE %s SET search_path = %s, or connect to the server itself", ErrPooler, schema, pgx.Identifier{role}.Sanitize(), db.schema)
	}
	return nil
}

// identify reports whether the schema holds a list, and fails with ErrForeign
// when it holds something else.
func (db *DB) identify(ctx context.Context) (found bool, err error) {
	var tables, ours int
	err = db.pool.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE relname = 'schema_versions')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`, db.schema).Scan(&tables, &ours)
	if err != nil {
		return false, err
	}
	if tables > 0 && ours == 0 {
		return false, fmt.Errorf("%w: schema %s has %d tables of something else; add schema=NAME to the URL to use another one", ErrForeign, db.schema, tables)
	}
	return tables > 0, nil
}
