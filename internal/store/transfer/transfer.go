// Package transfer moves a list from one store to another: everything, as it is,
// with its secret, so that the links in mailboxes and the journals beside the
// database go with it.
//
// The package promises: the store that the list leaves is closed to the program
// from the first row on, so that no two databases send for one list; a move that
// was cut off goes on where it was, and changes nothing twice; it ends only when
// both stores have the same rows, table by table; and it does not begin while a
// send is open.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrSending: an edition is being sent.
	ErrSending = errors.New("an edition is being sent")
	// ErrTaken: the target holds a list already.
	ErrTaken = errors.New("there is a list already")
	// ErrUnlike: after the copy the stores do not have the same rows.
	ErrUnlike = errors.New("the copy is not like the original")
	// ErrNotMoving: there is no unfinished move to give up.
	ErrNotMoving = errors.New("no move is under way")
)

// A Store is one end of a move.
type Store interface {
	Name() string // for people; no password is in it
	Numbers(ctx context.Context) (Numbers, error)
	Secret(ctx context.Context) ([]byte, error)
	Contents
	Marks
}

// Contents are the tables of a store, and their rows.
type Contents interface {
	// Tables gives the store's tables, those of single editions left out.
	Tables(ctx context.Context) ([]string, error)
	// Columns gives a table's columns; none where there is no such table.
	Columns(ctx context.Context, table string) ([]string, error)
	Count(ctx context.Context, table string) (int64, error)
	// Read gives at most limit rows after a key, in the key's order; a nil key is
	// before the first. A value is an int64, a string, a []byte or nil.
	Read(ctx context.Context, t Table, columns []string, after Key, limit int) ([][]any, error)
	// Write keeps rows and where the move is, in one transaction.
	Write(ctx context.Context, t Table, columns []string, rows [][]any, at Progress) error
}

// Marks are what the two stores remember of a move.
type Marks interface {
	// Away gives where the list has gone, or is going; "" where it is here.
	Away(ctx context.Context) (to string, done bool, err error)
	// SetAway marks that the list is going, or has gone; "" that it stays. Nobody
	// else may have the store open then: it fails with ErrOpen.
	SetAway(ctx context.Context, to string, done bool) error
	// Progress gives how far the store has received a list; ok is false where it
	// receives none.
	Progress(ctx context.Context) (at Progress, ok bool, err error)
	// Begin makes the store one that receives the list with this secret.
	Begin(ctx context.Context, secret []byte, at Progress) error
	// Complete makes it one that holds the list: numbers that were given are never
	// given again, and what only this store keeps is made of the rows.
	Complete(ctx context.Context, last Numbers) error
}

// Numbers are the last ids that were given, by table.
type Numbers map[string]int64

// NumbersOf reads the last id of each table.
func NumbersOf(tables []string, last func(table string) (int64, error)) (Numbers, error) {
	out := Numbers{}
	for _, t := range tables {
		n, err := last(t)
		if err != nil {
			return nil, fmt.Errorf("read the last number of %s: %w", t, err)
		}
		out[t] = n
	}
	return out, nil
}

// ErrOpen: another process has the store open.
var ErrOpen = errors.New("another process has the database open; stop it first")

// Progress is how far a move is.
type Progress struct {
	From   string `json:"from"`
	Table  string `json:"table"`  // the one that is being moved; those before it are done
	Copied int64  `json:"copied"` // rows of it
	After  Key    `json:"after"`  // of the last of them
}

// A Report says what was moved, or would be.
type Report struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Tables []Count `json:"tables"`
	Rows   int64   `json:"rows"`
	Dry    bool    `json:"dry_run,omitempty"`
}

// A Count is how many rows of a table were moved, or would be.
type Count struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Options are how a move is done.
type Options struct {
	Dry      bool
	Progress func(rows, of int64) // called now and then; may be nil
}

// chunk is how many rows one transaction takes.
const chunk = 10_000

// Run moves the list, or goes on with a move that was cut off.
func Run(ctx context.Context, from, to Store, o Options) (Report, error) {
	m := &move{from: from, to: to, o: o, report: Report{From: from.Name(), To: to.Name(), Tables: []Count{}, Dry: o.Dry}}
	if err := m.look(ctx); err != nil {
		return Report{}, fmt.Errorf("move the list from %s to %s: %w", from.Name(), to.Name(), err)
	}
	if o.Dry {
		return m.report, nil
	}
	if err := m.run(ctx); err != nil {
		return Report{}, fmt.Errorf("move the list from %s to %s: %w", from.Name(), to.Name(), err)
	}
	return m.report, nil
}

