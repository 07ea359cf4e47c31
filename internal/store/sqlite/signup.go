package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// SignUps are the database's sign-ups, until they are decided on and confirmed.
type SignUps struct{ db *DB }

var _ subscribers.SignUps = SignUps{}

// SignUps gives the sign-ups.
func (db *DB) SignUps() SignUps { return SignUps{db} }

// Decide takes sign-ups off the queue, and forgets what is long over.
func (q SignUps) Decide(ctx context.Context, b subscribers.Batch, begin func(subscribers.Traffic) *subscribers.Gate) (int, error) {
	if err := q.db.takeSpilled(ctx); err != nil {
		return 0, err
	}
	waits, err := plainsql.SignUpsWait(ctx, q.db.plain())
	if err != nil || !waits && !b.Always {
		return 0, err
	}
	queue, err := readSignUps(ctx, q.db.r, b.Limit)
	if err != nil {
		return 0, err
	}
	err = q.db.inTx(ctx, func(tx *sql.Tx) error {
		surge, err := plainsql.BeginSurgeBatch(ctx, plainTx{tx}, b.At, begin)
		if err != nil {
			return err
		}
		for _, row := range queue {
			n, err := changed(tx.ExecContext(ctx, "DELETE FROM signups WHERE id = ? AND email = ?", row.id, row.Address.Email))
			if err != nil {
				return err
			}
			if n == 0 {
				continue // another process was faster, or it was erased
			}
			if err := decideSignUp(ctx, tx, row.QueuedSignUp, surge, b.At); err != nil {
				return err
			}
		}
		err = surge.End(ctx, func(q subscribers.QueuedSignUp) error { return mailHeld(ctx, tx, q, b.At) })
		if err != nil || len(queue) == 0 {
			return err
		}
		return forget(ctx, tx, b.At)
	})
	if err != nil {
		return 0, fmt.Errorf("decide sign-ups: %w", err)
	}
	return len(queue), nil
}

// SurgeState tells how a surge stands; see plainsql.
func (q SignUps) SurgeState(ctx context.Context, at time.Time) (subscribers.SurgeState, error) {
	return plainsql.SurgeState(ctx, q.db.plain(), at)
}

type signUpRow struct {
	id int64
	subscribers.QueuedSignUp
}

func readSignUps(ctx context.Context, r *sql.DB, limit int) ([]signUpRow, error) {
	rows, err := r.QueryContext(ctx, "SELECT id, email, details, ip, at, wish FROM signups ORDER BY id LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("read sign-ups: %w", err)
	}
	defer rows.Close() // rows.Err says it
	var queue []signUpRow
	for rows.Next() {
		var r column.SignUp
		if err := rows.Scan(&r.ID, &r.Email, &r.Details, &r.IP, &r.At, &r.Wish); err != nil {
			return nil, fmt.Errorf("read sign-ups: %w", err)
		}
		q, err := r.SignUp()
		if err != nil {
			return nil, err
		}
		queue = append(queue, signUpRow{r.ID, q})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read sign-ups: %w", err)
	}
	return queue, nil
}

func decideSignUp(ctx context.Context, tx *sql.Tx, q subscribers.QueuedSignUp, surge *plainsql.SurgeBatch, at time.Time) error {
	c, err := signUpCase(ctx, tx, q)
	if err != nil {
		return err
	}
	return surge.Admit(ctx, c, func() error { return mailSignUp(ctx, tx, c, at) })
}

// mailHeld mails a sign-up that was held, if it is still due.
func mailHeld(ctx context.Context, tx *sql.Tx, q subscribers.QueuedSignUp, at time.Time) error {
	c, err := signUpCase(ctx, tx, q)
	if err != nil || !subscribers.Decide(c, at) {
		return err
	}
	return mailSignUp(ctx, tx, c, at)
}

// mailSignUp queues the mail that is due.
func mailSignUp(ctx context.Context, tx *sql.Tx, c subscribers.Case, at time.Time) (err error) {
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
	_, err = tx.ExecContext(ctx, "INSERT INTO subscriber_events (subscriber_id, at, kind, detail, wording) VALUES (?, ?, ?, ?, ?)",
		sub.ID, toMillis(q.At), subscribers.EventSignUp, q.Note(), q.Details.Wording)
	return err
}

