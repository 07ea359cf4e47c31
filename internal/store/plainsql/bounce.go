package plainsql

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/subscribers"
)

// bounceRecords reads what came of a reader's mails, the newest edition's first:
// in the session, of the latest editions that count, and what came back later.
// What was before an operator lifted a suppression counts no more.
func bounceRecords(ctx context.Context, tx Tx, id int64) (records []subscribers.BounceRecord, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var r subscribers.BounceRecord
		var started int64
		var state delivery.State
		var f delivery.Fault
		var reply, class string
		if err := rows.Scan(&r.Edition, &started, &state, &f, &reply, &class); err != nil {
			return err
		}
		if r.Class = subscribers.BounceClass(class); r.Class == "" {
			r.Class = delivery.BounceClass(state, f, reply)
		}
		records = append(records, r)
		return nil
	}, `
		WITH lifted AS (
			SELECT coalesce(max(at), 0) AS at FROM subscriber_events WHERE subscriber_id = $1 AND kind = $2
		)
		SELECT s.edition_id, s.started_at, coalesce(d.state, `+Suppressed+`), coalesce(d.fault, 0), coalesce(d.reply, ''), ''
		FROM (SELECT edition_id, started_at FROM sends ORDER BY started_at DESC LIMIT $3) s
		LEFT JOIN deliveries d ON d.edition_id = s.edition_id AND d.subscriber_id = $1 AND d.at > (SELECT at FROM lifted)
		UNION ALL
		SELECT r.edition_id, s.started_at, `+Suppressed+`, 0, '', r.class
		FROM returned r JOIN sends s ON s.edition_id = r.edition_id
		WHERE r.subscriber_id = $1 AND r.class <> '' AND r.at > (SELECT at FROM lifted)
		ORDER BY 2 DESC`, id, subscribers.EventLift, subscribers.SoftWindow)
	return records, wrap("read bounces", err)
}

// suppressBounced suppresses a reader whose records say so, and gives why.
func suppressBounced(ctx context.Context, tx Tx, id int64, reply string, at time.Time) (subscribers.Reason, error) {
	records, err := bounceRecords(ctx, tx, id)
	if err != nil {
		return subscribers.NotSuppressed, err
	}
	reason := subscribers.SuppressionFor(records)
	if reason == subscribers.NotSuppressed {
		return reason, nil
	}
	return reason, suppressReader(ctx, tx, id, subscribers.Suppression{Reason: reason, Detail: reply, At: at})
}

// suppressReader keeps a reader's address from ever being mailed again. A
// suppression that stands already keeps its reason; an erased subscriber has no
// address. An address that could not be mailed anyhow must not stop the recording
// of others.
func suppressReader(ctx context.Context, tx Tx, id int64, s subscribers.Suppression) error {
	var email string
	err := tx.QueryRow(ctx, `SELECT email FROM subscribers WHERE id = $1 AND suppressed = `+NotSuppressed, id).Scan(&email)
	if err != nil {
		return unlessNone(err)
	}
	a, err := subscribers.ParseAddress(email)
	if err == nil {
		return SuppressAddress(ctx, tx, a, s)
	}
	if _, err = tx.Exec(ctx, `UPDATE subscribers SET suppressed = $1 WHERE id = $2`, int(s.Reason), id); err != nil {
		return err
	}
	return tx.Dialect().WithdrawReaders(ctx, tx, []int64{id})
}

// holdReaderAddress holds a reader's address and the reader, so that of two
// findings about them at once the second counts the first. Found is false where
// there is no such number.
func holdReaderAddress(ctx context.Context, tx Tx, id int64) (found bool, err error) {
	var email string
	if err := tx.QueryRow(ctx, "SELECT email FROM subscribers WHERE id = $1", id).Scan(&email); err != nil {
		return false, unlessNone(err)
	}
	if a, err := subscribers.ParseAddress(email); err == nil { // else they were erased
		if err := tx.Dialect().HoldAddress(ctx, tx, a); err != nil {
			return false, err
		}
	}
	var one int
	return true, tx.QueryRow(ctx, "SELECT 1 FROM subscribers WHERE id = $1"+tx.Dialect().HoldRow, id).Scan(&one)
}

