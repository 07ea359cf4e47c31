package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// SignUps are the database's sign-ups, until they are decided on and confirmed.
type SignUps struct{ db DB }

// SignUps gives the sign-ups.
func (db DB) SignUps() SignUps { return SignUps{db} }

// Decide takes sign-ups off the queue, and forgets what is long over. Several
// nodes decide at once, each on others; what each counts at the same moment, the
// others' gates do not know yet.
func (q SignUps) Decide(ctx context.Context, b subscribers.Batch, begin func(subscribers.Traffic) *subscribers.Gate) (n int, err error) {
	waits, err := signUpsWait(ctx, q.db)
	if err != nil || !waits && !b.Always {
		return 0, err
	}
	err = q.db.Write(ctx, func(tx Tx) (err error) {
		n, err = decideBatch(ctx, tx, b, begin)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("decide sign-ups: %w", err)
	}
	return n, nil
}

func decideBatch(ctx context.Context, tx Tx, b subscribers.Batch, begin func(subscribers.Traffic) *subscribers.Gate) (int, error) {
	queue, err := takeSignUps(ctx, tx, b.Limit)
	if err != nil {
		return 0, err
	}
	addresses := make([]subscribers.Address, len(queue))
	for i, s := range queue {
		addresses[i] = s.Address
	}
	if err := tx.Dialect().HoldAddress(ctx, tx, addresses...); err != nil {
		return 0, err
	}
	surge, err := beginSurgeBatch(ctx, tx, b.At, begin)
	if err != nil {
		return 0, err
	}
	for _, s := range queue {
		c, err := signUpCase(ctx, tx, s)
		if err != nil {
			return 0, err
		}
		if err := surge.admit(ctx, c, func() error { return mailSignUp(ctx, tx, c, b.At) }); err != nil {
			return 0, err
		}
	}
	err = surge.end(ctx, func(q subscribers.QueuedSignUp) error { return mailHeld(ctx, tx, q, b.At) })
	if err != nil || len(queue) == 0 {
		return 0, err
	}
	return len(queue), forget(ctx, tx, b.At)
}

// takeSignUps takes the oldest sign-ups off the queue that no other node is
// deciding on.
func takeSignUps(ctx context.Context, tx Tx, limit int) (queue []subscribers.QueuedSignUp, err error) {
	var ids []int64
	err = each(ctx, tx, func(rows Rows) error {
		var r column.SignUp
		if err := rows.Scan(&r.ID, &r.Email, &r.Details, &r.IP, &r.At, &r.Wish); err != nil {
			return err
		}
		q, err := r.SignUp()
		ids, queue = append(ids, r.ID), append(queue, q)
		return err
	}, "SELECT id, email, details, ip, at, wish FROM signups ORDER BY id LIMIT $1"+tx.Dialect().HoldFree, limit)
	if err != nil || len(ids) == 0 {
		return nil, wrap("read sign-ups", err)
	}
	list, err := tx.Dialect().List(ids)
	if err == nil {
		_, err = tx.Exec(ctx, "DELETE FROM signups WHERE "+tx.Dialect().Among("id", "$1"), list)
	}
	return queue, wrap("take sign-ups", err)
}

// mailHeld mails a sign-up that was held, if it is still due.
func mailHeld(ctx context.Context, tx Tx, q subscribers.QueuedSignUp, at time.Time) error {
	if err := tx.Dialect().HoldAddress(ctx, tx, q.Address); err != nil {
		return err
	}
	c, err := signUpCase(ctx, tx, q)
	if err != nil || !subscribers.Decide(c, at) {
		return err
	}
	return mailSignUp(ctx, tx, c, at)
}

// mailSignUp queues the mail that is due.
func mailSignUp(ctx context.Context, tx Tx, c subscribers.Case, at time.Time) (err error) {
	sub, q := c.Subscriber, c.SignUp
	switch q.Wish {
	case subscribers.WishLeave:
		return tellReader(ctx, tx, outbox.LeaveLink{}, sub, at)
	case subscribers.WishLinks:
		return tellReader(ctx, tx, outbox.ReaderLinks{Page: q.Details.Page}, sub, at)
	}
	if !c.Found {
		if sub.ID, err = insertSubscriber(ctx, tx, q.Address, subscribers.Pending, q.Details, q.At); err != nil {
			return err
		}
		sub.Email = q.Address.Email
	}
	if err := tellReader(ctx, tx, outbox.Confirm{Details: q.Details}, sub, at); err != nil {
		return err
	}
	return recordConsent(ctx, tx, sub.ID, subscribers.EventSignUp, q.Note(), q.Details.Wording, q.At)
}

// signUpCase gathers what the decision depends on.
func signUpCase(ctx context.Context, tx Tx, q subscribers.QueuedSignUp) (subscribers.Case, error) {
	k, err := known(ctx, tx, q.Address)
	if err != nil {
		return subscribers.Case{}, err
	}
	c := subscribers.Case{SignUp: q, Found: k.Found, Subscriber: k.Subscriber, Suppressed: k.Suppressed}
	mailbox := q.Address.Throttle()
	var last, declined int64
	err = tx.QueryRow(ctx, "SELECT sent, last_at, declined_at FROM confirmation_limits WHERE mailbox_sha256 = $1", mailbox[:]).Scan(&c.Sent, &last, &declined)
	if err := unlessNone(err); err != nil {
		return c, fmt.Errorf("read limits: %w", err)
	}
	c.LastSent, c.Declined = column.Time(last), column.Time(declined)
	err = tx.QueryRow(ctx, `SELECT
		EXISTS (SELECT 1 FROM outbox WHERE dedupe = $1),
		EXISTS (SELECT 1 FROM held_signups WHERE mailbox_sha256 = $2),
		(SELECT coalesce(max(created_at), 0) FROM outbox WHERE subscriber_id = $3 AND kind = $4)`,
		outbox.ConfirmKey(q.Address.Email), mailbox[:], c.Subscriber.ID, string(outbox.LinkKind(q.Wish))).Scan(&c.Waiting, &c.Held, &last)
	if err != nil {
		return c, fmt.Errorf("look into the outbox: %w", err)
	}
	c.LastLink = column.Time(last)
	return c, nil
}

// KeepWording keeps a text that readers agree to.
func (q SignUps) KeepWording(ctx context.Context, version, text string, at time.Time) error {
	err := q.db.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO wordings (version, text, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", version, text, column.Millis(at))
		return err
	})
	return wrap("keep wording", err)
}

// WordingText gives a text.
func (q SignUps) WordingText(ctx context.Context, version string) (text string, err error) {
	err = q.db.Look(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, "SELECT text FROM wordings WHERE version = $1", version).Scan(&text)
	})
	if noRows(err) {
		return "", fmt.Errorf("%w: no wording %s", subscribers.ErrNotFound, version)
	}
	return text, wrap("read wording", err)
}
