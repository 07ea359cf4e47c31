package sqlite

import (
	"context"
	"database/sql"
	"fmt"

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
// others' that came at the same time; while another process writes for long, in a
// file beside the database. When the caller's patience ends before, the
// row may be kept all the same: asked again, it does no harm.
func (q SignUps) Queue(ctx context.Context, s subscribers.QueuedSignUp, limit int) error {
	row, err := column.FromSignUp(s)
	if err == nil {
		err = q.db.signUps.Commit(ctx, queuedRow{row, limit}, q.db.queueSignUps)
	}
	if err != nil {
		return fmt.Errorf("queue sign-up: %w", err)
	}
	return nil
}

// inGroup writes a group's rows in one transaction.
func inGroup[T any](db *DB, insert func(context.Context, *sql.Tx, []*group.Member[T]) error) func(context.Context, []*group.Member[T]) error {
	return func(ctx context.Context, members []*group.Member[T]) error {
		return db.inTx(ctx, func(tx *sql.Tx) error { return insert(ctx, tx, members) })
	}
}

// insertSignUps inserts a group. Rows leave the queue oldest first, so that the
// span of its ids bounds its length without counting.
func insertSignUps(ctx context.Context, tx *sql.Tx, members []*group.Member[queuedRow]) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO signups (email, details, ip, at, wish)
		SELECT ?, ?, ?, ?, ?
		WHERE coalesce((SELECT max(id) FROM signups) - (SELECT min(id) FROM signups) + 1, 0) < ?`)
	if err != nil {
		return err
	}
	defer insert.Close() // its transaction ends
	for _, m := range members {
		r := m.Row
		n, err := changed(insert.ExecContext(ctx, r.Email, r.Details, r.IP, r.At, r.Wish, r.limit))
		if err != nil {
			return err
		}
		if n == 0 {
			m.Err = subscribers.ErrLimited
		}
	}
	return nil
}
