package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/subscribers"
)

// A signUpQueue shares commits among sign-ups that come at once: a commit is a
// sync of the disk, and a hundred sign-ups need no more than one. Whoever comes
// while a group is written waits for the next; its first member writes it.
type signUpQueue struct {
	mu      sync.Mutex
	writing bool
	waiting []*waitingSignUp
}

// groupMost is how many sign-ups one commit takes.
const groupMost = 500

// A group waits for the writer as long as the caller who writes it has patience,
// and for at least groupLeast, since others have joined; without a deadline for
// groupWrite.
const (
	groupLeast = time.Second
	groupWrite = 5 * time.Second
)

type waitingSignUp struct {
	row   []any
	limit int
	lead  chan struct{} // closed: it writes the next group
	done  chan struct{} // closed: err is set
	err   error
}

// Queue adds one row to the queue. It returns when the row is durable, with
// others' that came at the same time. When the caller's patience ends before, the
// row may be kept all the same: asked again, it does no harm.
func (q SignUps) Queue(ctx context.Context, s subscribers.QueuedSignUp, limit int) error {
	details, err := json.Marshal(s.Details)
	if err != nil {
		return fmt.Errorf("queue sign-up: %w", err)
	}
	ip := ""
	if s.IP.IsValid() {
		ip = s.IP.String()
	}
	w := &waitingSignUp{
		row:   []any{s.Address.Email, string(details), ip, toMillis(s.At), s.Wish},
		limit: limit, lead: make(chan struct{}), done: make(chan struct{}),
	}
	g := &q.db.signUps
	if leads, err := g.turn(ctx, w); err != nil {
		return fmt.Errorf("queue sign-up: %w", err)
	} else if leads {
		g.write(ctx, q.db)
	}
	return w.result()
}

// turn joins the next group and waits until it is written, or is to be written
// by this sign-up. It is store.ErrBusy when the caller's patience ends before.
func (g *signUpQueue) turn(ctx context.Context, w *waitingSignUp) (leads bool, err error) {
	if g.join(w) {
		return true, nil
	}
	patience := ctx.Done()
	for {
		select {
		case <-w.done:
			return false, nil
		case <-w.lead:
			return true, nil
		case <-patience:
			if g.leave(w) {
				return false, fmt.Errorf("%w: %w", store.ErrBusy, ctx.Err())
			}
			patience = nil // it is being written, or is to write
		}
	}
}

func (w *waitingSignUp) result() error {
	if w.err != nil {
		return fmt.Errorf("queue sign-up: %w", w.err)
	}
	return nil
}

// join adds a sign-up to the next group and reports whether it is to write it.
func (g *signUpQueue) join(w *waitingSignUp) (leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	leads = !g.writing
	g.writing = true
	return leads
}

// leave takes a sign-up out of the next group; it reports whether it still could.
func (g *signUpQueue) leave(w *waitingSignUp) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.lead:
		return false
	default:
	}
	i := slices.Index(g.waiting, w)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// write writes a group, the caller's sign-up with it, and has the next one
// written by its first member.
func (g *signUpQueue) write(ctx context.Context, db *DB) {
	g.mu.Lock()
	group := g.waiting[:min(len(g.waiting), groupMost)]
	g.waiting = append([]*waitingSignUp(nil), g.waiting[len(group):]...)
	g.mu.Unlock()

	wait := groupWrite
	if deadline, ok := ctx.Deadline(); ok {
		wait = max(time.Until(deadline), groupLeast)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	if err := db.inTx(ctx, func(tx *sql.Tx) error { return insertSignUps(ctx, tx, group) }); err != nil {
		for _, w := range group {
			w.err = err
		}
	}
	for _, w := range group {
		close(w.done)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.writing = len(g.waiting) > 0; g.writing {
		close(g.waiting[0].lead)
	}
}

// insertSignUps inserts a group. Rows leave the queue oldest first, so that the
// span of its ids bounds its length without counting.
func insertSignUps(ctx context.Context, tx *sql.Tx, group []*waitingSignUp) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO signups (email, details, ip, at, wish)
		SELECT ?, ?, ?, ?, ?
		WHERE coalesce((SELECT max(id) FROM signups) - (SELECT min(id) FROM signups) + 1, 0) < ?`)
	if err != nil {
		return err
	}
	defer insert.Close() // its transaction ends
	for _, w := range group {
		n, err := changed(insert.ExecContext(ctx, append(w.row[:len(w.row):len(w.row)], w.limit)...))
		if err != nil {
			return err
		}
		if n == 0 {
			w.err = subscribers.ErrLimited
		}
	}
	return nil
}
