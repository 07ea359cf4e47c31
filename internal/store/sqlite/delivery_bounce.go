package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"verdicts.example/digest/subscribers"
)

// suppressBounced keeps an address from ever being mailed again. A suppression
// that stands already keeps its reason; an erased subscriber has none to keep.
func suppressBounced(ctx context.Context, tx *sql.Tx, id int64, reason subscribers.Reason, detail string, at time.Time) error {
	var key string
	err := tx.QueryRowContext(ctx, `SELECT email_key FROM subscribers WHERE id = ? AND suppressed = 0`, id).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE subscribers SET suppressed = ? WHERE id = ?`, int(reason), id); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(key))
	_, err = tx.ExecContext(ctx, `
		INSERT INTO suppressions (address_sha256, reason, detail, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (address_sha256) DO NOTHING`,
		sum[:], int(reason), detail, toMillis(at))
	return err
}
