package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// Reconcile takes over what the journal knows; see delivery.Settler.
func (d Deliveries) Reconcile(ctx context.Context, id int64, j delivery.JournalAccount, at time.Time) (n int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		for _, subscriber := range j.Readers {
			m, err := changed(tx.ExecContext(ctx, `
				UPDATE deliveries SET state = `+stateUnknown+`, dots = max(dots, 1), at = ?, reply = ?
				WHERE edition_id = ? AND subscriber_id = ? AND state IN (`+openStates+`)`,
				toMillis(at), padReply(delivery.ReplyRestored), id, subscriber))
			if err != nil {
				return err
			}
			n += m
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO send_journals (edition_id, node, seq) VALUES (?1, ?2, ?3)
			ON CONFLICT (edition_id, node) DO UPDATE SET seq = max(seq, ?3)`, id, j.Node, int64(j.Seq))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reconcile edition %d: %w", id, err)
	}
	return n, nil
}

// withdrawDeliveries takes a cancelled edition's readers out of the queue. The
// send ends with it, unless a sender still has messages whose end is on its way:
// then it ends when they are recorded. Twice does no harm.
func withdrawDeliveries(ctx context.Context, tx *sql.Tx, id int64, at time.Time) (int64, error) {
	n, err := changed(tx.ExecContext(ctx, `
		UPDATE deliveries SET state = `+stateSuppressed+`, at = ?
		WHERE edition_id = ? AND state IN (`+unsentStates+`)`, toMillis(at), id))
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE sends SET finished_at = ?1
		WHERE edition_id = ?2 AND finished_at = 0
		  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE edition_id = ?2 AND state = `+stateDotting+`)`, toMillis(at), id)
	return n, err
}
