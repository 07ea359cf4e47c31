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
		v := edition.Variant{Message: a.Message, Sender: a.Sender}
		err := tx.QueryRow(ctx, `SELECT max(variant) + 1 FROM edition_frozen WHERE edition_id = $1`, id).Scan(&v.Number)
		if err != nil {
			return err
		}
		if err := InsertFrozen(ctx, tx, id, v); err != nil {
			return err
		}
		waiting, err = tx.Exec(ctx, `
			UPDATE deliveries SET variant = $1
			WHERE edition_id = $2 AND state IN (`+Unsent+`)`, v.Number, id)
		if err != nil {
			return fmt.Errorf("give variant %d to who waits: %w", v.Number, err)
		}
		return nil
	})
	return e, waiting, err
}