// tookBefore counts an edition's readers at a domain who took an earlier one,
// and those of them whose mailbox is said to be gone now. Who took mail before is
// known of editions that were not compacted.
func tookBefore(ctx context.Context, tx Tx, id int64, domain string) (took, gone int, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var state delivery.State
		var f delivery.Fault
		var back bool
		var n int
		if err := rows.Scan(&state, &f, &back, &n); err != nil {
			return err
		}
		took += n
		if back || delivery.BounceClass(state, f, "") == subscribers.BounceHard {
			gone += n
		}
		return nil
	}, `
		SELECT d.state, d.fault, EXISTS (
		    SELECT 1 FROM returned r WHERE r.edition_id = d.edition_id AND r.subscriber_id = d.subscriber_id AND r.class = $1), count(*)
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = $2 AND `+tx.Dialect().Domain+` = $3
		  AND EXISTS (
		    SELECT 1 FROM deliveries p
		    WHERE p.edition_id IN (SELECT edition_id FROM sends WHERE edition_id <> $2 ORDER BY started_at DESC LIMIT $4)
		      AND p.subscriber_id = d.subscriber_id AND p.state = `+Accepted+`)
		GROUP BY 1, 2, 3`,
		string(subscribers.BounceHard), id, domain, subscribers.TookWindow)
	return took, gone, err
}

// A bounced reader is one whose mailbox refused the edition.
type bounced struct {
	id     int64
	fault  delivery.Fault
	reply  string
	domain string
}

// SuppressAtEnd suppresses the readers of an edition that has ended whose
// mailboxes are gone, or refused too often. A hard bounce that is not believed
// counts as a soft one from then on.
func SuppressAtEnd(ctx context.Context, tx Tx, id int64, at time.Time) error {
	list, err := bouncedReaders(ctx, tx, id)
	if err != nil || len(list) == 0 {
		return err
	}
	believed, err := believedDomains(ctx, tx, id, list)
	if err != nil {
		return err
	}
	for _, b := range list {
		if b.fault == delivery.HardFault && !believed[b.domain] {
			_, err := tx.Exec(ctx, `UPDATE deliveries SET fault = `+FaultSoft+` WHERE edition_id = $1 AND subscriber_id = $2`, id, b.id)
			if err != nil {
				return err
			}
		}
		if _, err := suppressBounced(ctx, tx, b.id, delivery.WithoutAddresses(b.reply), at); err != nil {
			return fmt.Errorf("suppress subscriber %d: %w", b.id, err)
		}
	}
	return nil
}

func bouncedReaders(ctx context.Context, tx Tx, id int64) (list []bounced, err error) {
	err = each(ctx, tx, func(rows Rows) error {
		var b bounced
		err := rows.Scan(&b.id, &b.fault, &b.reply, &b.domain)
		b.reply = unpadded(b.reply)
		list = append(list, b)
		return err
	}, `
		SELECT d.subscriber_id, d.fault, d.reply, `+tx.Dialect().Domain+`
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = $1 AND d.state = `+Failed+` AND d.fault IN (`+FaultSoft+`, `+FaultHard+`)
		ORDER BY d.subscriber_id`, id)
	return list, err
}

// believedDomains tells of which domains a hard bounce speaks of the mailbox;
// see delivery.Believed.
func believedDomains(ctx context.Context, tx Tx, id int64, list []bounced) (map[string]bool, error) {
	var stopped bool
	if err := tx.QueryRow(ctx, `SELECT stopped FROM sends WHERE edition_id = $1`, id).Scan(&stopped); err != nil {
		return nil, err
	}
	hard := map[string]int{}
	for _, b := range list {
		if b.fault == delivery.HardFault {
			hard[b.domain]++
		}
	}
	believed := map[string]bool{}
	for domain, n := range hard {
		var took, gone int
		if delivery.Doubtful(stopped, n) {
			var err error
			if took, gone, err = tookBefore(ctx, tx, id, domain); err != nil {
				return nil, err
			}
		}
		believed[domain] = delivery.Believed(stopped, took, gone)
	}
	return believed, nil
}

// believedAlone reports whether a hard bounce that came back speaks of the
// mailbox; see delivery.Believed.
func believedAlone(ctx context.Context, tx Tx, id, subscriber int64) (bool, error) {
	var stopped bool
	var domain string
	err := tx.QueryRow(ctx, `
		SELECT (SELECT stopped FROM sends WHERE edition_id = $1), `+tx.Dialect().Domain+`
		FROM subscribers s WHERE s.id = $2`, id, subscriber).Scan(&stopped, &domain)
	if err != nil {
		return false, err
	}
	took, gone, err := tookBefore(ctx, tx, id, domain)
	return delivery.Believed(stopped, took, gone+1), err
}

// SettleAccepted makes a delivery of unknown outcome accepted, and reports
// whether it was unknown.
func SettleAccepted(ctx context.Context, tx Tx, id, subscriber int64, reply string, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE deliveries SET state = `+Accepted+`, fault = 0, at = $1, reply = $2
		WHERE edition_id = $3 AND subscriber_id = $4 AND state = `+Unknown, column.Millis(at), tx.Dialect().Reply(reply), id, subscriber)
	return n > 0, err
}
