package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// bounceRecords reads what came of a reader's mails in the latest editions that
// count, the newest first.
func bounceRecords(ctx context.Context, tx *sql.Tx, id int64) ([]subscribers.BounceRecord, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT s.edition_id, coalesce(d.state, ?), coalesce(d.fault, 0), coalesce(d.reply, '')
		FROM (SELECT edition_id, started_at FROM sends ORDER BY started_at DESC LIMIT ?) s
		LEFT JOIN deliveries d ON d.edition_id = s.edition_id AND d.subscriber_id = ?
		ORDER BY s.started_at DESC`, int(delivery.Suppressed), subscribers.SoftWindow, id)
	if err != nil {
		return nil, fmt.Errorf("read bounces: %w", err)
	}
	defer rows.Close() // rows.Err says it
	var records []subscribers.BounceRecord
	for rows.Next() {
		var edition int64
		var state delivery.State
		var f delivery.Fault
		var reply string
		if err := rows.Scan(&edition, &state, &f, &reply); err != nil {
			return nil, fmt.Errorf("read bounces: %w", err)
		}
		records = append(records, subscribers.BounceRecord{Edition: edition, Class: delivery.BounceClass(state, f, reply)})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read bounces: %w", err)
	}
	return records, nil
}

// suppressBounced keeps an address from ever being mailed again. A suppression
// that stands already keeps its reason; an erased subscriber has no address. An
// address that could not be mailed anyhow must not stop the recording of others.
func suppressBounced(ctx context.Context, tx *sql.Tx, id int64, reason subscribers.Reason, detail string, at time.Time) error {
	var email string
	err := tx.QueryRowContext(ctx, "SELECT email FROM subscribers WHERE id = ? AND suppressed = ?", id, subscribers.NotSuppressed).Scan(&email)
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
