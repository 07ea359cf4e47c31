package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

// ComposeConfirm makes the link for the confirmation mail that waits for a
// subscriber: it returns the token for the mail and keeps its hash. Each attempt
// at the mail has a link of its own, and every one of them works, because an
// attempt that seemed to fail may have arrived. It fails with ErrNotFound when
// the mail was withdrawn in the meantime, as when its reader left.
func (db *DB) ComposeConfirm(ctx context.Context, subscriberID int64, at time.Time) (string, error) {
	token := subscribers.NewToken()
	hash := token.Hash()
	err := db.inTx(ctx, func(tx *sql.Tx) error {
		var details, email string
		err := tx.QueryRowContext(ctx, "SELECT data, recipient FROM outbox WHERE subscriber_id = ? AND kind = ? AND state = ?",
			subscriberID, subscribers.MailConfirm, mailWaiting).Scan(&details, &email)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: the confirmation was withdrawn", subscribers.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO confirmations (token_sha256, subscriber_id, details, expires_at) VALUES (?, ?, ?, ?)",
			hash[:], subscriberID, details, toMillis(at.Add(subscribers.ConfirmFor))); err != nil {
			return err
		}
		// The mail may have waited for days: the next one is a day after this.
		a, err := subscribers.ParseAddress(email)
		if err != nil {
			return err
		}
		mailbox := a.Throttle()
		_, err = tx.ExecContext(ctx, "UPDATE confirmation_limits SET last_at = ? WHERE mailbox_sha256 = ?", toMillis(at), mailbox[:])
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose confirmation: %w", err)
	}
	return token.String(), nil
}
