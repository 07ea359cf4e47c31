package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"verdicts.example/digest/internal/store"
)

// A group shares commits among what comes at once: a commit is a sync of the
// disk, and a hundred sign-ups or votes need no more than one. Whoever comes
// while one is written waits for the next; its first member writes it.
type group[T any] struct {
	mu      sync.Mutex
	writing bool
	waiting []*member[T]
}

// groupMost is how many rows one commit takes.
const groupMost = 500

// A group waits for the writer as long as the caller who writes it has patience,
// and for at least groupLeast, since others have joined; without a deadline for
// groupWrite.
const (
	groupLeast = time.Second
	groupWrite = 5 * time.Second
)

type member[T any] struct {
	row  T
	lead chan struct{} // closed: it writes the next group
	done chan struct{} // closed: err is set
	err  error
}

// commit returns when the row is durable, with others' that came at the same
// time. When the caller's patience ends before, the row may be kept all the same.
// Insert may set a member's own err; the others' rows are kept then.
func (g *group[T]) commit(ctx context.Context, db *DB, row T, insert func(context.Context, *sql.Tx, []*member[T]) error) error {
	m := &member[T]{row: row, lead: make(chan struct{}), done: make(chan struct{})}
	leads, err := g.turn(ctx, m)
	if err != nil {
		return err
	}
	if leads {
		g.write(ctx, db, insert)
	}
	return m.err
}

// turn joins the next group and waits until it is written, or is to be written
// by this member. It is store.ErrBusy when the caller's patience ends before.
func (g *group[T]) turn(ctx context.Context, m *member[T]) (leads bool, err error) {
	if g.join(m) {
		return true, nil
	}
	patience := ctx.Done()
	for {
		select {
		case <-m.done:
			return false, nil
		case <-m.lead:
			return true, nil
		case <-patience:
			if g.leave(m) {
				return false, fmt.Errorf("%w: %w", store.ErrBusy, ctx.Err())
			}
			patience = nil // it is being written, or is to write
		}
	}
}

// join adds a member to the next group and reports whether it is to write it.
func (g *group[T]) join(m *member[T]) (leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, m)
	leads = !g.writing
	g.writing = true
	return leads
}

// leave takes a member out of the next group; it reports whether it still could.
func (g *group[T]) leave(m *member[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-m.lead:
		return false
	default:
	}
	i := slices.Index(g.waiting, m)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// write writes a group, the caller's row with it, and has the next one written
// by its first member.
func (g *group[T]) write(ctx context.Context, db *DB, insert func(context.Context, *sql.Tx, []*member[T]) error) {
	g.mu.Lock()
	members := g.waiting[:min(len(g.waiting), groupMost)]
	g.waiting = append([]*member[T](nil), g.waiting[len(members):]...)
	g.mu.Unlock()

	wait := groupWrite
	if deadline, ok := ctx.Deadline(); ok {
		wait = max(time.Until(deadline), groupLeast)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	if err := db.inTx(ctx, func(tx *sql.Tx) error { return insert(ctx, tx, members) }); err != nil {
		for _, m := range members {
			m.err = err
		}
	}
	for _, m := range members {
		close(m.done)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.writing = len(g.waiting) > 0; g.writing {
		close(g.waiting[0].lead)
	}
}
