package plainsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// Confirmation finds a link and changes nothing.
func (q SignUps) Confirmation(ctx context.Context, hash [32]byte) (c subscribers.Confirmation, err error) {
	err = q.db.Look(ctx, func(tx Tx) (err error) {
		c, err = confirmation(ctx, tx, hash)
		return err
	})
	return c, err
}

func confirmation(ctx context.Context, tx Tx, hash [32]byte) (c subscribers.Confirmation, err error) {
	var details string
	var expires, used int64
	row := tx.QueryRow(ctx, "SELECT "+SubscriberColumns+`, c.details, c.expires_at, c.used_at
		FROM confirmations c JOIN subscribers s ON s.id = c.subscriber_id
		WHERE c.token_sha256 = $1`, hash[:])
	c.Subscriber, err = column.Subscriber(row.Scan, &details, &expires, &used)
	if noRows(err) {
		return subscribers.Confirmation{}, subscribers.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal([]byte(details), &c.Details)
	}
	if err != nil {
		return subscribers.Confirmation{}, fmt.Errorf("read confirmation: %w", err)
	}
	c.ExpiresAt, c.UsedAt = column.Time(expires), column.Time(used)
	return c, nil
}

// Confirm uses a link.
func (q SignUps) Confirm(ctx context.Context, hash [32]byte, at time.Time) (subscribers.Subscriber, error) {
	// Most clicks on a dead link end here, without a lock.
	c, err := q.Confirmation(ctx, hash)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	a, err := subscribers.ParseAddress(c.Subscriber.Email)
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("confirm: %w", err)
	}
	err = q.db.Write(ctx, func(tx Tx) error {
		// The address and its reader are held before the link is looked at: of two
		// clicks at once the second finds it used.
		if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
			return err
		}
		if _, err := subscriberWhere(ctx, tx, "s.id = $1"+tx.Dialect().Hold, c.Subscriber.ID); err != nil {
			return err
		}
		if c, err = confirmation(ctx, tx, hash); err != nil {
			return err
		}
		if err := c.Check(at); err != nil {
			return err
		}
		if err := confirm(ctx, tx, a, c, at); err != nil {
			return err
		}
		c.Subscriber, err = heldSubscriber(ctx, tx, c.Subscriber.ID)
		return err
	})
	if errors.Is(err, subscribers.ErrUsed) || errors.Is(err, subscribers.ErrExpired) {
		return c.Subscriber, err
	}
	if err != nil {
		return subscribers.Subscriber{}, fmt.Errorf("confirm: %w", err)
	}
	return c.Subscriber, nil
}

func confirm(ctx context.Context, tx Tx, a subscribers.Address, c subscribers.Confirmation, at time.Time) error {
	if a.Email != c.Subscriber.Email {
		return subscribers.ErrNotFound // it moved to another address meanwhile
	}
	if err := activate(ctx, tx, c.Subscriber, c.Details, at); err != nil {
		return err
	}
	standing, err := SuppressionOf(ctx, tx, a)
	if err != nil {
		return err
	}
	if !standing.Reason.OutlivesConfirmation() {
		if err := deleteSuppression(ctx, tx, a); err != nil {
			return err
		}
	}
	mailbox := a.Throttle()
	if _, err := tx.Exec(ctx, "UPDATE confirmation_limits SET sent = 0, declined_at = 0 WHERE mailbox_sha256 = $1", mailbox[:]); err != nil {
		return fmt.Errorf("reset limits: %w", err)
	}
	if err := recordEvent(ctx, tx, c.Subscriber.ID, subscribers.EventConfirm, "", at); err != nil {
		return err
	}
	if err := tellReader(ctx, tx, outbox.Welcome{}, c.Subscriber, at); err != nil {
		return err
	}
	return countConfirmed(ctx, tx, a, at)
}
