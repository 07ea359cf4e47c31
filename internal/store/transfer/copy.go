package transfer

import (
	"context"
	"fmt"
	"slices"
)

// table moves one table's rows, from where an earlier run was cut off. The next
// rows are read while the last are written.
func (m *move) table(ctx context.Context, t Table) error {
	columns, err := m.columns(ctx, t)
	if err != nil {
		return err
	}
	key := make([]int, len(t.Key))
	for i, c := range t.Key {
		key[i] = slices.Index(columns, c.Name)
	}
	if m.at.Table != t.Name {
		m.at.Table, m.at.Copied, m.at.After = t.Name, 0, nil
	}
	m.moved += m.at.Copied
	ctx, cancel := context.WithCancel(ctx)
	pages := m.read(ctx, t, columns, key)
	defer func() {
		cancel()
		for range pages { // until its goroutine has ended
		}
	}()
	for p := range pages {
		if p.err != nil {
			return p.err
		}
		m.at.Copied += int64(len(p.rows))
		m.at.After = p.last
		if err := m.to.Write(ctx, t, columns, p.rows, m.at); err != nil {
			return err
		}
		if m.moved += int64(len(p.rows)); m.o.Progress != nil {
			m.o.Progress(m.moved, m.report.Rows)
		}
	}
	return ctx.Err()
}

// A page is rows that were read together.
type page struct {
	rows [][]any
	last Key // of the last row
	err  error
}

// read reads the table ahead; the channel is closed at its end.
func (m *move) read(ctx context.Context, t Table, columns []string, key []int) <-chan page {
	pages := make(chan page, 2)
	after := m.at.After
	go func() {
		defer close(pages)
		for {
			rows, err := m.from.Read(ctx, t, columns, after, chunk)
			if err == nil && len(rows) == 0 {
				return
			}
			p := page{rows: rows, err: err}
			if err == nil {
				last := rows[len(rows)-1]
				for _, i := range key {
					p.last = append(p.last, last[i])
				}
				after = p.last
			}
			select {
			case pages <- p:
			case <-ctx.Done():
				return
			}
			if err != nil || len(rows) < chunk {
				return
			}
		}
	}()
	return pages
}

// columns are those that both stores have. One that the target lacks is kept for
// the source's own purposes, unless only a newer program would know it: then the
// schemas are not the same program's, and Open has refused that.
func (m *move) columns(ctx context.Context, t Table) ([]string, error) {
	mine, err := m.from.Columns(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	theirs, err := m.to.Columns(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	both := slices.DeleteFunc(slices.Clone(mine), func(c string) bool { return !slices.Contains(theirs, c) })
	for _, k := range t.Key {
		if !slices.Contains(both, k.Name) {
			return nil, fmt.Errorf("it has no column %s in both databases", k.Name)
		}
	}
	return both, nil
}
