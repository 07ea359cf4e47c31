package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/store/plainsql"
)

// healCancelled ends the sends of cancelled editions that have not ended: an
// earlier version cancelled in two transactions, and a sender may have died with
// messages on their way. Those are unknown, once no sender holds the lease.
func (db *DB) healCancelled(ctx context.Context, at time.Time) error {
	ids, err := db.cancelledOpen(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	err = db.inTxSoon(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if err := endCancelled(ctx, tx, id, at); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrBusy) {
		return nil // the next one to open it does it
	}
	if err != nil {
		return fmt.Errorf("end the sends of cancelled editions: %w", err)
	}
	return nil
}

func endCancelled(ctx context.Context, tx *sql.Tx, id int64, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE deliveries SET state = `+stateUnknown+`, at = ?1
		WHERE edition_id = ?2 AND state = `+stateDotting+`
		  AND NOT EXISTS (SELECT 1 FROM send_leases WHERE edition_id = ?2 AND expires_at > ?1)`, toMillis(at), id)
	if err != nil {
		return err
	}
	_, err = plainsql.Withdraw(ctx, plainTx{tx}, id, at)
	return err
}

// cancelledOpen gives the cancelled editions whose send has not ended.
func (db *DB) cancelledOpen(ctx context.Context) ([]int64, error) {
	return queryIDs(ctx, db.r, `
		SELECT s.edition_id
		FROM sends s JOIN editions e ON e.id = s.edition_id
		WHERE s.finished_at = 0 AND e.state = 'cancelled'`)
}
