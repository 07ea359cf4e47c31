package plainsql

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/column"
)

// Mailed gives the editions that a reader was to get.
func (s Editions) Mailed(ctx context.Context, reader int64) (list []edition.Mailed, err error) {
	err = s.Read(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			var m edition.Mailed
			var week string
			var at int64
			err := rows.Scan(&week, &m.Subject, &m.Variant, &m.Accepted, &at)
			if err != nil {
				return err
			}
			m.At = column.Time(at)
			m.Week, err = edition.ParseWeek(week)
			list = append(list, m)
			return err
		}, `
			SELECT e.week, e.subject, d.variant, d.state = `+Accepted+`, d.at
			FROM sends s
			JOIN editions e ON e.id = s.edition_id
			JOIN deliveries d ON d.edition_id = s.edition_id AND d.subscriber_id = $1
			ORDER BY e.week DESC`, reader)
	})
	if err != nil {
		return nil, fmt.Errorf("read what was mailed: %w", err)
	}
	return list, nil
}
