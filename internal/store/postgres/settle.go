package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Reconcile takes over what the journal knows; see delivery.Settler.
func (d Deliveries) Reconcile(ctx context.Context, id int64, j delivery.JournalAccount, at time.Time) (n int64, err error) {
	ids := j.Readers
	if ids == nil {
		ids = []int64{}
	}
	err = d.db.inTx(ctx, func(tx pgx.Tx) (err error) {
		here, err := d.db.here(ctx, tx)
		if err == nil && j.Server != (journal.Server{}) && j.Server != here.seen() {
			err = fmt.Errorf("%w while the journal was compared with it", delivery.ErrServerMoved)
		}
		if err != nil {
			return err
		}
		n, err = run(ctx, tx, `
			UPDATE deliveries SET state = `+stateUnknown+`, dots = greatest(dots, 1), next_attempt = 0, at = $1, reply = $2
			WHERE edition_id = $3 AND subscriber_id = ANY ($4) AND state IN (`+plainsql.Open+`)`,
			column.Millis(at), delivery.ReplyRestored, id, ids)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO send_journals AS j (edition_id, node, seq, server) VALUES ($1, $2, $3, $4)
			ON CONFLICT (edition_id, node) DO UPDATE SET seq = greatest(j.seq, excluded.seq),
			    server = CASE WHEN excluded.seq > 0 OR cardinality($5::bigint[]) = 0 THEN excluded.server ELSE j.server END`, id, j.Node, int64(j.Seq), here.String(), ids)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reconcile edition %d: %w", id, err)
	}
	return n, nil
}

// withdrawReaders takes what is unsent of readers, none of whom may be mailed any
// more, out of the editions that are being sent; see delivery.State.Withdrawn.
func withdrawReaders(ctx context.Context, tx runner, ids []int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE deliveries SET state = `+stateSuppressed+`, next_attempt = 0
		WHERE edition_id = ANY (ARRAY(SELECT edition_id FROM sends WHERE finished_at = 0))
		  AND subscriber_id = ANY ($1) AND state IN (`+unsentStates+`)`, ids)
	if err != nil {
		return fmt.Errorf("withdraw deliveries: %w", err)
	}
	return nil
}
