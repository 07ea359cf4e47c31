package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// Editions are the weeks' editions. What may happen to one is said by package
// edition; here it is kept, each change in one transaction.
type Editions struct{ DB }

var (
	_ edition.Store      = Editions{}
	_ edition.Transactor = Editions{}
	_ edition.Keeper     = Editions{}
)

// Insert makes the edition of e.Week unless the week has one.
func (s Editions) Insert(ctx context.Context, e edition.Edition) (edition.Edition, bool, error) {
	if err := e.Insertable(); err != nil {
		return edition.Edition{}, false, err
	}
	var created bool
	err := s.Write(ctx, func(tx Tx) error {
		var err error
		if created, err = InsertEdition(ctx, tx, e); err != nil {
			return fmt.Errorf("insert edition %s: %w", e.Week, err)
		}
		e, err = EditionOf(ctx, tx, e.Week)
		return err
	})
	if err != nil {
		return edition.Edition{}, false, err
	}
	return e, created, nil
}

// InsertEdition makes the edition of e.Week unless the week has one.
func InsertEdition(ctx context.Context, tx Tx, e edition.Edition) (created bool, err error) {
	var finished time.Time
	if e.State.Finished() {
		finished = e.CreatedAt
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO editions (week, state, slot, since, cutoff, created_at, finished_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (week) DO NOTHING`,
		e.Week.String(),
		string(e.State),
		column.Millis(e.Slot),
		column.Millis(e.Since),
		column.Millis(e.Cutoff),
		column.Millis(e.CreatedAt),
		column.Millis(finished),
	)
	return n > 0, err
}

// Find gives the edition of a week.
func (s Editions) Find(ctx context.Context, w edition.Week) (edition.Edition, error) {
	var e edition.Edition
	err := s.Read(ctx, func(tx Tx) error {
		var err error
		e, err = EditionOf(ctx, tx, w)
		return err
	})
	return e, err
}

// List gives all editions, the oldest week first.
func (s Editions) List(ctx context.Context) ([]edition.Edition, error) {
	var list []edition.Edition
	err := s.Read(ctx, func(tx Tx) error {
		var err error
		list, err = queryEditions(ctx, tx, "", nil, "")
		return err
	})
	return list, err
}
