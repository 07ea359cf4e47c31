// Package postgres keeps subscribers, editions and deliveries in a schema of a
// PostgreSQL database, for lists that several processes, on several hosts, work
// on at once.
//
// The package promises: every write is one transaction, durable when it returns;
// one that a concurrent write undoes (SQLSTATE 40001, 40P01) is tried again; a
// server that cannot be reached is store.ErrAway and nothing was done, or, where
// the reply to a COMMIT was lost, ErrInDoubt. A schema of a newer program's, of
// another program's, a server older than 15, a standby, and one that would lose
// what it has acknowledged (synchronous_commit = off) are refused. Nothing rests
// on advisory locks, NOTIFY or what a session remembers, so that a pooler in
// transaction mode does no harm. Times are kept as Unix milliseconds in UTC, 0
// for none; the leases alone are measured by the server's clock, which is one for
// all hosts.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/internal/votes"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrBusy        = store.ErrBusy
	ErrNone        = store.ErrNone
	ErrForeign     = errors.New("the schema is another program's")
	ErrNewerSchema = errors.New("the database was made by a newer version of digest")
	ErrOldServer   = errors.New("the server is older than PostgreSQL 15")
	ErrRefused     = errors.New("the server refuses the login")
	ErrUnsafe      = errors.New("the server's settings would lose what it has acknowledged")
	ErrPooler      = errors.New("the connection goes through a pooler that breaks transactions")
	ErrRestore     = errors.New("a server's database is restored with the server's own tools (pg_restore, or a base backup)")
	// ErrInDoubt: the reply to a COMMIT was lost. The transaction holds, or it
	// does not.
	ErrInDoubt = errors.New("whether the transaction was committed is not known")
	// ErrMoved: the server is not the one that was there before: another cluster,
	// or a standby that was promoted.
	ErrMoved = errors.New("the database's server has changed")
)

// Options say which database.
type Options struct {
	// URL is postgres://USER@HOST:PORT/NAME?sslmode=…, with PostgreSQL's own
	// parameters, and schema: the schema that holds the list ("digest" without it).
	// Two lists in one database have two schemas.
	URL string
	// Password is used where the URL has none; "": PGPASSWORD or a .pgpass.
	Password string

	application string // the connections' name; "": applicationOf the schema
}

// A DB is an open database. It is safe for concurrent use; Close it once.
type DB struct {
	plainsql.Parts

	name   string // for people: postgres://HOST:PORT/NAME, schema S
	schema string
	pool   *pgxpool.Pool
	server atomic.Pointer[server] // that the last connection led to

	signUps group.Group[plainsql.QueuedRow]
	votes   group.Group[votes.Vote]
}

// Open opens the database, making its schema if there is none, and brings that
// up to date.
func Open(ctx context.Context, o Options) (*DB, error) { return openHere(ctx, o, true) }

// OpenExisting is Open for whoever only reads: where there is no list it makes
// none and fails with ErrNone.
func OpenExisting(ctx context.Context, o Options) (*DB, error) { return openHere(ctx, o, false) }

// OpenToMove is Open, also where the list has gone elsewhere or is on its way.
// Its connections have a name of their own, which tells them from those of who
// uses the list.
func OpenToMove(ctx context.Context, o Options, create bool) (*DB, error) {
	o.application = "digest moving"
	return open(ctx, o, create)
}

func openHere(ctx context.Context, o Options, create bool) (*DB, error) {
	db, err := open(ctx, o, create)
	if err != nil {
		return nil, err
	}
	if err := db.plain().Moving().Here(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", db.name, explain(err)), db.Close())
	}
	return db, nil
}

func open(ctx context.Context, o Options, create bool) (*DB, error) {
	t, err := parse(o)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db, err := t.connect(ctx)
	if err == nil {
		if err = db.prepare(ctx, create); err == nil {
			return db, nil
		}
		err = errors.Join(err, db.Close())
	}
	return nil, fmt.Errorf("open database %s: %w", t.name, explain(err))
}

// prepare looks at the server and at what is in the schema, then migrates it.
func (db *DB) prepare(ctx context.Context, create bool) error {
	if err := db.examineServer(ctx); err != nil {
		return err
	}
	found, err := db.identify(ctx)
	if err != nil {
		return err
	}
	if !found && !create {
		return fmt.Errorf("%w in schema %s", ErrNone, db.schema)
	}
	return db.migrate(ctx)
}

// Close closes every connection.
func (db *DB) Close() error {
	db.pool.Close()
	return nil
}

// Name says which database it is, without a password.
func (db *DB) Name() string { return db.name }
