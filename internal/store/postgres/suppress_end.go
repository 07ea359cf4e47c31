package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

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
func suppressAtEnd(ctx context.Context, tx pgx.Tx, id int64, at time.Time) error {
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
			_, err := tx.Exec(ctx, `
				UPDATE deliveries SET fault = `+faultSoft+` WHERE edition_id = $1 AND subscriber_id = $2`, id, b.id)
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

func bouncedReaders(ctx context.Context, tx pgx.Tx, id int64) ([]bounced, error) {
	rows, err := tx.Query(ctx, `
		SELECT d.subscriber_id, d.fault, d.reply, `+domainOf+`
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = $1 AND d.state = `+stateFailed+` AND d.fault IN (`+faultSoft+`, `+faultHard+`)
		ORDER BY d.subscriber_id`, id)
	return collect(rows, err, func(row pgx.CollectableRow) (b bounced, err error) {
		return b, row.Scan(&b.id, &b.fault, &b.reply, &b.domain)
	})
}

// believedDomains tells of which domains a hard bounce speaks of the mailbox;
// see delivery.Believed. Who took mail before is known of editions that were not
// compacted.
func believedDomains(ctx context.Context, tx pgx.Tx, id int64, list []bounced) (map[string]bool, error) {
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
