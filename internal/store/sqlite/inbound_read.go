package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"verdicts.example/digest/internal/inbound"
)

// Tallies gives how many mails came back since then, by kind and outcome, the
// most first.
func (s Inbox) Tallies(ctx context.Context, since time.Time) (list []inbound.Tally, err error) {
	rows, err := s.db.r.QueryContext(ctx, `
		SELECT kind, outcome, sum(mails) FROM inbound_counts
		WHERE day >= ? GROUP BY kind, outcome ORDER BY 3 DESC, 1, 2`, toMillis(since)/dayMillis)
	if err != nil {
		return nil, fmt.Errorf("count what came back: %w", fault(s.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var t inbound.Tally
		if err := rows.Scan(&t.Kind, &t.Outcome, &t.Mails); err != nil {
			return nil, fmt.Errorf("count what came back: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// Kept gives the mails that somebody should look at, the newest first.
func (s Inbox) Kept(ctx context.Context) (list []inbound.Kept, err error) {
	rows, err := s.db.r.QueryContext(ctx, `
		SELECT mail, kind, why, at, size, raw FROM inbound_kept ORDER BY at DESC, mail`)
	if err != nil {
		return nil, fmt.Errorf("read kept mails: %w", fault(s.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var k inbound.Kept
		var mail []byte
		var at int64
		if err := rows.Scan(&mail, &k.Kind, &k.Why, &at, &k.Size, &k.Raw); err != nil {
			return nil, fmt.Errorf("read kept mails: %w", err)
		}
		copy(k.Mail[:], mail)
		k.At = fromMillis(at)
		list = append(list, k)
	}
	return list, rows.Err()
}

// DMARC gives the latest aggregate reports, the newest first.
func (s Inbox) DMARC(ctx context.Context) (list []inbound.DMARC, err error) {
	rows, err := s.db.r.QueryContext(ctx, `
		SELECT org, report_id, domain, policy, begin_at, end_at, messages, failed, sources
		FROM dmarc_reports ORDER BY end_at DESC, org, report_id`)
	if err != nil {
		return nil, fmt.Errorf("read DMARC reports: %w", fault(s.db.path, err))
	}
	defer rows.Close() // rows.Err says it
	for rows.Next() {
		var d inbound.DMARC
		var begin, end int64
		var sources string
		if err := rows.Scan(&d.Org, &d.ReportID, &d.Domain, &d.Policy, &begin, &end, &d.Messages, &d.Failed, &sources); err != nil {
			return nil, fmt.Errorf("read DMARC reports: %w", err)
		}
		if err := json.Unmarshal([]byte(sources), &d.Sources); err != nil {
			return nil, fmt.Errorf("read DMARC reports: %w", err)
		}
		d.Begin, d.End = fromMillis(begin), fromMillis(end)
		list = append(list, d)
	}
	return list, rows.Err()
}
