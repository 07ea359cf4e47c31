package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/plainsql"
)

// Candidates calls fn for each reader to whom nothing was sent; see
// delivery.Canaries.
func (d Deliveries) Candidates(ctx context.Context, id int64, fn func(int64, string) error) error {
	rows, err := d.db.pool.Query(ctx, `
		SELECT d.subscriber_id, s.email
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = $1 AND d.state = `+stateQueued+`
		  AND s.status = `+plainsql.StatusActive+` AND s.suppressed = `+plainsql.NotSuppressed+`
		ORDER BY d.subscriber_id`, id)
	if err != nil {
		return fmt.Errorf("read the readers of edition %d: %w", id, d.db.fault(err))
	}
	defer rows.Close()
	for rows.Next() {
		var reader int64
		var email string
		if err := rows.Scan(&reader, &email); err != nil {
			return fmt.Errorf("read the readers of edition %d: %w", id, d.db.fault(err))
		}
		if err := fn(reader, email); err != nil {
			return err
		}
	}
	return d.db.fault(rows.Err())
}

// BeginCanary sets the first part of a send, once: of several nodes the first.
func (d Deliveries) BeginCanary(ctx context.Context, id int64, ids []int64) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	err = d.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sends SET canary = $1 WHERE edition_id = $2 AND canary = ''`, string(list), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin the first part of edition %d: %w", id, d.db.fault(err))
	}
	return nil
}

// EndCanary sets when the others' turn comes.
func (d Deliveries) EndCanary(ctx context.Context, id int64, until time.Time, only bool) error {
	err := d.db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE sends SET canary_until = $1 WHERE edition_id = $2 AND canary <> '' AND (canary_until = 0 OR NOT $3)`,
			column.Millis(until), id, only)
		return err
	})
	if err != nil {
		return fmt.Errorf("end the first part of edition %d: %w", id, d.db.fault(err))
	}
	return nil
}

// CanaryRecord tells what became of the first part.
func (d Deliveries) CanaryRecord(ctx context.Context, id int64, ids []int64) (r delivery.CanaryRecord, err error) {
	rows, err := d.db.pool.Query(ctx, `
		SELECT state, count(*), coalesce(max(reply), '') FROM deliveries
		WHERE edition_id = $1 AND subscriber_id = ANY ($2)
		GROUP BY state`, id, ids)
	_, err = collect(rows, err, func(row pgx.CollectableRow) (struct{}, error) {
		var state int16
		var n int64
		var reply string
		err := row.Scan(&state, &n, &reply)
		if err == nil {
			r.Counts[state] = n
			if delivery.State(state) == delivery.Failed {
				r.Refused = delivery.WithoutAddresses(reply)
			}
		}
		return struct{}{}, err
	})
	if err == nil {
		rows, err = d.db.pool.Query(ctx, `
			SELECT subscriber_id, class, reply FROM returned
			WHERE edition_id = $1 AND subscriber_id = ANY ($2)
			ORDER BY id`, id, ids)
		r.Returned, err = collect(rows, err, func(row pgx.CollectableRow) (m delivery.ReturnedMail, err error) {
			err = row.Scan(&m.Reader, &m.Class, &m.Reply)
			return m, err
		})
	}
	if err != nil {
		return r, fmt.Errorf("read the first part of edition %d: %w", id, d.db.fault(err))
	}
	return r, nil
}

// canaryStand reads what a send's row says of its first part.
func canaryStand(ids string, until int64) (c delivery.CanaryStand, err error) {
	if ids == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(ids), &c.IDs); err != nil {
		return c, fmt.Errorf("the first part of the send cannot be read: %w", err)
	}
	c.Until = column.Time(until)
	return c, nil
}
