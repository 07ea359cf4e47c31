package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/store/cursor"
	"verdicts.example/digest/internal/store/plainsql"
)

var _ delivery.Queue = (*queue)(nil)

// A queue is one sender's deliveries of one edition; see delivery.Queue.
type queue struct {
	db     *DB
	sender delivery.Sender
	list   cursor.Cursor
	relays *plainsql.RelayNumbers
}

// Recover puts in order what earlier senders left; see delivery.Store.
func (d Deliveries) Recover(ctx context.Context, s delivery.Sender, at time.Time) (delivery.Queue, delivery.Recovered, error) {
	var out delivery.Recovered
	err := d.db.inTx(ctx, func(tx *sql.Tx) (err error) {
		if err := requireLease(ctx, tx, s); err != nil {
			return err
		}
		out.Requeued, err = changed(tx.ExecContext(ctx, `
			UPDATE deliveries SET state = `+stateQueued+`
			WHERE edition_id = ? AND state = `+stateClaimed+` AND epoch < ?`, s.Edition, s.Epoch))
		if err != nil {
			return err
		}
		out.Unknown, err = changed(tx.ExecContext(ctx, `
			UPDATE deliveries SET state = `+stateUnknown+`, at = ?
			WHERE edition_id = ? AND state = `+stateDotting+` AND epoch < ?`, toMillis(at), s.Edition, s.Epoch))
		return err
	})
	if err != nil {
		return nil, delivery.Recovered{}, fmt.Errorf("recover edition %d: %w", s.Edition, err)
	}
	return &queue{db: d.db, sender: s, relays: d.db.plain().RelayNumbers()}, out, nil
}

// held runs fn in a transaction in which the sender holds the lease.
func (q *queue) held(ctx context.Context, fn func(*sql.Tx) error) error {
	return q.db.inTx(ctx, func(tx *sql.Tx) error {
		if err := requireLease(ctx, tx, q.sender); err != nil {
			return err
		}
		return fn(tx)
	})
}

// Release gives back what is claimed; see delivery.Queue.
func (q *queue) Release(ctx context.Context, deferUntil time.Time) error {
	err := q.held(ctx, func(tx *sql.Tx) error {
		if deferUntil.IsZero() {
			_, err := tx.ExecContext(ctx, `
				UPDATE deliveries SET state = `+stateQueued+`
				WHERE edition_id = ? AND state = `+stateClaimed, q.sender.Edition)
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE deliveries SET state = `+stateDeferred+`, next_attempt = ?
			WHERE edition_id = ? AND state IN (`+stateQueued+`, `+stateClaimed+`)`,
			toMillis(deferUntil), q.sender.Edition)
		return err
	})
	if err != nil {
		return fmt.Errorf("release deliveries of edition %d: %w", q.sender.Edition, err)
	}
	return nil
}

// Finish marks the edition sent when nothing of it is open.
func (q *queue) Finish(ctx context.Context, at time.Time) (finished bool, err error) {
	id := q.sender.Edition
	err = q.held(ctx, func(tx *sql.Tx) (err error) {
		finished, err = plainsql.FinishSend(ctx, plainTx{tx}, id, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("finish edition %d: %w", id, err)
	}
	return finished, nil
}
