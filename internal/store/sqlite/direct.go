package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/mattn/go-sqlite3"
)

// A direct is the connection that writes, without database/sql, which costs each small
// statement microseconds. What it is given must be a string or an int64.
type direct struct{ conn *sqlite3.SQLiteConn }

// run runs a statement without parameters.
func (d direct) run(text string) error {
	_, err := d.conn.ExecContext(context.Background(), text, nil)
	return err
}

// exec runs a statement that is to change so many rows; errUnusual: it changed others.
func (d direct) exec(rows int64, text string, args ...any) error {
	n, err := changed(d.conn.ExecContext(context.Background(), text, named(args)))
	if err == nil && n != rows {
		err = errUnusual
	}
	return err
}

// row reads the first row of a query.
func (d direct) row(dest []driver.Value, text string, args ...any) (found bool, err error) {
	rows, err := d.conn.QueryContext(context.Background(), text, named(args))
	if err != nil {
		return false, err
	}
	err = rows.Next(dest)
	found = err == nil
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return found, errors.Join(err, rows.Close())
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}
