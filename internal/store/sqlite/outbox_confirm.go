package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// ComposeConfirm makes the link for the confirmation mail that waits for a
// subscriber: it returns the token for the mail and keeps its hash. Each attempt
// at the mail has a link of its own, and every one of them works, because an
// attempt that seemed to fail may have arrived. It fails with ErrNotFound when
// the mail was withdrawn in the meantime, as when its reader left.
func (o Outbox) ComposeConfirm(ctx context.Context, subscriberID int64, at time.Time) (string, error) {
	token := subscribers.NewToken()
	hash := token.Hash()
	err := o.db.inTx(ctx, func(tx *sql.Tx) error {
		var version int
		var data []byte
		err := tx.QueryRowContext(ctx, `SELECT version, data FROM outbox WHERE subscriber_id = ? AND kind = ? AND state = ?`,
			subscriberID, outbox.KindConfirm, eventWaiting).Scan(&version, &data)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: the confirmation was withdrawn", subscribers.ErrNotFound)
		}
		if err != nil {
			return err
		}
		details, err := outbox.ConfirmDetails(version, data)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO confirmations (token_sha256, subscriber_id, details, expires_at) VALUES (?, ?, ?, ?)`,
			hash[:], subscriberID, details, toMillis(at.Add(subscribers.ConfirmFor)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose confirmation: %w", err)
	}
	return token.String(), nil
}

// countConfirmation counts a confirmation that a server took, for the limits of
// its mailbox.
func countConfirmation(ctx context.Context, tx *sql.Tx, email string, at time.Time) error {
	a, err := subscribers.ParseAddress(email)
	if err != nil {
		return errors.Join(errors.New("count confirmation"), err)
	}
	mailbox := a.Throttle()
	_, err = tx.ExecContext(ctx, `
		INSERT INTO confirmation_limits (mailbox_sha256, sent, last_at) VALUES (?, 1, ?)
		ON CONFLICT DO UPDATE SET sent = sent + 1, last_at = excluded.last_at`, mailbox[:], toMillis(at))
	if err != nil {
		return fmt.Errorf("count confirmation: %w", err)
	}
	return nil
}
