package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

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
	hash := token.Hash()
	err := o.db.inTx(ctx, func(tx pgx.Tx) error {
		// Whoever leaves holds the subscriber and voids their links: one that is
		// made meanwhile would not be among them.
		if _, err := heldSubscriber(ctx, tx, subscriberID); err != nil {
			return err
		}
		var version int
		var data string
		err := tx.QueryRow(ctx, `SELECT version, data FROM outbox WHERE subscriber_id = $1 AND kind = $2 AND state = $3`,
			subscriberID, string(outbox.KindConfirm), eventWaiting).Scan(&version, &data)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("%w: the confirmation was withdrawn", subscribers.ErrNotFound)
		}
		if err != nil {
			return err
		}
		details, err := outbox.ConfirmDetails(version, []byte(data))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO confirmations (token_sha256, subscriber_id, details, expires_at) VALUES ($1, $2, $3, $4)`,
			hash[:], subscriberID, text(details), column.Millis(at.Add(subscribers.ConfirmFor)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("compose confirmation: %w", err)
	}
	return token.String(), nil
}

// countConfirmation counts a confirmation that a server took, for the limits of
// its mailbox.
func countConfirmation(ctx context.Context, tx pgx.Tx, email string, at time.Time) error {
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
