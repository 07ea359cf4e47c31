package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

// AddSubscriber adds an active subscriber, or makes a pending one active.
func (db *DB) AddSubscriber(ctx context.Context, a subscribers.Address, d subscribers.Details, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		reason, err := suppressionOf(ctx, tx, a)
		if err != nil {
			return err
		}
		if reason != subscribers.NotSuppressed {
			return fmt.Errorf("%w: %s", subscribers.ErrSuppressed, reason)
		}
		old, err := subscriberWhere(ctx, tx, "s.email_key = ?", a.Key)
		switch {
		case errors.Is(err, subscribers.ErrNotFound):
			s.ID, err = insertSubscriber(ctx, tx, a, subscribers.Active, d, at)
		case err != nil:
		case old.Suppressed != subscribers.NotSuppressed:
			err = fmt.Errorf("%w: %s", subscribers.ErrSuppressed, old.Suppressed)
		case old.Status == subscribers.Active:
			err = subscribers.ErrExists
		case old.Status == subscribers.Unsubscribed:
			err = fmt.Errorf("%w, on %s", subscribers.ErrLeft, old.UnsubscribedAt.Format(time.DateOnly))
		default:
			s.ID, err = old.ID, activate(ctx, tx, old, d, at)
		}
		if err != nil {
			return err
		}
		if err := recordEvent(ctx, tx, s.ID, subscribers.EventAdd, d.Source, at); err != nil {
			return err
		}
		s, err = subscriberByID(ctx, tx, s.ID)
		return err
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("add subscriber: %w", err)
	}
	return s, nil
}

func insertSubscriber(ctx context.Context, tx *sql.Tx, a subscribers.Address, status subscribers.Status, d subscribers.Details, at time.Time) (int64, error) {
	token := subscribers.NewToken()
	res, err := tx.ExecContext(ctx, `INSERT INTO subscribers
		(email, email_key, address_hash, name, status, token, categories, source, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.Email, a.Key, a.Hash, d.Name, status, token[:], subscribers.JoinCategories(d.Categories), d.Source, toMillis(at))
	if err != nil {
		return 0, fmt.Errorf("insert subscriber: %w", err)
	}
	return res.LastInsertId()
}

// activate makes a subscriber active with what their sign-up said, and voids
// what else waits for them.
func activate(ctx context.Context, tx *sql.Tx, s subscribers.Subscriber, d subscribers.Details, at time.Time) error {
	name := d.Name
	if name == "" {
		name = s.Name
	}
	if _, err := tx.ExecContext(ctx, `UPDATE subscribers
		SET status = ?, name = ?, categories = ?, source = ?, confirmed_at = ?, left_at = 0
		WHERE id = ?`,
		subscribers.Active, name, subscribers.JoinCategories(d.Categories), d.Source, toMillis(at), s.ID); err != nil {
		return fmt.Errorf("activate subscriber: %w", err)
	}
	return voidConfirmations(ctx, tx, s.ID, at)
}

// voidConfirmations uses up every link of a subscriber and takes their waiting
// mails out of the outbox.
func voidConfirmations(ctx context.Context, tx *sql.Tx, id int64, at time.Time) error {
	if _, err := tx.ExecContext(ctx, "UPDATE confirmations SET used_at = ? WHERE subscriber_id = ? AND used_at = 0", toMillis(at), id); err != nil {
		return fmt.Errorf("void confirmation links: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE subscriber_id = ? AND state = 0", id); err != nil {
		return fmt.Errorf("withdraw mails: %w", err)
	}
	return nil
}

// LeaveSubscriber unsubscribes; repeated, it keeps the first time.
func (db *DB) LeaveSubscriber(ctx context.Context, id int64, via string, goodbye bool, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		var err error
		if s, err = subscriberByID(ctx, tx, id); err != nil {
			return err
		}
		if err := voidConfirmations(ctx, tx, id, at); err != nil { // also a link asked for after leaving
			return err
		}
		if s.Status == subscribers.Unsubscribed {
			return nil
		}
		if goodbye && s.Mailable() {
			if err := enqueueFor(ctx, tx, subscribers.MailGoodbye, s, "{}", at); err != nil {
				return err
			}
		}
		if err := leave(ctx, tx, id, via, at, at); err != nil {
			return err
		}
		s, err = subscriberByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("unsubscribe: %w", err)
	}
	return s, nil
}

// leave marks a subscriber as unsubscribed; voidConfirmations is the caller's.
// What is undelivered leaves the running editions by a trigger
// (0004_deliveries.sql), so that no way of leaving can forget it.
func leave(ctx context.Context, tx *sql.Tx, id int64, via string, left, at time.Time) error {
	if _, err := tx.ExecContext(ctx, "UPDATE subscribers SET status = ?, left_at = ? WHERE id = ?",
		subscribers.Unsubscribed, toMillis(left), id); err != nil {
		return fmt.Errorf("mark as unsubscribed: %w", err)
	}
	return recordEvent(ctx, tx, id, subscribers.EventLeave, via, at)
}

func recordEvent(ctx context.Context, tx *sql.Tx, id int64, kind, detail string, at time.Time) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO subscriber_events (subscriber_id, at, kind, detail) VALUES (?, ?, ?, ?)",
		id, toMillis(at), kind, detail); err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	return nil
}