// signUpCase gathers what the decision depends on.
func signUpCase(ctx context.Context, tx *sql.Tx, q subscribers.QueuedSignUp) (subscribers.Case, error) {
	k, err := known(ctx, tx, q.Address)
	if err != nil {
		return subscribers.Case{}, err
	}
	c := subscribers.Case{SignUp: q, Found: k.Found, Subscriber: k.Subscriber, Suppressed: k.Suppressed}
	mailbox := q.Address.Throttle()
	var last int64
	err = tx.QueryRowContext(ctx, "SELECT sent, last_at FROM confirmation_limits WHERE mailbox_sha256 = ?", mailbox[:]).Scan(&c.Sent, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("read limits: %w", err)
	}
	c.LastSent = fromMillis(last)
	err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM outbox WHERE dedupe = ?), EXISTS (SELECT 1 FROM held_signups WHERE mailbox_sha256 = ?)",
		outbox.ConfirmKey(q.Address.Email), mailbox[:]).Scan(&c.Waiting, &c.Held)
	if err != nil {
		return c, fmt.Errorf("look into the outbox: %w", err)
	}
	err = tx.QueryRowContext(ctx, "SELECT coalesce(max(created_at), 0) FROM outbox WHERE subscriber_id = ? AND kind = ?",
		c.Subscriber.ID, linkKind(q.Wish)).Scan(&last)
	if err != nil {
		return c, fmt.Errorf("look into the outbox: %w", err)
	}
	c.LastLink = fromMillis(last)
	return c, nil
}

// linkKind is the mail that answers a wish for links.
func linkKind(w subscribers.Wish) outbox.Kind {
	if w == subscribers.WishLinks {
		return outbox.KindLinks
	}
	return outbox.KindLeaveLink
}

// forget removes links that expired long ago, mails that were done with long
// ago, and sign-ups that were never confirmed.
func forget(ctx context.Context, tx *sql.Tx, at time.Time) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM confirmations WHERE expires_at < ?", toMillis(at.Add(-subscribers.ConfirmKept))); err != nil {
		return fmt.Errorf("forget links: %w", err)
	}
	if err := forgetEvents(ctx, tx, at); err != nil {
		return err
	}
	return forgetPending(ctx, tx, at)
}

// forgetPending removes who signed up and has not confirmed for long. Their
// limits stay. A number is not given twice: the last one stays until another came.
func forgetPending(ctx context.Context, tx *sql.Tx, at time.Time) error {
	before := toMillis(at.Add(-subscribers.PendingFor))
	if _, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS temp.unconfirmed"); err != nil {
		return fmt.Errorf("forget sign-ups: %w", err)
	}
	pending := strconv.Itoa(int(subscribers.Pending)) // in the text, so that the index on it fits
	_, err := tx.ExecContext(ctx, `
		CREATE TEMP TABLE unconfirmed AS
		SELECT id FROM subscribers INDEXED BY subscribers_pending
		WHERE status = `+pending+` AND created_at < ?1 AND id < (SELECT max(id) FROM subscribers)
			AND (SELECT max(at) FROM subscriber_events e WHERE e.subscriber_id = subscribers.id AND e.kind = ?2) < ?1
		LIMIT 1000`, before, subscribers.EventSignUp)
	if err != nil {
		return fmt.Errorf("forget sign-ups: %w", err)
	}
	for _, table := range []string{"confirmations", "outbox", "subscriber_events", "fresh_links"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE subscriber_id IN (SELECT id FROM temp.unconfirmed)"); err != nil {
			return fmt.Errorf("forget sign-ups' %s: %w", table, err)
		}
	}
	for _, statement := range []string{"DELETE FROM subscribers WHERE id IN (SELECT id FROM temp.unconfirmed)", "DROP TABLE temp.unconfirmed"} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("forget sign-ups: %w", err)
		}
	}
	return nil
}

// KeepWording keeps a text that readers agree to.
func (q SignUps) KeepWording(ctx context.Context, version, text string, at time.Time) error {
	err := q.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO wordings (version, text, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", version, text, toMillis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep wording: %w", err)
	}
	return nil
}

// WordingText gives a text.
func (q SignUps) WordingText(ctx context.Context, version string) (string, error) {
	var text string
	err := q.db.r.QueryRowContext(ctx, "SELECT text FROM wordings WHERE version = ?", version).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("%w: no wording %s", subscribers.ErrNotFound, version)
	}
	if err != nil {
		return "", fmt.Errorf("read wording: %w", err)
	}
	return text, nil
}
