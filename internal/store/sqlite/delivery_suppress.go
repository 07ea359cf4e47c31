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

// A bounced reader is one whose mailbox refused the edition.
type bounced struct {
	id     int64
	fault  delivery.Fault
	reply  string
	domain string
}

// suppressAtEnd suppresses the readers of an edition that has ended whose
// mailboxes are gone, or refused too often. A hard bounce that is not believed
// counts as a soft one from then on.
func suppressAtEnd(ctx context.Context, tx *sql.Tx, id int64, at time.Time) error {
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
			_, err := tx.ExecContext(ctx, `
				UPDATE deliveries SET fault = `+faultSoft+` WHERE edition_id = ? AND subscriber_id = ?`, id, b.id)
			if err != nil {
				return err
			}
		}
		records, err := bounceRecords(ctx, tx, b.id)
		if err != nil {
			return err
		}
		reason := subscribers.SuppressionFor(records)
		if reason == subscribers.NotSuppressed {
			continue
		}
		if err := suppressBounced(ctx, tx, b.id, reason, delivery.WithoutAddresses(b.reply), at); err != nil {
			return fmt.Errorf("suppress subscriber %d: %w", b.id, err)
		}
	}
	return nil
}

func bouncedReaders(ctx context.Context, tx *sql.Tx, id int64) (list []bounced, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT d.subscriber_id, d.fault, rtrim(d.reply), `+claimDomain+`
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ? AND d.state = `+stateFailed+` AND d.fault IN (`+faultSoft+`, `+faultHard+`)
		ORDER BY d.subscriber_id`, id)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var b bounced
		if err := rows.Scan(&b.id, &b.fault, &b.reply, &b.domain); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		list = append(list, b)
	}
	return list, errors.Join(rows.Err(), rows.Close())
}

// believedDomains tells of which domains a hard bounce speaks of the mailbox;
// see delivery.Believed. Who took mail before is known of editions that were not
// compacted.
func believedDomains(ctx context.Context, tx *sql.Tx, id int64, list []bounced) (map[string]bool, error) {
	var stopped bool
	if err := tx.QueryRowContext(ctx, `SELECT stopped FROM sends WHERE edition_id = ?`, id).Scan(&stopped); err != nil {
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
		took, gone := 0, 0
		if n > 1 && !stopped {
			var err error
			if took, gone, err = tookBefore(ctx, tx, id, domain); err != nil {
				return nil, err
			}
		}
		believed[domain] = delivery.Believed(stopped, took, gone)
	}
	return believed, nil
}

// tookBefore counts an edition's readers at a domain who took an earlier one,
// and those of them whose mailbox is said to be gone now.
func tookBefore(ctx context.Context, tx *sql.Tx, id int64, domain string) (took, gone int, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT count(*), COALESCE(sum(d.state = `+stateFailed+` AND d.fault = `+faultHard+` OR EXISTS (
		    SELECT 1 FROM returned r WHERE r.edition_id = d.edition_id AND r.subscriber_id = d.subscriber_id AND r.class = ?4)), 0)
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ?1 AND `+claimDomain+` = ?2
		  AND EXISTS (
		    SELECT 1 FROM deliveries p
		    WHERE p.edition_id IN (SELECT edition_id FROM sends WHERE edition_id <> ?1 ORDER BY started_at DESC LIMIT ?3)
		      AND p.subscriber_id = d.subscriber_id AND p.state = `+stateAccepted+`)`,
		id, domain, subscribers.SoftWindow, subscribers.BounceHard).Scan(&took, &gone)
	return took, gone, err
}
