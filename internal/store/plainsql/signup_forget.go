package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// forget removes links that expired long ago, mails that were done with long
// ago, and sign-ups that were never confirmed.
func forget(ctx context.Context, tx Tx, at time.Time) error {
	if _, err := tx.Exec(ctx, "DELETE FROM confirmations WHERE expires_at < $1", column.Millis(at.Add(-subscribers.ConfirmKept))); err != nil {
		return fmt.Errorf("forget links: %w", err)
	}
	if err := forgetEvents(ctx, tx, at); err != nil {
		return err
	}
	return wrap("forget sign-ups", forgetPending(ctx, tx, at))
}

// forgetPending removes whom subscribers.Forgotten names. Their limits stay.
func forgetPending(ctx context.Context, tx Tx, at time.Time) error {
	pending, err := longPending(ctx, tx, subscribers.ForgetAskedBefore(at))
	if err != nil {
		return err
	}
	ids := subscribers.Forgotten(pending, at)
	if len(ids) == 0 {
		return nil
	}
	list, err := tx.Dialect().List(ids)
	if err != nil {
		return err
	}
	for _, table := range []string{"confirmations", "outbox", "subscriber_events", "fresh_links"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE "+tx.Dialect().Among("subscriber_id", "$1"), list); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	_, err = tx.Exec(ctx, "DELETE FROM subscribers WHERE "+tx.Dialect().Among("id", "$1"), list)
	return err
}

// longPending gives who is pending and signed up last before a time, the oldest
// first; not the last one on the list, whose number would be given again.
func longPending(ctx context.Context, tx Tx, before time.Time) (pending []subscribers.PendingReader, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var p subscribers.PendingReader
		var asked int64
		err := rows.Scan(&p.ID, &asked)
		p.AskedAt = column.Time(asked)
		pending = append(pending, p)
		return err
	}, `
		SELECT id, (SELECT max(at) FROM subscriber_events e WHERE e.subscriber_id = s.id AND e.kind = $1)
		FROM subscribers s
		WHERE status = `+StatusPending+` AND created_at < $2 AND id < (SELECT max(id) FROM subscribers)
		  AND (SELECT max(at) FROM subscriber_events e WHERE e.subscriber_id = s.id AND e.kind = $1) < $2
		ORDER BY created_at LIMIT $3`+tx.Dialect().HoldFree, subscribers.EventSignUp, column.Millis(before), subscribers.ForgetMost)
	return pending, err
}
