package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/store/column"
)

// Unknown gives the deliveries of unknown outcome.
func (s Inbox) Unknown(ctx context.Context) (map[inbound.Delivery]bool, error) {
	rows, err := s.db.pool.Query(ctx, `
		SELECT e.week, d.subscriber_id
		FROM deliveries d JOIN editions e ON e.id = d.edition_id
		WHERE d.state = `+stateUnknown)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (d inbound.Delivery, err error) {
		return d, row.Scan(&d.Week, &d.Subscriber)
	})
	if err != nil {
		return nil, fmt.Errorf("read deliveries of unknown outcome: %w", s.db.fault(err))
	}
	out := make(map[inbound.Delivery]bool, len(list))
	for _, d := range list {
		out[d] = true
	}
	return out, nil
}

// Settle settles what a relay's log shows; see inbound.Settler.
func (s Inbox) Settle(ctx context.Context, list []inbound.Logged, at time.Time) (n int64, err error) {
	err = s.db.inTx(ctx, func(tx pgx.Tx) error {
		n = 0
		for _, x := range list {
			var id int64
			err := tx.QueryRow(ctx, `SELECT coalesce((SELECT id FROM editions WHERE week = $1), 0)`, x.Week).Scan(&id)
			if err != nil {
				return err
			}
			m, err := run(ctx, tx, `
				UPDATE deliveries SET state = `+stateAccepted+`, dots = greatest(dots, 1), fault = 0, at = $1, reply = $2
				WHERE edition_id = $3 AND subscriber_id = $4 AND state IN (`+stateUnknown+`, `+stateQueued+`)`,
				column.Millis(at), delivery.ReplyLogged(x.Queue, x.Words), id, x.Subscriber)
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

// settleReturned makes an unknown delivery accepted: what came back shows that a
// server had taken it.
func settleReturned(ctx context.Context, tx pgx.Tx, id int64, f inbound.Finding) (bool, error) {
	return settleAccepted(ctx, tx, id, f.Subscriber, delivery.ReplyReturned(string(f.Kind)), f.At)
}

// settleAccepted makes a delivery of unknown outcome accepted, and reports
// whether it was unknown.
func settleAccepted(ctx context.Context, tx pgx.Tx, id, subscriber int64, reply string, at time.Time) (bool, error) {
	n, err := run(ctx, tx, `
		UPDATE deliveries SET state = `+stateAccepted+`, fault = 0, at = $1, reply = $2
		WHERE edition_id = $3 AND subscriber_id = $4 AND state = `+stateUnknown, column.Millis(at), reply, id, subscriber)
	return n > 0, err
}
