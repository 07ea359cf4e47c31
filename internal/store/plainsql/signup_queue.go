package plainsql

import (
	"context"

	"verdicts.example/digest/internal/store/column"
	"verdicts.example/digest/internal/store/group"
	"verdicts.example/digest/subscribers"
)

// A QueuedRow is a row of the queue of sign-ups, and how long that may become.
type QueuedRow struct {
	column.SignUp
	Limit int
}

// Queue adds one row to the queue. It returns when the row is durable, with
// others' that came at the same time. When the caller's patience ends before, the
// row may be kept all the same: asked again, it does no harm.
func (q SignUps) Queue(ctx context.Context, s subscribers.QueuedSignUp, limit int) error {
	row, err := column.FromSignUp(s)
	if err == nil {
		err = q.db.Queued.Commit(ctx, QueuedRow{row, limit}, q.db.queueGroup)
	}
	return wrap("queue sign-up", err)
}

func (db DB) queueGroup(ctx context.Context, members []*group.Member[QueuedRow]) error {
	if db.QueueGroup != nil {
		return db.QueueGroup(ctx, members)
	}
	return db.Write(ctx, func(tx Tx) error { return QueueSignUps(ctx, tx, members) })
}

// QueueSignUps adds a group to the queue; who finds it full is told so. Nodes that
// queue at the same moment may exceed the limit by what they write then.
func QueueSignUps(ctx context.Context, tx Tx, members []*group.Member[QueuedRow]) error {
	most := 0
	for _, m := range members {
		most = max(most, m.Row.Limit)
	}
	waiting, err := tx.Dialect().Waiting(ctx, tx, most)
	if err != nil {
		return err
	}
	var rows []column.SignUp
	for _, m := range members {
		if m.Err = nil; waiting >= m.Row.Limit { // of an earlier run
			m.Err = subscribers.ErrLimited
			continue
		}
		waiting++
		rows = append(rows, m.Row.SignUp)
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Dialect().InsertSignUps(ctx, tx, rows)
}
