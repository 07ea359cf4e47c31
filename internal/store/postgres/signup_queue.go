package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/subscribers"
)

// A queuedRow is a row of the queue of sign-ups, and how long that may become.
type queuedRow struct {
	column.SignUp
	limit int
}

// Queue adds one row to the queue. It returns when the row is durable, with
// others' that came at the same time. When the caller's patience ends before, the
// row may be kept all the same: asked again, it does no harm. Nodes that queue at
// the same moment may exceed the limit by what they write then.
func (q SignUps) Queue(ctx context.Context, s subscribers.QueuedSignUp, limit int) error {
	row, err := column.FromSignUp(s)
	if err == nil {
		err = q.db.signUps.Commit(ctx, queuedRow{row, limit}, inGroup(q.db, insertSignUps))
	}
	if err != nil {
		return fmt.Errorf("queue sign-up: %w", err)
	}
	return nil
}

// inGroup writes a group's rows in one transaction.
func inGroup[T any](db *DB, insert func(context.Context, pgx.Tx, []*group.Member[T]) error) func(context.Context, []*group.Member[T]) error {
	return func(ctx context.Context, members []*group.Member[T]) error {
		return db.inTx(ctx, func(tx pgx.Tx) error { return insert(ctx, tx, members) })
	}
}

// insertSignUps inserts a group; who finds the queue full is told so.
func insertSignUps(ctx context.Context, tx pgx.Tx, members []*group.Member[queuedRow]) error {
	most := 0
	for _, m := range members {
		most = max(most, m.Row.limit)
		m.Err = nil // of an earlier run
	}
	var waiting int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM signups LIMIT $1) q", most).Scan(&waiting); err != nil {
		return err
	}
	var rows [][]any
	for _, m := range members {
		r := m.Row
		if waiting >= r.limit {
			m.Err = subscribers.ErrLimited
			continue
		}
		waiting++
		rows = append(rows, []any{r.Email, text(r.Details), r.IP, r.At, string(r.Wish)})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"signups"}, []string{"email", "details", "ip", "at", "wish"}, pgx.CopyFromRows(rows))
	return err
}
