package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Decline takes a sign-up back.
func (q SignUps) Decline(ctx context.Context, id int64, at time.Time) error {
	return wrap("decline a sign-up", q.db.Write(ctx, func(tx Tx) error { return decline(ctx, tx, id, at) }))
}

// decline takes sign-ups off the queue before it holds the address, as erase does.
func decline(ctx context.Context, tx Tx, id int64, at time.Time) error {
	sub, err := subscriberWhere(ctx, tx, "s.id = $1 AND "+OnList, id)
	if err != nil {
		return err
	}
	a, err := subscribers.ParseAddress(sub.Email)
	if err != nil {
		return err
	}
	if err := deleteSignUps(ctx, tx, a); err != nil {
		return err
	}
	if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
		return err
	}
	if sub, err = heldSubscriber(ctx, tx, id); err != nil {
		return err
	}
	d, err := sub.Decline()
	if err != nil {
		return err
	}
	if d.Erase {
		err = eraseSubscriber(ctx, tx, sub, at)
	} else if err = voidConfirmations(ctx, tx, id, at); err == nil {
		err = recordEvent(ctx, tx, id, subscribers.EventDecline, "", at)
	}
	if err != nil {
		return err
	}
	mailbox := a.Throttle()
	_, err = tx.Exec(ctx, `
		INSERT INTO confirmation_limits (mailbox_sha256, sent, last_at, declined_at) VALUES ($1, 0, 0, $2)
		ON CONFLICT (mailbox_sha256) DO UPDATE SET declined_at = excluded.declined_at`, mailbox[:], column.Millis(at))
	return wrap("keep the limit", err)
}

// deleteSignUps takes the sign-ups of an address off the queue, held ones too.
func deleteSignUps(ctx context.Context, tx Tx, a subscribers.Address) error {
	for _, table := range []string{"signups", "held_signups"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE lower(email) = $1", a.Key); err != nil {
			return fmt.Errorf("erase sign-ups: %w", err)
		}
	}
	return nil
}
