package plainsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// ComposeConfirm makes the link for the confirmation mail that waits for a
// subscriber: it returns the token for the mail and keeps its hash. Each attempt
// at the mail has a link of its own, and every one of them works, because an
// attempt that seemed to fail may have arrived. It fails with ErrNotFound when
// the mail was withdrawn in the meantime, as when its reader left.
func (o Outbox) ComposeConfirm(ctx context.Context, subscriberID int64, at time.Time) (string, error) {
	token := subscribers.NewToken()
	err := o.db.Write(ctx, func(tx Tx) error { return keepConfirmation(ctx, tx, token.Hash(), subscriberID, at) })
	if err != nil {
		return "", fmt.Errorf("compose confirmation: %w", err)
	}
	return token.String(), nil
}

// keepConfirmation holds the subscriber: whoever leaves does so, too, and voids
// their links; one that is made meanwhile would not be among them.
func keepConfirmation(ctx context.Context, tx Tx, hash [32]byte, subscriberID int64, at time.Time) error {
	if _, err := heldSubscriber(ctx, tx, subscriberID); err != nil {
		return err
	}
	var version int
	var data []byte
	err := tx.QueryRow(ctx, `SELECT version, data FROM outbox WHERE subscriber_id = $1 AND kind = $2 AND state = $3`,
		subscriberID, string(outbox.KindConfirm), eventWaiting).Scan(&version, &data)
	if noRows(err) {
		return fmt.Errorf("%w: the confirmation was withdrawn", subscribers.ErrNotFound)
	}
	if err != nil {
		return err
	}
	details, err := outbox.ConfirmDetails(version, data)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO confirmations (token_sha256, subscriber_id, details, expires_at) VALUES ($1, $2, $3, $4)`,
		hash[:], subscriberID, details, column.Millis(at.Add(subscribers.ConfirmFor)))
	return err
}

// countConfirmation counts a confirmation that a server took, for the limits of
// its mailbox.
func countConfirmation(ctx context.Context, tx Tx, email string, at time.Time) error {
	a, err := subscribers.ParseAddress(email)
	if err != nil {
		return errors.Join(errors.New("count confirmation"), err)
	}
	mailbox := a.Throttle()
	_, err = tx.Exec(ctx, `
		INSERT INTO confirmation_limits AS l (mailbox_sha256, sent, last_at) VALUES ($1, 1, $2)
		ON CONFLICT (mailbox_sha256) DO UPDATE SET sent = l.sent + 1, last_at = excluded.last_at`, mailbox[:], column.Millis(at))
	if err != nil {
		return fmt.Errorf("count confirmation: %w", err)
	}
	return nil
}

// ComposeFreshLink makes the link of an event that waits, and gives its token.
// Each attempt at the mail has a link of its own.
func (o Outbox) ComposeFreshLink(ctx context.Context, e outbox.Event, p subscribers.Purpose, at time.Time) (string, error) {
	token := subscribers.NewToken()
	hash := token.Hash()
	err := o.db.Write(ctx, func(tx Tx) error {
		n, err := tx.Exec(ctx, `
			INSERT INTO fresh_links (token_sha256, subscriber_id, purpose, address, expires_at)
			SELECT $1, subscriber_id, $2, recipient, $3 FROM outbox WHERE id = $4 AND state = $5`,
			hash[:], string(p), column.Millis(at.Add(subscribers.FreshFor)), e.ID, eventWaiting)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: the link was withdrawn", subscribers.ErrNotFound)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose link: %w", err)
	}
	return token.String(), nil
}

// ComposeLogin makes the link of an event that waits, and gives its token. Each
// attempt at the mail has a link of its own. An ask that is too old gets none.
func (o Outbox) ComposeLogin(ctx context.Context, e outbox.Event, next string, at time.Time) (string, error) {
	if editors.Stale(e.CreatedAt, at) {
		return "", fmt.Errorf("compose a login link: %w: it was asked for too long ago", outbox.ErrWithdrawn)
	}
	token := editors.NewToken()
	hash := token.Hash()
	err := o.db.Write(ctx, func(tx Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM desk_logins WHERE expires_at < $1", column.Millis(at.Add(-editors.AskEvery))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO desk_logins (token_sha256, editor, next, expires_at) VALUES ($1, $2, $3, $4)",
			hash[:], e.Recipient, next, column.Millis(at.Add(editors.LinkFor)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose a login link: %w", err)
	}
	return token.String(), nil
}
