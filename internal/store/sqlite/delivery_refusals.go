package sqlite

import (
	"context"
	"fmt"
	"strings"

	"verdicts.example/digest/internal/delivery"
)

// refusalsMost bounds how many kinds of refusals are told apart.
const refusalsMost = 100

// Refusals groups what servers said; see delivery.Reasons. The code is a reply's
// first word, the enhanced code the second.
func (d Deliveries) Refusals(ctx context.Context, id int64) ([]delivery.Refusal, error) {
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT state, fault, count(*), min(reply)
		FROM deliveries
		WHERE edition_id = ?
		  AND state IN (`+stateFailed+`, `+stateDeferred+`, `+stateUnknown+`, `+stateQueued+`)
		  AND (state = `+stateUnknown+` OR fault > 0)
		GROUP BY state, fault, substr(reply, 1, 9)
		ORDER BY 3 DESC, 1, 2
		LIMIT ?`, id, refusalsMost)
	if err != nil {
		return nil, fmt.Errorf("read the refusals of edition %d: %w", id, fault(d.db.path, err))
	}
	defer rows.Close()
	var list []delivery.Refusal
	for rows.Next() {
		var r delivery.Refusal
		if err := rows.Scan(&r.State, &r.Fault, &r.Count, &r.Reply); err != nil {
			return nil, fmt.Errorf("read the refusals of edition %d: %w", id, fault(d.db.path, err))
		}
		r.Reply = delivery.WithoutAddresses(strings.TrimRight(r.Reply, " "))
		list = append(list, r)
	}
	return list, fault(d.db.path, rows.Err())
}
