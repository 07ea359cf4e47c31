package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/plainsql"
	"verdicts.example/digest/subscribers"
)

// Confirmation finds a link and changes nothing.
func (q SignUps) Confirmation(ctx context.Context, hash [32]byte) (subscribers.Confirmation, error) {
	return confirmation(ctx, q.db.r, hash)
}

func confirmation(ctx context.Context, from querier, hash [32]byte) (subscribers.Confirmation, error) {
	var c subscribers.Confirmation
	var details string
	var expires, used int64
	row := from.QueryRowContext(ctx, "SELECT "+subscriberColumns+`, c.details, c.expires_at, c.used_at
		FROM confirmations c JOIN subscribers s ON s.id = c.subscriber_id
		WHERE c.token_sha256 = ?`, hash[:])
	var err error
	c.Subscriber, err = scanSubscriber(row.Scan, &details, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return subscribers.Confirmation{}, subscribers.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal([]byte(details), &c.Details)
	}
	if err != nil {
		return subscribers.Confirmation{}, fmt.Errorf("read confirmation: %w", err)
	}
	c.ExpiresAt, c.UsedAt = fromMillis(expires), fromMillis(used)
	return c, nil
}

// Confirm uses a link.
func (q SignUps) Confirm(ctx context.Context, hash [32]byte, at time.Time) (subscribers.Subscriber, error) {
	// Most clicks on a dead link end here, without the writer.
	c, err := confirmation(ctx, q.db.r, hash)
	if err != nil {
		return subscribers.Subscriber{}, err
	}
	err = q.db.inTx(ctx, func(tx *sql.Tx) error {
		if c, err = confirmation(ctx, tx, hash); err != nil {
			return err
		}
		if err := c.Check(at); err != nil {
			return err
		}
		if err := confirm(ctx, tx, c, at); err != nil {
			return err
		}
		c.Subscriber, err = subscriberByID(ctx, tx, c.Subscriber.ID)
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

func confirm(ctx context.Context, tx *sql.Tx, c subscribers.Confirmation, at time.Time) error {
	a, err := subscribers.ParseAddress(c.Subscriber.Email)
	if err != nil {
		return err
	}
	if err := activate(ctx, tx, c.Subscriber, c.Details, at); err != nil {
		return err
	}
	standing, err := suppressionOf(ctx, tx, a)
	if err != nil {
		return err
	}
	if !standing.Reason.OutlivesConfirmation() {
		if err := deleteSuppression(ctx, tx, a); err != nil {
			return err
		}
	}
	mailbox := a.Throttle()
	if _, err := tx.ExecContext(ctx, "UPDATE confirmation_limits SET sent = 0 WHERE mailbox_sha256 = ?", mailbox[:]); err != nil {
		return fmt.Errorf("reset limits: %w", err)
	}
	if err := recordEvent(ctx, tx, c.Subscriber.ID, subscribers.EventConfirm, "", at); err != nil {
		return err
	}
	if err := tellReader(ctx, tx, outbox.Welcome{}, c.Subscriber, at); err != nil {
		return err
	}
	return plainsql.CountConfirmed(ctx, plainTx{tx}, a, at)
}
