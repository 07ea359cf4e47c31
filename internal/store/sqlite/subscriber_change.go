package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// Add adds an active subscriber, or makes a pending one active.
func (list Subscribers) Add(ctx context.Context, a subscribers.Address, d subscribers.Details, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		k, err := known(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := k.MayAdd(); err != nil {
			return err
		}
		id := k.Subscriber.ID
		if k.Found {
			err = activate(ctx, tx, k.Subscriber, d, at)
		} else {
			id, err = insertSubscriber(ctx, tx, a, subscribers.Active, d, at)
		}
		if err != nil {
			return err
		}
		if err := recordEvent(ctx, tx, id, subscribers.EventAdd, d.Source, at); err != nil {
			return err
		}
		s, err = subscriberByID(ctx, tx, id)
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

// saveSubscriber writes what may change of a subscriber but for the address.
// What is unsent to whoever may not be mailed any more leaves the running
// editions with it.
func saveSubscriber(ctx context.Context, tx *sql.Tx, s subscribers.Subscriber) error {
	_, err := tx.ExecContext(ctx, `UPDATE subscribers
		SET name = ?, status = ?, suppressed = ?, categories = ?, source = ?, confirmed_at = ?, left_at = ?,
			paused_until = ?
		WHERE id = ?`,
		s.Name, s.Status, s.Suppressed, subscribers.JoinCategories(s.Categories), s.Source, toMillis(s.ConfirmedAt), toMillis(s.UnsubscribedAt),
		toMillis(s.PausedUntil), s.ID)
	if err != nil {
		return fmt.Errorf("save subscriber: %w", err)
	}
	return withdrawReader(ctx, tx, s)
}

// Change saves what a reader chose.
func (list Subscribers) Change(ctx context.Context, id int64, change func(subscribers.Subscriber) (subscribers.Subscriber, error)) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		old, err := subscriberByID(ctx, tx, id)
		if err != nil {
			return err
		}
		chosen, err := change(old)
		if err != nil {
			return err
		}
		s = old
		s.Name, s.Categories, s.PausedUntil = chosen.Name, chosen.Categories, chosen.PausedUntil
		return saveSubscriber(ctx, tx, s)
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("change subscriber: %w", err)
	}
	return s, nil
}

// activate makes a subscriber active, and voids what else waits for them.
func activate(ctx context.Context, tx *sql.Tx, s subscribers.Subscriber, d subscribers.Details, at time.Time) error {
	if err := saveSubscriber(ctx, tx, s.Activate(d, at)); err != nil {
		return err
	}
	return voidConfirmations(ctx, tx, s.ID, at)
}

// voidConfirmations uses up every link of a subscriber and takes their waiting
// mails out of the outbox.
func voidConfirmations(ctx context.Context, tx *sql.Tx, id int64, at time.Time) error {
	if _, err := tx.ExecContext(ctx, "UPDATE confirmations SET used_at = ? WHERE subscriber_id = ? AND used_at = 0", toMillis(at), id); err != nil {
		return fmt.Errorf("void confirmation links: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE subscriber_id = ? AND state = ?", id, eventWaiting); err != nil {
		return fmt.Errorf("withdraw mails: %w", err)
	}
	return nil
}

// Leave unsubscribes; repeated, it keeps the first time.
func (list Subscribers) Leave(ctx context.Context, id int64, via string, goodbye bool, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.db.inTx(ctx, func(tx *sql.Tx) error {
		old, err := subscriberByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := voidConfirmations(ctx, tx, id, at); err != nil { // also a link asked for after leaving
			return err
		}
		if s = old.Leave(at); s.Status == old.Status {
			return nil
		}
		if goodbye && old.Mailable() {
			if err := tellReader(ctx, tx, outbox.Goodbye{}, s, at); err != nil {
				return err
			}
		}
		return leave(ctx, tx, s, via, at)
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("unsubscribe: %w", err)
	}
	return s, nil
}

// leave saves who left; voidConfirmations is the caller's.
func leave(ctx context.Context, tx *sql.Tx, s subscribers.Subscriber, via string, at time.Time) error {
	if err := saveSubscriber(ctx, tx, s); err != nil {
		return err
	}
	return recordEvent(ctx, tx, s.ID, subscribers.EventLeave, via, at)
}

func recordEvent(ctx context.Context, tx *sql.Tx, id int64, kind, detail string, at time.Time) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO subscriber_events (subscriber_id, at, kind, detail) VALUES (?, ?, ?, ?)",
		id, toMillis(at), kind, detail); err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	return nil
}
