package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// SentTo gives the newest delivery to an address; see inbound.Store.
func (s Inbox) SentTo(ctx context.Context, address string, before time.Time) (d inbound.Delivery, ok bool, err error) {
	a, err := subscribers.ParseAddress(address)
	if err != nil {
		return d, false, nil // nobody on the list has such a one
	}
	err = s.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `
			SELECT e.week, d.subscriber_id
			FROM subscribers s
			CROSS JOIN sends n
			JOIN deliveries d ON d.edition_id = n.edition_id AND d.subscriber_id = s.id
			JOIN editions e ON e.id = n.edition_id
			WHERE s.email_key = $1 AND n.started_at <= $2
			ORDER BY n.started_at DESC, n.edition_id DESC LIMIT 1`, a.Key, column.Millis(before)).Scan(&d.Week, &d.Subscriber)
	})
	return d, err == nil, wrap("find a delivery by its address", unlessNone(err))
}

// Unknown gives the deliveries of unknown outcome.
func (s Inbox) Unknown(ctx context.Context) (map[inbound.Delivery]bool, error) {
	list, err := rowsOf(ctx, s.DB, "read deliveries of unknown outcome", func(row Rows) (d inbound.Delivery, err error) {
		return d, row.Scan(&d.Week, &d.Subscriber)
	}, `
		SELECT e.week, d.subscriber_id
		FROM deliveries d JOIN editions e ON e.id = d.edition_id
		WHERE d.state = `+Unknown)
	if err != nil {
		return nil, err
	}
	out := make(map[inbound.Delivery]bool, len(list))
	for _, d := range list {
		out[d] = true
	}
	return out, nil
}

// Settle settles what a relay's log shows; see inbound.Settler.
func (s Inbox) Settle(ctx context.Context, list []inbound.Logged, at time.Time) (n int64, err error) {
	err = s.Write(ctx, func(tx Tx) error {
		n = 0
		for _, x := range list {
			m, err := settleLogged(ctx, tx, x, at)
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

// settleLogged names the edition by its number, so that PostgreSQL looks at its
// partition alone.
func settleLogged(ctx context.Context, tx Tx, x inbound.Logged, at time.Time) (int64, error) {
	var id int64
	if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT id FROM editions WHERE week = $1), 0)`, x.Week).Scan(&id); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `
		UPDATE deliveries SET state = `+Accepted+`, dots = CASE WHEN dots > 1 THEN dots ELSE 1 END, fault = 0, at = $1, reply = $2
		WHERE edition_id = $3 AND subscriber_id = $4 AND state IN (`+Logged+`)`,
		column.Millis(at), tx.Dialect().Reply(delivery.ReplyLogged(x.Queue, x.Words)), id, x.Subscriber)
}
