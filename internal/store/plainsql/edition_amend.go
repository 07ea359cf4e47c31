package plainsql

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/edition"
)

// Amend keeps a paused edition's correction as one more variant, gives it to
// whoever still waits, and says how many those are.
func (s Editions) Amend(ctx context.Context, w edition.Week, a edition.Amendment) (e edition.Edition, waiting int64, err error) {
	amend := func(e edition.Edition) (edition.Edition, error) { return e.Amend(a.Build, a.By) }
	e, err = s.change(ctx, w, amend, func(tx Tx, id int64) error {
		if err := insertBuild(ctx, tx, id, a.Build, a.At); err != nil {
			return err
		}
		waiting, err = correct(ctx, tx, id, a)
		return err
	})
	return e, waiting, err
}

// correct keeps the corrected variants and gives each to those who wait for what it
// takes the place of.
func correct(ctx context.Context, tx Tx, id int64, a edition.Amendment) (waiting int64, err error) {
	v := edition.Variant{Message: a.Message, Sender: a.Sender}
	err = tx.QueryRow(ctx, `SELECT max(variant) + 1 FROM edition_frozen WHERE edition_id = $1`, id).Scan(&v.Number)
	if err != nil {
		return 0, err
	}
	first := v.Number
	corrections := append([]edition.Correction{{Variant: v}}, a.Cuts...)
	for i, c := range corrections {
		c.Number = first + i
		if err := InsertFrozen(ctx, tx, id, c.Variant); err != nil {
			return 0, err
		}
		for _, old := range c.For {
			n, err := tx.Exec(ctx, `
				UPDATE deliveries SET variant = $1
				WHERE edition_id = $2 AND variant = $3 AND state IN (`+Unsent+`)`, c.Number, id, old)
			if err != nil {
				return 0, fmt.Errorf("give variant %d to who waits: %w", c.Number, err)
			}
			waiting += n
		}
	}
	n, err := tx.Exec(ctx, `
		UPDATE deliveries SET variant = $1
		WHERE edition_id = $2 AND variant < $1 AND state IN (`+Unsent+`)`, first, id)
	if err != nil {
		return 0, fmt.Errorf("give variant %d to who waits: %w", first, err)
	}
	return waiting + n, nil
}
