package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"verdicts.example/digest/subscribers"
)

// withdrawReader takes what is unsent of a reader's out of the editions that are
// being sent, when the reader may not be mailed any more. Whatever writes a
// reader's status or suppression calls it in its transaction; see
// delivery.State.Withdrawn.
func withdrawReader(ctx context.Context, tx *sql.Tx, s subscribers.Subscriber) error {
	if s.Mailable() {
		return nil
	}
	return withdrawFrom(ctx, tx, `subscriber_id = ?`, s.ID)
}

// withdrawFrom is withdrawReader for a condition on deliveries.
func withdrawFrom(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE deliveries SET state = `+stateSuppressed+`
		WHERE edition_id IN (SELECT edition_id FROM sends WHERE finished_at = 0)
		  AND state IN (`+unsentStates+`) AND `+where, args...)
	if err != nil {
		return fmt.Errorf("withdraw deliveries: %w", err)
	}
	return nil
}
