package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A write that another one undoes, or that does not reach the server, is tried
// again for at most patience, which is below the time that the web server has for
// an answer.
const (
	patience   = 15 * time.Second
	firstPause = 5 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// inTx runs fn in one transaction and commits it, or rolls it back when fn or
// the commit fails. fn may run several times, each time in a transaction of its
// own: it must not add to what an earlier run gave. It fails with ErrBusy, and
// has done nothing, when the server cannot be reached or others are in the way
// for long, and with ErrInDoubt when the reply to the commit was lost. Within
// Together it is a part of that transaction, which is tried again as a whole.
func (db *DB) inTx(ctx context.Context, fn func(pgx.Tx) error) error {
	if tx := db.running(ctx); tx != nil {
		return once(ctx, tx, fn) // in a savepoint
	}
	return db.patiently(ctx, func() error { return once(ctx, db.pool, fn) })
}

// runningKey is the context's key of a database's transaction.
type runningKey struct{ *DB }

// Together runs fn in one transaction: what fn does with the context that it is
// given is kept as a whole or not at all. Whatever waits for others, or takes
// long, comes before it. fn may run several times; see inTx.
func (db *DB) Together(ctx context.Context, fn func(context.Context) error) error {
	return db.inTx(ctx, func(tx pgx.Tx) error { return fn(context.WithValue(ctx, runningKey{db}, tx)) })
}

// running is the transaction that ctx is in; nil: none.
func (db *DB) running(ctx context.Context) pgx.Tx {
	tx, _ := ctx.Value(runningKey{db}).(pgx.Tx)
	return tx
}

type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

func once(ctx context.Context, on beginner, fn func(pgx.Tx) error) error {
	tx, err := on.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, ignoreClosed(tx.Rollback(context.WithoutCancel(ctx))))
	}
	return committed(tx.Commit(ctx))
}

// inOneGo is inTx for statements that need no answers of each other: all of them are sent
// at once, and BEGIN with them, which spares a sender a wait for the network a group. read
// reads the answers; then follows in the same transaction. It begins no savepoint: it is
// not for within Together.
func (db *DB) inOneGo(ctx context.Context, statements func() (*pgx.Batch, func(pgx.BatchResults) error), then func(runner) error) error {
	return db.patiently(ctx, func() error {
		c, err := db.pool.Acquire(ctx)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer c.Release() // which closes it where the transaction is still open
		b, read := statements()
		if err := sendOpening(ctx, c, b, read); err != nil {
			return errors.Join(err, rollBack(ctx, c))
		}
		if err := then(c); err != nil {
			return errors.Join(err, rollBack(ctx, c))
		}
		tag, err := c.Exec(ctx, "commit")
		if err == nil && tag.String() == "ROLLBACK" {
			err = pgx.ErrTxCommitRollback
		}
		return committed(err)
	})
}

// inOneStatement is inTx for a statement that is a transaction of its own.
func (db *DB) inOneStatement(ctx context.Context, query string, args ...any) error {
	return db.patiently(ctx, func() error {
		c, err := db.pool.Acquire(ctx)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		defer c.Release()
		if _, err = c.Exec(ctx, query, args...); away(err) && !pgconn.SafeToRetry(err) {
			return committed(err)
		}
		return err
	})
}

// sendOpening sends BEGIN and statements, and has read read what the server says to these.
func sendOpening(ctx context.Context, c *pgxpool.Conn, statements *pgx.Batch, read func(pgx.BatchResults) error) error {
	var b pgx.Batch
	b.Queue("begin")
	b.QueuedQueries = append(b.QueuedQueries, statements.QueuedQueries...)
	res := c.SendBatch(ctx, &b)
	_, err := res.Exec()
	if err == nil {
		err = read(res)
	} else {
		err = fmt.Errorf("begin: %w", err)
	}
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	return err
}

// rollBack ends a transaction that is not to hold, if it was begun.
func rollBack(ctx context.Context, c *pgxpool.Conn) error {
	if c.Conn().IsClosed() || c.Conn().PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := c.Exec(context.WithoutCancel(ctx), "rollback")
	return ignoreClosed(err)
}

// committed tells a commit that failed from one whose reply was lost.
func committed(err error) error {
	switch {
	case err == nil:
		return nil
	case sqlState(err) == "" || away(err):
		return fmt.Errorf("commit: %w: %w", ErrInDoubt, err)
	default:
		return fmt.Errorf("commit: %w", err)
	}
}

// patiently calls fn again while another's write undoes it or the server is away.
func (db *DB) patiently(ctx context.Context, fn func() error) error {
	pause := firstPause
	for began := time.Now(); ; {
		err := fn()
		if err == nil || errors.Is(err, ErrInDoubt) || !again(err) && !away(err) {
			return err
		}
		if ctx.Err() != nil || time.Since(began) > patience {
			return db.fault(err)
		}
		pauseFor(ctx, pause/2+rand.N(pause))
		pause = min(2*pause, lastPause)
	}
}

func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// readTx runs fn on one snapshot of the database; within Together, on what that
// has written.
func (db *DB) readTx(ctx context.Context, fn func(pgx.Tx) error) error {
	if tx := db.running(ctx); tx != nil {
		return fn(tx)
	}
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return db.fault(fmt.Errorf("begin: %w", err))
	}
	return db.fault(errors.Join(fn(tx), ignoreClosed(tx.Rollback(context.WithoutCancel(ctx)))))
}

func ignoreClosed(err error) error {
	if errors.Is(err, pgx.ErrTxClosed) || away(err) {
		return nil
	}
	return err
}
