package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"verdicts.example/digest/internal/store/column"
)

// busyFor is how long a write waits for another process's, such as the import
// of a large list: below the time that the web server has for an answer.
const busyFor = 20 * time.Second

// inTx runs fn in one immediate transaction on the writer and commits it, or
// rolls it back when fn or the commit fails. It fails with ErrBusy, and has done
// nothing, when another process writes for long, or until ctx ends. Within
// Together it is a part of that transaction.
func (db *DB) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	if tx := db.running(ctx); tx != nil {
		return db.fault(part(ctx, tx, fn))
	}
	tx, err := db.begin(ctx)
	for began := time.Now(); errors.Is(err, ErrBusy) && ctx.Err() == nil && time.Since(began) < busyFor; {
		tx, err = db.begin(ctx)
	}
	return db.fault(finishTx(tx, err, fn))
}

// inTxSoon is inTx that waits no longer than SQLite itself: for what must be
// worded anew when it has had to wait, such as a lease.
func (db *DB) inTxSoon(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.begin(ctx)
	return db.fault(finishTx(tx, err, fn))
}

// inGroup is inTxSoon for what is written all the time, whatever becomes of a context.
// database/sql gives each of its transactions a context that can end, and starts a
// goroutine for that, and one for each query in it.
func (db *DB) inGroup(fn func(context.Context, *sql.Conn) error) error {
	return db.onWriter(func(ctx context.Context, conn *sql.Conn) error {
		run := func(text string) error {
			_, err := conn.ExecContext(ctx, text)
			return err
		}
		return immediately(run, func() error { return fn(ctx, conn) })
	})
}

// inGroupDirect is inGroup without database/sql.
func (db *DB) inGroupDirect(fn func(direct) error) error {
	return db.onWriter(func(_ context.Context, conn *sql.Conn) error {
		return conn.Raw(func(c any) error {
			d := direct{c.(*sqlite3.SQLiteConn)}
			return immediately(d.run, func() error { return fn(d) })
		})
	})
}

// onWriter gives fn the connection that writes.
func (db *DB) onWriter(fn func(context.Context, *sql.Conn) error) (err error) {
	defer func() { err = db.fault(err) }()
	if err := db.stoodLately(); err != nil {
		return err
	}
	ctx := context.Background()
	conn, err := db.w.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return fn(ctx, conn)
}

// immediately has fn in a transaction; run runs a statement on its connection.
func immediately(run func(text string) error, fn func() error) (err error) {
	if err := run(`BEGIN IMMEDIATE`); err != nil {
		return fmt.Errorf("begin: %w", busy(err))
	}
	done := false
	defer func() { // also in a panic: the connection goes on to the next
		if !done {
			err = errors.Join(err, ignoreDone(run(`ROLLBACK`)))
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if err := run(`COMMIT`); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	return nil
}

// begin begins an immediate transaction. Only here, where the write lock is
// taken, can another process be in the way. Within this one a write waits for
// the others until its deadline: a list that is frozen keeps them waiting, too.
func (db *DB) begin(ctx context.Context) (*sql.Tx, error) {
	if err := db.stands(); err != nil {
		return nil, err
	}
	tx, err := db.w.BeginTx(ctx, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("begin: %w (%w)", ErrBusy, err)
	}
	if err != nil {
		return nil, fmt.Errorf("begin: %w", busy(err))
	}
	return tx, nil
}

func finishTx(tx *sql.Tx, err error, fn func(*sql.Tx) error) error {
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// runningKey is the context's key of a database's transaction.
type runningKey struct{ *DB }

// Together runs fn in one transaction: what fn does with the context that it is
// given is kept as a whole or not at all. Whatever waits for others, or takes
// long, comes before it.
func (db *DB) Together(ctx context.Context, fn func(context.Context) error) error {
	return db.inTx(ctx, func(tx *sql.Tx) error { return fn(context.WithValue(ctx, runningKey{db}, tx)) })
}

// running is the transaction that ctx is in; nil: none.
func (db *DB) running(ctx context.Context) *sql.Tx {
	tx, _ := ctx.Value(runningKey{db}).(*sql.Tx)
	return tx
}

// part runs fn in a running transaction. When fn fails, what it did is undone and
// the transaction goes on.
func part(ctx context.Context, tx *sql.Tx, fn func(*sql.Tx) error) error {
	if _, err := tx.ExecContext(ctx, `SAVEPOINT part`); err != nil {
		return err
	}
	failed := fn(tx)
	if failed != nil {
		_, err := tx.ExecContext(ctx, `ROLLBACK TO part`)
		failed = errors.Join(failed, err)
	}
	_, err := tx.ExecContext(ctx, `RELEASE part`)
	return errors.Join(failed, err)
}

// readTx runs fn on one snapshot of the database, so that an edition and its
// items belong together; within Together, on what that has written.
func (db *DB) readTx(ctx context.Context, fn func(*sql.Tx) error) error {
	if tx := db.running(ctx); tx != nil {
		return db.fault(fn(tx))
	}
	tx, err := db.r.BeginTx(ctx, nil)
	if err != nil {
		return db.fault(fmt.Errorf("begin: %w", err))
	}
	return db.fault(errors.Join(fn(tx), ignoreDone(tx.Rollback())))
}

// queryIDs gives the ids that a query selects.
func queryIDs(ctx context.Context, q querier, query string, args ...any) ([]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// ignoreDone passes over a transaction that has ended before: SQLite rolls one back by
// itself when the disk is full.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) || err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

// toMillis and fromMillis translate times at the edge; the zero time is 0.
func toMillis(t time.Time) int64    { return column.Millis(t) }
func fromMillis(ms int64) time.Time { return column.Time(ms) }
