package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"verdicts.example/digest/subscribers"
)

// A queuedRow is a row of the queue of sign-ups, and how long that may become.
type queuedRow struct {
	values []any
	limit  int
}

// Queue adds one row to the queue. It returns when the row is durable, with
// others' that came at the same time. When the caller's patience ends before, the
// row may be kept all the same: asked again, it does no harm.
func (q SignUps) Queue(ctx context.Context, s subscribers.QueuedSignUp, limit int) error {
	details, err := json.Marshal(s.Details)
	if err != nil {
		return fmt.Errorf("queue sign-up: %w", err)
	}
	ip := ""
	if s.IP.IsValid() {
		ip = s.IP.String()
	}
	row := queuedRow{[]any{s.Address.Email, string(details), ip, toMillis(s.At), s.Wish}, limit}
	if err := q.db.signUps.commit(ctx, q.db, row, insertSignUps); err != nil {
		return fmt.Errorf("queue sign-up: %w", err)
	}
	return nil
}

// insertSignUps inserts a group. Rows leave the queue oldest first, so that the
// span of its ids bounds its length without counting.
func insertSignUps(ctx context.Context, tx *sql.Tx, group []*member[queuedRow]) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO signups (email, details, ip, at, wish)
		SELECT ?, ?, ?, ?, ?
		WHERE coalesce((SELECT max(id) FROM signups) - (SELECT min(id) FROM signups) + 1, 0) < ?`)
	if err != nil {
		return err
	}
	defer insert.Close() // its transaction ends
	for _, m := range group {
		values := m.row.values
		n, err := changed(insert.ExecContext(ctx, append(values[:len(values):len(values)], m.row.limit)...))
		if err != nil {
			return err
		}
		if n == 0 {
			m.err = subscribers.ErrLimited
		}
	}
	return nil
}
