package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"verdicts.example/digest/subscribers"
)

// suppressBounced keeps an address from ever being mailed again. A suppression
// that stands already keeps its reason; an erased subscriber has no address. An
// address that could not be mailed anyhow must not stop the recording of others.
func suppressBounced(ctx context.Context, tx *sql.Tx, id int64, reason subscribers.Reason, detail string, at time.Time) error {
	var email string
	err := tx.QueryRowContext(ctx, `SELECT email FROM subscribers WHERE id = ? AND suppressed = 0`, id).Scan(&email)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := subscribers.ParseAddress(email)
	if err != nil {
		_, err = tx.ExecContext(ctx, `UPDATE subscribers SET suppressed = ? WHERE id = ?`, int(reason), id)
		return err
	}
	return suppress(ctx, tx, a, subscribers.Suppression{Reason: reason, Detail: detail, At: at})
}
