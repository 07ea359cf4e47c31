package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/store/column"
)

// Tallies gives how many mails came back since then, by kind and outcome, the
// most first.
func (s Inbox) Tallies(ctx context.Context, since time.Time) ([]inbound.Tally, error) {
	rows, err := s.db.pool.Query(ctx, `
		SELECT kind, outcome, sum(mails)::bigint FROM inbound_counts
		WHERE day >= $1 GROUP BY kind, outcome ORDER BY 3 DESC, 1, 2`, column.Millis(since)/dayMillis)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (t inbound.Tally, err error) {
		return t, row.Scan(&t.Kind, &t.Outcome, &t.Mails)
	})
	if err != nil {
		return nil, fmt.Errorf("count what came back: %w", s.db.fault(err))
	}
	return list, nil
}

// Kept gives the mails that somebody should look at, the newest first.
func (s Inbox) Kept(ctx context.Context) ([]inbound.Kept, error) {
	rows, err := s.db.pool.Query(ctx, `
		SELECT mail, kind, why, at, size, raw FROM inbound_kept ORDER BY at DESC, mail`)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (k inbound.Kept, err error) {
		var mail []byte
		var at int64
		err = row.Scan(&mail, &k.Kind, &k.Why, &at, &k.Size, &k.Raw)
		copy(k.Mail[:], mail)
		k.At = column.Time(at)
		return k, err
	})
	if err != nil {
		return nil, fmt.Errorf("read kept mails: %w", s.db.fault(err))
	}
	return list, nil
}

// DMARC gives the latest aggregate reports, the newest first.
func (s Inbox) DMARC(ctx context.Context) ([]inbound.DMARC, error) {
	rows, err := s.db.pool.Query(ctx, `
		SELECT org, report_id, domain, policy, begin_at, end_at, messages, failed, sources
		FROM dmarc_reports ORDER BY end_at DESC, org, report_id`)
	list, err := collect(rows, err, func(row pgx.CollectableRow) (d inbound.DMARC, err error) {
		var begin, end int64
		var sources string
		if err := row.Scan(&d.Org, &d.ReportID, &d.Domain, &d.Policy, &begin, &end, &d.Messages, &d.Failed, &sources); err != nil {
			return d, err
		}
		d.Begin, d.End = column.Time(begin), column.Time(end)
		return d, json.Unmarshal([]byte(sources), &d.Sources)
	})
	if err != nil {
		return nil, fmt.Errorf("read DMARC reports: %w", s.db.fault(err))
	}
	return list, nil
}
