package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
)

// Unknown gives the deliveries of unknown outcome.
func (s Inbox) Unknown(ctx context.Context) (map[inbound.Delivery]bool, error) {
	rows, err := s.db.r.QueryContext(ctx, `
		SELECT e.week, d.subscriber_id
		FROM deliveries d JOIN editions e ON e.id = d.edition_id
		WHERE d.state = `+stateUnknown)
	if err != nil {
		return nil, fmt.Errorf("read deliveries of unknown outcome: %w", fault(s.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	out := map[inbound.Delivery]bool{}
	for rows.Next() {
		var d inbound.Delivery
		if err := rows.Scan(&d.Week, &d.Subscriber); err != nil {
			return nil, fmt.Errorf("read deliveries of unknown outcome: %w", err)
		}
		out[d] = true
	}
	return out, rows.Err()
}

// Settle settles what a relay's log shows; see inbound.Settler.
func (s Inbox) Settle(ctx context.Context, list []inbound.Logged, at time.Time) (n int64, err error) {
	err = s.db.inTx(ctx, func(tx *sql.Tx) error {
		for _, x := range list {
			m, err := changed(tx.ExecContext(ctx, `
				UPDATE deliveries SET state = `+stateAccepted+`, dots = max(dots, 1), fault = 0, at = ?, reply = ?
				WHERE edition_id = (SELECT id FROM editions WHERE week = ?) AND subscriber_id = ? AND state IN (`+stateUnknown+`, `+stateQueued+`)`,
				toMillis(at), padReply(delivery.ReplyLogged(x.Queue, x.Words)), x.Week, x.Subscriber))
			if err != nil {
				return err
			}
			n += m
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("settle deliveries: %w", err)
	}
	return n, nil
}
