package plainsql

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/column"
)

var _ delivery.Canaries = Canaries{}

// Canaries are the first parts of sends.
type Canaries struct{ db DB }

// Canaries gives the database's first parts of sends.
func (db DB) Canaries() Canaries { return Canaries{db} }

// Candidates calls fn for each reader to whom nothing was sent; see
// delivery.Canaries.
func (c Canaries) Candidates(ctx context.Context, id int64, fn func(int64, string) error) error {
	err := c.db.Read(ctx, func(tx Tx) error {
		return each(ctx, tx, func(rows Rows) error {
			var reader int64
			var email string
			if err := rows.Scan(&reader, &email); err != nil {
				return err
			}
			return fn(reader, email)
		}, `
			SELECT d.subscriber_id, s.email
			FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
			WHERE d.edition_id = $1 AND d.state = `+Queued+`
			  AND s.status = `+StatusActive+` AND s.suppressed = `+NotSuppressed+`
			ORDER BY d.subscriber_id`, id)
	})
	if err != nil {
		return fmt.Errorf("read the readers of edition %d: %w", id, err)
	}
	return nil
}

// BeginCanary sets the first part of a send, once: of several nodes the first.
func (c Canaries) BeginCanary(ctx context.Context, id int64, ids []int64) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	err = c.db.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sends SET canary = $1 WHERE edition_id = $2 AND canary = ''`, string(list), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin the first part of edition %d: %w", id, err)
	}
	return nil
}

// EndCanary sets when the others' turn comes.
func (c Canaries) EndCanary(ctx context.Context, id int64, until time.Time, only bool) error {
	err := c.db.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE sends SET canary_until = $1 WHERE edition_id = $2 AND canary <> '' AND (canary_until = 0 OR NOT $3)`,
			column.Millis(until), id, only)
		return err
	})
	if err != nil {
		return fmt.Errorf("end the first part of edition %d: %w", id, err)
	}
	return nil
}

// CanaryRecord tells what became of the first part.
func (c Canaries) CanaryRecord(ctx context.Context, id int64, ids []int64) (r delivery.CanaryRecord, err error) {
	err = c.db.Read(ctx, func(tx Tx) error {
		list, err := tx.Dialect().List(ids)
		if err != nil {
			return err
		}
		among := tx.Dialect().Among("subscriber_id", "$2")
		if err := canaryCounts(ctx, tx, &r, among, id, list); err != nil {
			return err
		}
		return each(ctx, tx, func(rows Rows) error {
			var m delivery.ReturnedMail
			err := rows.Scan(&m.Reader, &m.Class, &m.Reply)
			r.Returned = append(r.Returned, m)
			return err
		}, `SELECT subscriber_id, class, reply FROM returned WHERE edition_id = $1 AND `+among+` ORDER BY id`, id, list)
	})
	if err != nil {
		return r, fmt.Errorf("read the first part of edition %d: %w", id, err)
	}
	return r, nil
}

func canaryCounts(ctx context.Context, tx Tx, r *delivery.CanaryRecord, among string, args ...any) error {
	return each(ctx, tx, func(rows Rows) error {
		var state int
		var n int64
		var reply string
		if err := rows.Scan(&state, &n, &reply); err != nil {
			return err
		}
		r.Counts[state] = n
		if delivery.State(state) == delivery.Failed {
			r.Refused = delivery.WithoutAddresses(unpadded(reply))
		}
		return nil
	}, `SELECT state, count(*), max(reply) FROM deliveries WHERE edition_id = $1 AND `+among+` GROUP BY state`, args...)
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
