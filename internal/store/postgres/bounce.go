package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// bounceRecords reads what came of a reader's mails, the newest edition's first:
// in the session, of the latest editions that count, and what came back later.
// What was before an operator lifted a suppression counts no more.
func bounceRecords(ctx context.Context, tx pgx.Tx, id int64) ([]subscribers.BounceRecord, error) {
	rows, err := tx.Query(ctx, `
		WITH lifted AS (
			SELECT coalesce(max(at), 0) AS at FROM subscriber_events WHERE subscriber_id = $3 AND kind = $4
		)
		SELECT s.edition_id, s.started_at, coalesce(d.state, $1)::smallint, coalesce(d.fault, 0)::smallint, coalesce(d.reply, ''), ''
		FROM (SELECT edition_id, started_at FROM sends ORDER BY started_at DESC LIMIT $2) s
		LEFT JOIN deliveries d ON d.edition_id = s.edition_id AND d.subscriber_id = $3 AND d.at > (SELECT at FROM lifted)
		UNION ALL
		SELECT r.edition_id, s.started_at, $1, 0, '', r.class
		FROM returned r JOIN sends s ON s.edition_id = r.edition_id
		WHERE r.subscriber_id = $3 AND r.class <> '' AND r.at > (SELECT at FROM lifted)
		ORDER BY 2 DESC`, int16(delivery.Suppressed), subscribers.SoftWindow, id, subscribers.EventLift)
	records, err := collect(rows, err, bounceRecord)
	if err != nil {
		return nil, fmt.Errorf("read bounces: %w", err)
	}
	return records, nil
}

func bounceRecord(row pgx.CollectableRow) (r subscribers.BounceRecord, err error) {
	var started int64
	var state delivery.State
	var f delivery.Fault
	var reply, class string
	if err := row.Scan(&r.Edition, &started, &state, &f, &reply, &class); err != nil {
		return r, err
	}
	if r.Class = subscribers.BounceClass(class); r.Class == "" {
		r.Class = delivery.BounceClass(state, f, reply)
	}
	return r, nil
}

// suppressBounced keeps an address from ever being mailed again. A suppression
// that stands already keeps its reason; an erased subscriber has no address. An
// address that could not be mailed anyhow must not stop the recording of others.
func suppressBounced(ctx context.Context, tx pgx.Tx, id int64, reason subscribers.Reason, detail string, at time.Time) error {
	var email string
	err := tx.QueryRow(ctx, "SELECT email FROM subscribers WHERE id = $1 AND suppressed = $2", id, int16(subscribers.NotSuppressed)).Scan(&email)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := subscribers.ParseAddress(email)
	if err != nil {
		if _, err = tx.Exec(ctx, `UPDATE subscribers SET suppressed = $1 WHERE id = $2`, int16(reason), id); err != nil {
			return err
		}
		return withdrawReaders(ctx, tx, id)
	}
	return suppress(ctx, tx, a, subscribers.Suppression{Reason: reason, Detail: detail, At: at})
}

// holdReader holds a reader's address and the reader, so that of two findings
// about them at once the second counts the first.
func holdReader(ctx context.Context, tx pgx.Tx, id int64) error {
	var email string
	if err := tx.QueryRow(ctx, "SELECT email FROM subscribers WHERE id = $1", id).Scan(&email); err != nil {
		return err
	}
	if a, err := subscribers.ParseAddress(email); err == nil { // else they were erased
		if err := holdAddresses(ctx, tx, a); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "SELECT 1 FROM subscribers WHERE id = $1 FOR UPDATE", id)
	return err
}

// believedAlone reports whether a hard bounce that came back speaks of the
// mailbox; see delivery.Believed.
func believedAlone(ctx context.Context, tx pgx.Tx, id, subscriber int64) (bool, error) {
	var stopped bool
	var domain string
	err := tx.QueryRow(ctx, `
		SELECT (SELECT stopped FROM sends WHERE edition_id = $1), `+domainOf+`
		FROM subscribers s WHERE s.id = $2`, id, subscriber).Scan(&stopped, &domain)
	if err != nil {
		return false, err
	}
	took, gone, err := tookBefore(ctx, tx, id, domain)
	return delivery.Believed(stopped, took, gone+1), err
}

// tookBefore counts an edition's readers at a domain who took an earlier one,
// and those of them whose mailbox is said to be gone now.
func tookBefore(ctx context.Context, tx pgx.Tx, id int64, domain string) (took, gone int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE d.state = `+stateFailed+` AND d.fault = `+faultHard+` OR EXISTS (
		    SELECT 1 FROM returned r WHERE r.edition_id = d.edition_id AND r.subscriber_id = d.subscriber_id AND r.class = $4))
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = $1 AND `+domainOf+` = $2
		  AND EXISTS (
		    SELECT 1 FROM deliveries p
		    WHERE p.edition_id IN (SELECT edition_id FROM sends WHERE edition_id <> $1 ORDER BY started_at DESC LIMIT $3)
		      AND p.subscriber_id = d.subscriber_id AND p.state = `+stateAccepted+`)`,
		id, domain, subscribers.SoftWindow, string(subscribers.BounceHard)).Scan(&took, &gone)
	return took, gone, err
}
