package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Migrations are numbered files, applied in order, each in one transaction with
// its row of schema_versions. A published file is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// A migration is one file.
type migration struct {
	version int
	file    string
}

func listMigrations() ([]migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var list []migration
	for _, f := range files {
		number, _, _ := strings.Cut(path.Base(f), "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f, err)
		}
		if len(list) > 0 && list[len(list)-1].version == n {
			return nil, fmt.Errorf("migrations %s and %s have one number", list[len(list)-1].file, f)
		}
		list = append(list, migration{n, f})
	}
	return list, nil
}

// migrate brings the schema up to date. Several nodes may do so at once: the
// table of versions is locked.
func (db *DB) migrate(ctx context.Context) error {
	list, err := listMigrations()
	if err != nil {
		return err
	}
	done, err := db.versions(ctx)
	if err != nil {
		return err
	}
	newest := list[len(list)-1].version
	for v := range done {
		if v > newest {
			return fmt.Errorf("%w: its schema is %d, this program knows %d; use the newer program", ErrNewerSchema, v, newest)
		}
	}
	for _, m := range list {
		if done[m.version] {
			continue
		}
		if err := db.apply(ctx, m); err != nil {
			return fmt.Errorf("migration %s: %w", m.file, err)
		}
	}
	return nil
}

// versions makes the schema and the table of versions where they are not, and
// reads it.
func (db *DB) versions(ctx context.Context) (map[int]bool, error) {
	var there bool
	err := db.pool.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, db.schema+".schema_versions").Scan(&there)
	if err != nil {
		return nil, err
	}
	if !there {
		if err := db.begin(ctx); err != nil {
			return nil, err
		}
	}
	rows, err := db.pool.Query(ctx, `SELECT version FROM schema_versions`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int])
	done := map[int]bool{}
	for _, v := range list {
		done[v] = true
	}
	return done, err
}

// begin makes an empty schema. Of two who do so at once one fails on a unique
// key, and finds made what the other has made.
func (db *DB) begin(ctx context.Context) error {
	for _, make := range []string{
		`CREATE SCHEMA IF NOT EXISTS ` + pgx.Identifier{db.schema}.Sanitize(),
		`CREATE TABLE IF NOT EXISTS schema_versions (version integer PRIMARY KEY)`,
	} {
		_, err := db.pool.Exec(ctx, make)
		if state := sqlState(err); err != nil && state != "23505" && state != "42P06" && state != "42P07" && state != "42710" {
			return err
		}
	}
	return nil
}

func (db *DB) apply(ctx context.Context, m migration) error {
	script, err := migrations.ReadFile(m.file)
	if err != nil {
		return err
	}
	tx, err := db.pool.Begin(ctx)
	if err != nil {
		return err
	}
	if err := applyIn(ctx, tx, m, string(script)); err != nil {
		return errors.Join(err, ignoreClosed(tx.Rollback(ctx)))
	}
	return tx.Commit(ctx)
}

func applyIn(ctx context.Context, tx pgx.Tx, m migration, script string) error {
	if _, err := tx.Exec(ctx, `LOCK TABLE schema_versions IN EXCLUSIVE MODE`); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO schema_versions (version) VALUES ($1) ON CONFLICT DO NOTHING`, m.version)
	if err != nil || tag.RowsAffected() == 0 {
		return err // another process has applied it
	}
	_, err = tx.Conn().PgConn().Exec(ctx, script).ReadAll() // several statements
	return err
}
