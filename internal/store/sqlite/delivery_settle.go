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
