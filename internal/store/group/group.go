// Package group shares commits among what comes at once: a commit is a sync of
// the disk, and a hundred sign-ups or votes need no more than one.
//
// The package promises that Commit returns nil only when the row is durable, and
// that a row which fails by itself costs the others nothing.
package group

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"verdicts.example/digest/internal/store"
)

// A Group is what waits to be committed. Whoever comes while one is written waits
// for the next; its first member writes it. The zero Group is ready.
type Group[T any] struct {
	mu      sync.Mutex
	writing bool
	waiting []*Member[T]
}

// most is how many rows one commit takes.
const most = 500

// A group waits for the database as long as the caller who writes it has patience,
// and for at least least, since others have joined; without a deadline for
// longest.
const (
	least   = time.Second
	longest = 5 * time.Second
)

// A Member is one row of a group. Whoever writes the group may set its Err: the
// others' rows are kept then.
type Member[T any] struct {
	Row T
	Err error

	lead chan struct{} // closed: it writes the next group
	done chan struct{} // closed: Err is set
}

// Commit returns when the row is durable, with others' that came at the same
// time. When the caller's patience ends before, the row may be kept all the same.
// Write writes a group in one transaction.
func (g *Group[T]) Commit(ctx context.Context, row T, write func(context.Context, []*Member[T]) error) error {
	m := &Member[T]{Row: row, lead: make(chan struct{}), done: make(chan struct{})}
	leads, err := g.turn(ctx, m)
	if err != nil {
		return err
	}
	if leads {
		g.write(ctx, write)
	}
	return m.Err
}

// turn joins the next group and waits until it is written, or is to be written
// by this member. It is store.ErrBusy when the caller's patience ends before.
func (g *Group[T]) turn(ctx context.Context, m *Member[T]) (leads bool, err error) {
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
func (g *Group[T]) join(m *Member[T]) (leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, m)
	leads = !g.writing
	g.writing = true
	return leads
}

// leave takes a member out of the next group; it reports whether it still could.
func (g *Group[T]) leave(m *Member[T]) bool {
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
func (g *Group[T]) write(ctx context.Context, write func(context.Context, []*Member[T]) error) {
	g.mu.Lock()
	members := g.waiting[:min(len(g.waiting), most)]
	g.waiting = append([]*Member[T](nil), g.waiting[len(members):]...)
	g.mu.Unlock()

	wait := longest
	if deadline, ok := ctx.Deadline(); ok {
		wait = max(time.Until(deadline), least)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	if err := write(ctx, members); err != nil {
		for _, m := range members {
			m.Err = err
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
