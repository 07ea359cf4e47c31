package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Add adds an active subscriber, or makes a pending one active.
func (s Subscribers) Add(ctx context.Context, a subscribers.Address, d subscribers.Details, at time.Time) (added subscribers.Subscriber, err error) {
	var refused error // which says all that there is to say
	err = s.db.Write(ctx, func(tx Tx) error {
		k, err := heldAddress(ctx, tx, a)
		if err != nil {
			return err
		}
		if refused = k.MayAdd(); refused != nil {
			return refused
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
		added, err = heldSubscriber(ctx, tx, id)
		return err
	})
	if err != nil && refused == nil {
		err = fmt.Errorf("add subscriber: %w", err)
	}
	return added, err
}

// heldAddress holds an address and gives what is known of it.
func heldAddress(ctx context.Context, tx Tx, a subscribers.Address) (subscribers.Known, error) {
	if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
		return subscribers.Known{}, err
	}
	return known(ctx, tx, a)
}

func insertSubscriber(ctx context.Context, tx Tx, a subscribers.Address, status subscribers.Status, d subscribers.Details, at time.Time) (id int64, err error) {
	token := subscribers.NewToken()
	err = tx.QueryRow(ctx, `INSERT INTO subscribers
		(email, email_key, address_hash, name, status, token, categories, source, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		a.Email, a.Key, a.Hash, d.Name, int(status), token[:], subscribers.JoinCategories(d.Categories), d.Source, column.Millis(at)).
		Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert subscriber: %w", err)
	}
	return id, nil
}

// SaveSubscriber writes what may change of a subscriber but for the address.
// What is unsent to whoever may not be mailed any more leaves the running
// editions with it.
func SaveSubscriber(ctx context.Context, tx Tx, s subscribers.Subscriber) error {
	if _, err := tx.Exec(ctx, SaveSQL, SaveArgs(s)...); err != nil {
		return fmt.Errorf("save subscriber: %w", err)
	}
	if s.Mailable() {
		return nil
	}
	return tx.Dialect().WithdrawReaders(ctx, tx, []int64{s.ID})
}

// SaveSQL, with SaveArgs, is SaveSubscriber for whoever may be mailed.
const SaveSQL = `UPDATE subscribers
	SET name = $1, status = $2, suppressed = $3, categories = $4, source = $5, confirmed_at = $6, left_at = $7,
		paused_until = $8
	WHERE id = $9`

// SaveArgs are the arguments of SaveSQL.
func SaveArgs(s subscribers.Subscriber) []any {
	return []any{
		s.Name, int(s.Status), int(s.Suppressed), subscribers.JoinCategories(s.Categories), s.Source,
		column.Millis(s.ConfirmedAt), column.Millis(s.UnsubscribedAt), column.Millis(s.PausedUntil), s.ID,
	}
}

// Change saves what a reader chose.
func (s Subscribers) Change(ctx context.Context, id int64, change func(subscribers.Subscriber) (subscribers.Subscriber, error)) (changed subscribers.Subscriber, err error) {
	err = s.db.Write(ctx, func(tx Tx) error {
		old, err := heldSubscriber(ctx, tx, id)
		if err != nil {
			return err
		}
		chosen, err := change(old)
		if err != nil {
			return err
		}
		changed = old.Choose(chosen)
		return SaveSubscriber(ctx, tx, changed)
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("change subscriber: %w", err)
	}
	return changed, nil
}

// activate makes a subscriber active, and voids what else waits for them.
func activate(ctx context.Context, tx Tx, s subscribers.Subscriber, d subscribers.Details, at time.Time) error {
	if err := SaveSubscriber(ctx, tx, s.Activate(d, at)); err != nil {
		return err
	}
	return voidConfirmations(ctx, tx, s.ID, at)
}

// voidConfirmations uses up every link of a subscriber and takes their waiting
// mails out of the outbox. The subscriber is held.
func voidConfirmations(ctx context.Context, tx Tx, id int64, at time.Time) error {
	return voidBut(ctx, tx, id, "", at)
}

// voidBut is voidConfirmations but for one kind of mail.
func voidBut(ctx context.Context, tx Tx, id int64, but outbox.Kind, at time.Time) error {
	if _, err := tx.Exec(ctx, "UPDATE confirmations SET used_at = $1 WHERE subscriber_id = $2 AND used_at = 0", column.Millis(at), id); err != nil {
		return fmt.Errorf("void confirmation links: %w", err)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM outbox WHERE subscriber_id = $1 AND state = $2 AND kind <> $3", id, eventWaiting, string(but)); err != nil {
		return fmt.Errorf("withdraw mails: %w", err)
	}
	return nil
}

// Leave unsubscribes; repeated, it keeps the first time.
func (s Subscribers) Leave(ctx context.Context, id int64, via string, goodbye bool, at time.Time) (left subscribers.Subscriber, err error) {
	err = s.db.Write(ctx, func(tx Tx) error {
		old, err := heldSubscriber(ctx, tx, id)
		if err != nil {
			return err
		}
		if left = old.Leave(at); left.Status == old.Status {
			return voidBut(ctx, tx, id, outbox.KindGoodbye, at) // a link asked for after leaving
		}
		if err := voidConfirmations(ctx, tx, id, at); err != nil {
			return err
		}
		if goodbye && old.Mailable() {
			if err := tellReader(ctx, tx, outbox.Goodbye{}, left, at); err != nil {
				return err
			}
		}
		if err := SaveSubscriber(ctx, tx, left); err != nil {
			return err
		}
		return recordEvent(ctx, tx, left.ID, subscribers.EventLeave, via, at)
	})
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("unsubscribe: %w", err)
	}
	return left, nil
}

func recordEvent(ctx context.Context, tx Tx, id int64, kind, detail string, at time.Time) error {
	return recordConsent(ctx, tx, id, kind, detail, "", at)
}

// recordConsent records an event with the wording that was agreed to.
func recordConsent(ctx context.Context, tx Tx, id int64, kind, detail, wording string, at time.Time) error {
	if _, err := tx.Exec(ctx, "INSERT INTO subscriber_events (subscriber_id, at, kind, detail, wording) VALUES ($1, $2, $3, $4, $5)",
		id, column.Millis(at), kind, detail, wording); err != nil {
		return fmt.Errorf("record %s: %w", kind, err)
	}
	return nil
}
