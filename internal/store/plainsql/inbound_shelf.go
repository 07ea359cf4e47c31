package plainsql

import (
	"context"
	"encoding/json"
	"time"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/store/column"
)

// A Shelf shows what came back after a send.
type Shelf struct{ DB }

var _ inbound.Shelf = Shelf{}

const dayMillis = 24 * 60 * 60 * 1000

// Tallies gives how many mails came back since then, by kind and outcome, the
// most first.
func (s Shelf) Tallies(ctx context.Context, since time.Time) ([]inbound.Tally, error) {
	return rowsOf(ctx, s.DB, "count what came back", func(row Rows) (t inbound.Tally, err error) {
		return t, row.Scan(&t.Kind, &t.Outcome, &t.Mails)
	}, `
		SELECT kind, outcome, CAST(sum(mails) AS BIGINT) FROM inbound_counts
		WHERE day >= $1 GROUP BY kind, outcome ORDER BY 3 DESC, 1, 2`, column.Millis(since)/dayMillis)
}

// Kept gives the mails that somebody should look at, the newest first.
func (s Shelf) Kept(ctx context.Context) ([]inbound.Kept, error) {
	return rowsOf(ctx, s.DB, "read kept mails", func(row Rows) (k inbound.Kept, err error) {
		var mail []byte
		var at int64
		err = row.Scan(&mail, &k.Kind, &k.Why, &at, &k.Size, &k.Raw)
		copy(k.Mail[:], mail)
		k.At = column.Time(at)
		return k, err
	}, `SELECT mail, kind, why, at, size, raw FROM inbound_kept ORDER BY at DESC, mail`)
}

// DMARC gives the latest aggregate reports, the newest first.
func (s Shelf) DMARC(ctx context.Context) ([]inbound.DMARC, error) {
	return rowsOf(ctx, s.DB, "read DMARC reports", func(row Rows) (d inbound.DMARC, err error) {
		var begin, end int64
		var sources string
		if err := row.Scan(&d.Org, &d.ReportID, &d.Domain, &d.Policy, &begin, &end, &d.Messages, &d.Failed, &sources); err != nil {
			return d, err
		}
		d.Begin, d.End = column.Time(begin), column.Time(end)
		return d, json.Unmarshal([]byte(sources), &d.Sources)
	}, `
		SELECT org, report_id, domain, policy, begin_at, end_at, messages, failed, sources
		FROM dmarc_reports ORDER BY end_at DESC, org, report_id`)
}
