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

// bounceRecords reads what came of a reader's mails, the newest edition's first:
// in the session, of the latest editions that count, and what came back later.
// What was before an operator lifted a suppression counts no more.
func bounceRecords(ctx context.Context, tx *sql.Tx, id int64) ([]subscribers.BounceRecord, error) {
	rows, err := tx.QueryContext(ctx, `
		WITH lifted AS (
			SELECT coalesce(max(at), 0) AS at FROM subscriber_events WHERE subscriber_id = ?3 AND kind = ?4
		)
		SELECT s.edition_id, s.started_at, coalesce(d.state, ?1), coalesce(d.fault, 0), coalesce(d.reply, ''), ''
		FROM (SELECT edition_id, started_at FROM sends ORDER BY started_at DESC LIMIT ?2) s
		LEFT JOIN deliveries d ON d.edition_id = s.edition_id AND d.subscriber_id = ?3 AND d.at > (SELECT at FROM lifted)
		UNION ALL
		SELECT r.edition_id, s.started_at, ?1, 0, '', r.class
		FROM returned r JOIN sends s ON s.edition_id = r.edition_id
		WHERE r.subscriber_id = ?3 AND r.class <> '' AND r.at > (SELECT at FROM lifted)
		ORDER BY 2 DESC`, int(delivery.Suppressed), subscribers.SoftWindow, id, subscribers.EventLift)
	if err != nil {
		return nil, fmt.Errorf("read bounces: %w", err)
	}
	defer rows.Close() // rows.Err says it
	var records []subscribers.BounceRecord
	for rows.Next() {
		var edition, started int64
		var back subscribers.BounceClass
		var state delivery.State
		var f delivery.Fault
		var reply string
		if err := rows.Scan(&edition, &started, &state, &f, &reply, &back); err != nil {
			return nil, fmt.Errorf("read bounces: %w", err)
		}
		if back == "" {
			back = delivery.BounceClass(state, f, reply)
		}
		records = append(records, subscribers.BounceRecord{Edition: edition, Class: back})
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
		if _, err := tx.ExecContext(ctx, `UPDATE subscribers SET suppressed = ? WHERE id = ?`, int(reason), id); err != nil {
			return err
		}
		return withdrawFrom(ctx, tx, `subscriber_id = ?`, id)
	}
	return suppress(ctx, tx, a, subscribers.Suppression{Reason: reason, Detail: detail, At: at})
}
