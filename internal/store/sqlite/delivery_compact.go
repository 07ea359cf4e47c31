package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/plainsql"
)

// Compact drops the accepted and suppressed deliveries of every
// edition whose send ended before then, with what they were told of saved
// comparisons, and keeps their counts. The pages are
// used for the next edition; the file does not shrink.
func (d Deliveries) Compact(ctx context.Context, before, at time.Time) (dropped int64, err error) {
	ids, err := d.compactable(ctx, before)
	if err != nil {
		return 0, fmt.Errorf("compact deliveries: %w", err)
	}
	for _, id := range ids {
		n, err := d.compactSend(ctx, id, at)
		dropped += n
		if err != nil {
			return dropped, fmt.Errorf("compact deliveries of edition %d: %w", id, err)
		}
	}
	return dropped, nil
}

func (d Deliveries) compactable(ctx context.Context, before time.Time) ([]int64, error) {
	return queryIDs(ctx, d.db.r, `
		SELECT edition_id FROM sends
		WHERE finished_at > 0 AND finished_at < ? AND compacted_at = 0`, toMillis(before))
}

func (d Deliveries) compactSend(ctx context.Context, id int64, at time.Time) (dropped int64, err error) {
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `
			UPDATE sends SET compacted_at = ? WHERE edition_id = ? AND finished_at > 0`, toMillis(at), id))
		if err != nil {
			return err
		}
		if n == 0 {
			return delivery.ErrNotCompactable // reopened by a resolve meanwhile
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO send_totals (edition_id, state, relay, deliveries)
			SELECT edition_id, state, relay, count(*) FROM deliveries
			WHERE edition_id = ? AND state IN (`+droppedStates+`) GROUP BY state, relay
			ON CONFLICT (edition_id, state, relay) DO UPDATE SET deliveries = deliveries + excluded.deliveries`, id)
		if err != nil {
			return err
		}
		dropped, err = changed(tx.ExecContext(ctx, `
			DELETE FROM deliveries WHERE edition_id = ? AND state IN (`+droppedStates+`)`, id))
		if err != nil {
			return err
		}
		return plainsql.DropLines(ctx, plainTx{tx}, id)
	})
	return dropped, err
}
