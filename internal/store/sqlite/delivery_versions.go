package sqlite

import (
	"context"
	"fmt"

	"verdicts.example/digest/internal/delivery"
)

// Versions counts an edition's deliveries by the frozen variant that they get. Of
// a compacted edition what was dropped counts as the first.
func (d Deliveries) Versions(ctx context.Context, id int64) (map[int]delivery.Counts, error) {
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT variant, state, count(*) FROM deliveries WHERE edition_id = ?1 GROUP BY variant, state
		UNION ALL
		SELECT 0, state, deliveries FROM send_totals WHERE edition_id = ?1`, id)
	if err != nil {
		return nil, fmt.Errorf("count deliveries of edition %d: %w", id, fault(d.db.path, err))
	}
	defer rows.Close()
	out := map[int]delivery.Counts{}
	for rows.Next() {
		var variant, state int
		var n int64
		if err := rows.Scan(&variant, &state, &n); err != nil {
			return nil, fmt.Errorf("count deliveries of edition %d: %w", id, fault(d.db.path, err))
		}
		c := out[variant]
		if state < 0 || state >= len(c) {
			return nil, fmt.Errorf("count deliveries of edition %d: state %d is not known", id, state)
		}
		c[state] += n
		out[variant] = c
	}
	return out, fault(d.db.path, rows.Err())
}