// Stay gives up an unfinished move: the list stays where it is. What the target
// has received stays there, unused.
func Stay(ctx context.Context, from Store) (to string, err error) {
	to, done, err := from.Away(ctx)
	switch {
	case err != nil:
		return "", err
	case to == "":
		return "", ErrNotMoving
	case done:
		return "", fmt.Errorf("%w: the list has moved to %s, and has been used there since", ErrNotMoving, to)
	}
	return to, from.SetAway(ctx, "", false)
}

// A move is one run.
type move struct {
	from, to Store
	o        Options
	report   Report
	at       Progress
	resumed  bool
	moved    int64
}

// look finds out whether the list can be moved, and counts it.
func (m *move) look(ctx context.Context) error {
	open, err := m.openSends(ctx)
	if err != nil {
		return err
	}
	if open > 0 {
		return ErrSending
	}
	for _, t := range Tables() {
		n, err := m.from.Count(ctx, t.Name)
		if err != nil {
			return fmt.Errorf("count %s: %w", t.Name, err)
		}
		m.report.Tables, m.report.Rows = append(m.report.Tables, Count{t.Name, n}), m.report.Rows+n
	}
	m.at, m.resumed, err = m.to.Progress(ctx)
	switch {
	case err != nil:
		return err
	case m.resumed && m.at.From != m.from.Name():
		return fmt.Errorf("%w: it is receiving the one of %s", ErrTaken, m.at.From)
	case m.resumed:
		return nil
	}
	return m.lookEmpty(ctx)
}

// lookEmpty refuses a target that holds something: nothing is overwritten.
func (m *move) lookEmpty(ctx context.Context) error {
	for _, t := range Tables() {
		n, err := m.to.Count(ctx, t.Name)
		if err != nil {
			return fmt.Errorf("count %s: %w", t.Name, err)
		}
		if n > 0 && t.Name != "schedule_state" {
			return fmt.Errorf("%w in the target, with %d rows in %s; name an empty database", ErrTaken, n, t.Name)
		}
	}
	return nil
}

// openSends counts the sends that have not ended.
func (m *move) openSends(ctx context.Context) (n int64, err error) {
	for after := Key(nil); ; {
		rows, err := m.from.Read(ctx, Table{"sends", ids("edition_id")}, []string{"edition_id", "finished_at"}, after, chunk)
		if err != nil {
			return 0, err
		}
		for _, r := range rows {
			if r[1] == int64(0) {
				n++
			}
			after = r[:1]
		}
		if len(rows) < chunk {
			return n, nil
		}
	}
}

func (m *move) run(ctx context.Context) error {
	if err := m.from.SetAway(ctx, m.to.Name(), false); err != nil {
		return err
	}
	if !m.resumed {
		secret, err := m.from.Secret(ctx)
		if err != nil {
			return err
		}
		m.at = Progress{From: m.from.Name(), Table: Tables()[0].Name}
		if err := m.to.Begin(ctx, secret, m.at); err != nil {
			return err
		}
	}
	for i, t := range Tables() {
		if at := slices.IndexFunc(Tables(), func(o Table) bool { return o.Name == m.at.Table }); i < at {
			m.moved += m.report.Tables[i].Rows
			continue
		}
		if err := m.table(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	if err := m.compare(ctx); err != nil {
		return err
	}
	// The list is here before it is gone there: between the two nobody sends.
	last, err := m.from.Numbers(ctx)
	if err != nil {
		return err
	}
	if err := m.to.Complete(ctx, last); err != nil {
		return err
	}
	return m.from.SetAway(ctx, m.to.Name(), true)
}

// compare counts both stores' rows.
func (m *move) compare(ctx context.Context) error {
	for _, want := range m.report.Tables {
		got, err := m.to.Count(ctx, want.Table)
		if err != nil {
			return err
		}
		if got != want.Rows {
			return fmt.Errorf("%w: %d rows in %s, not %d", ErrUnlike, got, want.Table, want.Rows)
		}
	}
	return nil
}
