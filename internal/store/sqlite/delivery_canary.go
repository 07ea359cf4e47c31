package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// Candidates calls fn for each reader to whom nothing was sent; see
// delivery.Canaries.
func (d Deliveries) Candidates(ctx context.Context, id int64, fn func(int64, string) error) error {
	rows, err := d.db.r.QueryContext(ctx, `
		SELECT d.subscriber_id, s.email
		FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
		WHERE d.edition_id = ? AND d.state = `+stateQueued+` 
		  AND s.status = `+statusActive+` AND s.suppressed = `+notSuppressed+`
		ORDER BY d.subscriber_id`, id)
	if err != nil {
		return fmt.Errorf("read the readers of edition %d: %w", id, fault(d.db.path, err))
	}
	defer rows.Close()
	for rows.Next() {
		var reader int64
		var email string
		if err := rows.Scan(&reader, &email); err != nil {
			return fmt.Errorf("read the readers of edition %d: %w", id, fault(d.db.path, err))
		}
		if err := fn(reader, email); err != nil {
			return err
		}
	}
	return fault(d.db.path, rows.Err())
}

// BeginCanary sets the first part of a send, once.
func (d Deliveries) BeginCanary(ctx context.Context, id int64, ids []int64) error {
	list, err := marshalled(ids)
	if err != nil {
		return err
	}
	err = d.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sends SET canary = ? WHERE edition_id = ? AND canary = ''`, list, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin the first part of edition %d: %w", id, err)
	}
	return nil
}

// EndCanary sets when the others' turn comes.
func (d Deliveries) EndCanary(ctx context.Context, id int64, until time.Time, only bool) error {
	err := d.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE sends SET canary_until = ? WHERE edition_id = ? AND canary <> '' AND (canary_until = 0 OR NOT ?)`,
			toMillis(until), id, only)
		return err
	})
	if err != nil {
		return fmt.Errorf("end the first part of edition %d: %w", id, err)
	}
	return nil
}

// CanaryRecord tells what became of the first part.
func (d Deliveries) CanaryRecord(ctx context.Context, id int64, ids []int64) (r delivery.CanaryRecord, err error) {
	list, err := marshalled(ids)
	if err != nil {
		return r, err
	}
	err = d.db.readTx(ctx, func(tx *sql.Tx) error {
		if err := canaryCounts(ctx, tx, id, list, &r); err != nil {
			return err
		}
		r.Returned, err = canaryReturned(ctx, tx, id, list)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("read the first part of edition %d: %w", id, err)
	}
	return r, nil
}

func canaryCounts(ctx context.Context, tx *sql.Tx, id int64, list string, r *delivery.CanaryRecord) error {
	rows, err := tx.QueryContext(ctx, `
		SELECT state, count(*), max(reply) FROM deliveries
		WHERE edition_id = ? AND subscriber_id IN (SELECT value FROM json_each(?))
		GROUP BY state`, id, list)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state delivery.State
		var n int64
		var reply string
		if err := rows.Scan(&state, &n, &reply); err != nil {
			return err
		}
		r.Counts[state] = n
		if state == delivery.Failed {
			r.Refused = delivery.WithoutAddresses(strings.TrimRight(reply, " "))
		}
	}
	return rows.Err()
}

func canaryReturned(ctx context.Context, tx *sql.Tx, id int64, list string) (out []delivery.ReturnedMail, err error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT subscriber_id, class, reply FROM returned
		WHERE edition_id = ? AND subscriber_id IN (SELECT value FROM json_each(?))
		ORDER BY id`, id, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m delivery.ReturnedMail
		if err := rows.Scan(&m.Reader, &m.Class, &m.Reply); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// canaryStand reads what a send's row says of its first part.
func canaryStand(ids string, until int64) (c delivery.CanaryStand, err error) {
	if ids == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(ids), &c.IDs); err != nil {
		return c, errors.Join(errors.New("the first part of the send cannot be read"), err)
	}
	c.Until = fromMillis(until)
	return c, nil
}
