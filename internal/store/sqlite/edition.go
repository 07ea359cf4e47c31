package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

// Editions are the weeks' editions. What may happen to one is said by package
// edition; here it is kept, each change in one transaction.
type Editions struct{ db *DB }

var (
	_ edition.Store  = Editions{}
	_ edition.Keeper = Editions{}
)

// Editions gives the database's editions.
func (db *DB) Editions() Editions { return Editions{db} }

// A querier is a transaction or a pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Insert makes the edition of e.Week unless the week has one.
func (s Editions) Insert(ctx context.Context, e edition.Edition) (edition.Edition, bool, error) {
	if err := e.Insertable(); err != nil {
		return edition.Edition{}, false, err
	}
	var created bool
	err := s.db.inTx(ctx, func(tx *sql.Tx) error {
		var err error
		if created, err = insertEdition(ctx, tx, e); err != nil {
			return fmt.Errorf("insert edition %s: %w", e.Week, err)
		}
		e, err = editionOf(ctx, tx, e.Week)
		return err
	})
	if err != nil {
		return edition.Edition{}, false, err
	}
	return e, created, nil
}

func insertEdition(ctx context.Context, tx *sql.Tx, e edition.Edition) (created bool, err error) {
	var finished time.Time
	if e.State.Finished() {
		finished = e.CreatedAt
	}
	n, err := changed(tx.ExecContext(ctx, `
		INSERT INTO editions (week, state, slot, since, cutoff, created_at, finished_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (week) DO NOTHING`,
		e.Week.String(),
		string(e.State),
		toMillis(e.Slot),
		toMillis(e.Since),
		toMillis(e.Cutoff),
		toMillis(e.CreatedAt),
		toMillis(finished),
	))
	return n > 0, err
}

// Find gives the edition of a week.
func (s Editions) Find(ctx context.Context, w edition.Week) (edition.Edition, error) {
	var e edition.Edition
	err := s.db.readTx(ctx, func(tx *sql.Tx) error {
		var err error
		e, err = editionOf(ctx, tx, w)
		return err
	})
	return e, err
}

// List gives all editions, the oldest week first.
func (s Editions) List(ctx context.Context) ([]edition.Edition, error) {
	var list []edition.Edition
	err := s.db.readTx(ctx, func(tx *sql.Tx) error {
		var err error
		list, err = queryEditions(ctx, tx, "", nil)
		return err
	})
	return list, err
}
