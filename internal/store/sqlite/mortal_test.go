package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"

	"verdicts.example/digest/internal/store/sqlite"
)

var mortals atomic.Int64 // names of drivers are for ever

// mortal makes db write through SQLite in a process that dies before the nth
// statement from now on, or before or after its commit: die is called then, and
// for all that follows. dead reports whether it came so far.
func mortal(t *testing.T, db *sqlite.DB, n int, die func() error) (dead func() bool) {
	t.Helper()
	d := &mortalDriver{die: die}
	d.left.Store(int64(n))
	name := fmt.Sprint("mortal", mortals.Add(1))
	sql.Register(name, d)
	if err := sqlite.WriteThrough(db, name); err != nil {
		t.Fatal(err)
	}
	return func() bool { return d.left.Load() <= 0 }
}

type mortalDriver struct {
	sqlite3.SQLiteDriver
	left atomic.Int64
	die  func() error
}

func (d *mortalDriver) step() error {
	if d.left.Add(-1) > 0 {
		return nil
	}
	return d.die()
}

func (d *mortalDriver) Open(name string) (driver.Conn, error) {
	c, err := d.SQLiteDriver.Open(name)
	if err != nil {
		return nil, err
	}
	return &mortalConn{SQLiteConn: c.(*sqlite3.SQLiteConn), d: d}, nil
}

type mortalConn struct {
	*sqlite3.SQLiteConn
	d *mortalDriver
}

func (c *mortalConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.d.step(); err != nil {
		return nil, err
	}
	return c.SQLiteConn.ExecContext(ctx, q, args)
}

func (c *mortalConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.d.step(); err != nil {
		return nil, err
	}
	return c.SQLiteConn.QueryContext(ctx, q, args)
}

func (c *mortalConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if c.d.left.Load() <= 0 {
		return nil, c.d.die()
	}
	tx, err := c.SQLiteConn.BeginTx(ctx, o)
	return &mortalTx{Tx: tx, d: c.d}, err
}

type mortalTx struct {
	driver.Tx
	d *mortalDriver
}

func (tx *mortalTx) Commit() error {
	if err := tx.d.step(); err != nil {
		return err
	}
	if err := tx.Tx.Commit(); err != nil {
		return err
	}
	return tx.d.step()
}
