package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Add adds an active subscriber, or makes a pending one active.
func (list Subscribers) Add(ctx context.Context, a subscribers.Address, d subscribers.Details, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		if err := holdAddresses(ctx, tx, a); err != nil {
			return err
		}
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
		s, err = heldSubscriber(ctx, tx, id)
		return err
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("add subscriber: %w", err)
	}
	return s, nil
}

func insertSubscriber(ctx context.Context, tx pgx.Tx, a subscribers.Address, status subscribers.Status, d subscribers.Details, at time.Time) (id int64, err error) {
	token := subscribers.NewToken()
	err = tx.QueryRow(ctx, `INSERT INTO subscribers
		(email, email_key, address_hash, name, status, token, categories, source, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		a.Email, a.Key, a.Hash, text(d.Name), int16(status), token[:], text(subscribers.JoinCategories(d.Categories)), text(d.Source), column.Millis(at)).
		Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert subscriber: %w", err)
	}
	return id, nil
}

// saveSubscriber writes what may change of a subscriber but for the address.
// What is undelivered to who may not be mailed any more leaves the running
// editions with it.
func saveSubscriber(ctx context.Context, tx pgx.Tx, s subscribers.Subscriber) error {
	if _, err := tx.Exec(ctx, saveSQL, saveArgs(s)...); err != nil {
		return fmt.Errorf("save subscriber: %w", err)
	}
	return withdrawReader(ctx, tx, s)
}

const saveSQL = `UPDATE subscribers
	SET name = $1, status = $2, suppressed = $3, categories = $4, source = $5, confirmed_at = $6, left_at = $7,
		paused_until = $8
	WHERE id = $9`

func saveArgs(s subscribers.Subscriber) []any {
	return []any{
		text(s.Name), int16(s.Status), int16(s.Suppressed), text(subscribers.JoinCategories(s.Categories)), text(s.Source),
		column.Millis(s.ConfirmedAt), column.Millis(s.UnsubscribedAt), column.Millis(s.PausedUntil), s.ID,
	}
}

// Change saves what a reader chose.
func (list Subscribers) Change(ctx context.Context, id int64, change func(subscribers.Subscriber) (subscribers.Subscriber, error)) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		old, err := heldSubscriber(ctx, tx, id)
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
func activate(ctx context.Context, tx pgx.Tx, s subscribers.Subscriber, d subscribers.Details, at time.Time) error {
	if err := saveSubscriber(ctx, tx, s.Activate(d, at)); err != nil {
		return err
	}
	return voidConfirmations(ctx, tx, s.ID, at)
}

// voidConfirmations uses up every link of a subscriber and takes their waiting
// mails out of the outbox. The subscriber is held.
func voidConfirmations(ctx context.Context, tx pgx.Tx, id int64, at time.Time) error {
	if _, err := tx.Exec(ctx, "UPDATE confirmations SET used_at = $1 WHERE subscriber_id = $2 AND used_at = 0", column.Millis(at), id); err != nil {
		return fmt.Errorf("void confirmation links: %w", err)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM outbox WHERE subscriber_id = $1 AND state = $2", id, eventWaiting); err != nil {
		return fmt.Errorf("withdraw mails: %w", err)
	}
	return nil
}

// Leave unsubscribes; repeated, it keeps the first time.
func (list Subscribers) Leave(ctx context.Context, id int64, via string, goodbye bool, at time.Time) (subscribers.Subscriber, error) {
	var s subscribers.Subscriber
	err := list.db.inTx(ctx, func(tx pgx.Tx) error {
		old, err := heldSubscriber(ctx, tx, id)
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
		if err := saveSubscriber(ctx, tx, s); err != nil {
			return err
		}
		return recordEvent(ctx, tx, s.ID, subscribers.EventLeave, via, at)
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("unsubscribe: %w", err)
	}
	return s, nil
}

func recordEvent(ctx context.Context, tx pgx.Tx, id int64, kind, detail string, at time.Time) error {
	return recordConsent(ctx, tx, id, kind, detail, "", at)
}

// recordConsent records an event with the wording that was agreed to.
func recordConsent(ctx context.Context, tx pgx.Tx, id int64, kind, detail, wording string, at time.Time) error {
	if _, err := tx.Exec(ctx, "INSERT INTO subscriber_events (subscriber_id, at, kind, detail, wording) VALUES ($1, $2, $3, $4, $5)",
		id, column.Millis(at), kind, text(detail), wording); err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	return nil
}
