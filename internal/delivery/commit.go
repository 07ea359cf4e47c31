package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store"
)

func (r *recorder) commitAll(ctx context.Context) {
	defer close(r.groups)
	defer r.late.Stop()
	var took time.Duration // by the last commit
	for {
		select {
		case <-r.wake:
			r.gather(took)
		case <-r.late.C:
		case <-r.quit:
			r.commit(ctx)
			r.again(ctx)
			return
		}
		began := time.Now()
		r.commit(ctx)
		took = time.Since(began)
	}
}

// gather waits for the intents of the other busy workers, because a commit for
// all of them costs as much as one for the first: until there are enough, or
// none has come for two commits' time, or gatherMost has passed.
func (r *recorder) gather(took time.Duration) {
	end := time.Now().Add(gatherMost)
	t := time.NewTimer(min(2*took, gatherMost))
	defer t.Stop()
	for !r.enough() {
		select {
		case <-r.wake:
			t.Reset(min(2*took, time.Until(end)))
		case <-t.C:
			return
		}
	}
}

// enough reports whether every busy worker waits, or so many that the others
// had better go on sending meanwhile.
func (r *recorder) enough() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiters) >= min(int(r.busy.Load()), gatherEnough) || len(r.flushers) > 0 || r.failed != nil
}

// next takes what has gathered; the group is nil when there is nothing.
func (r *recorder) next() (*Group, []*intent, []chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, waiters, flushers := r.group, r.waiters, r.flushers
	r.flushers = nil
	if len(g.Outcomes) == 0 && len(waiters) == 0 && len(g.Undone) == 0 && g.Pause.Reason == "" {
		return nil, nil, flushers
	}
	r.group = &Group{Outcomes: make([]Outcome, 0, len(g.Outcomes)+8)}
	r.waiters = make([]*intent, 0, len(waiters)+8)
	return g, waiters, flushers
}

func (r *recorder) commit(ctx context.Context) {
	g, waiters, flushers := r.next()
	defer func() {
		for _, done := range flushers {
			close(done)
		}
	}()
	if g == nil {
		return
	}
	for _, in := range waiters {
		g.Intents = append(g.Intents, in.id)
	}
	res, err := r.put(ctx, g)
	if err != nil {
		r.lost = append(r.lost, g)
	} else {
		err = res.Gate
	}
	if err != nil {
		r.refuse(waiters, err)
		return
	}
	waiters = withdraw(waiters, res.Withdrawn)
	if err := r.renewLate(ctx, g); err != nil {
		r.undo(waiters, err)
		return
	}
	if len(waiters) == 0 {
		return
	}
	r.seq++
	r.groups <- committed{record: journalRecord(r.seq, g.At, waiters), waiters: waiters, until: g.LeaseUntil}
}

// put commits a group. While another process writes, as an import of a large
// list does, it waits: what the group holds has happened, and to lose it would
// leave its deliveries unknown.
func (r *recorder) put(ctx context.Context, g *Group) (res GroupResult, err error) {
	err = retryBusy(ctx, func() error {
		now := r.now()
		g.At, g.LeaseUntil, g.Day, g.Seq = now, now.Add(r.ttl), r.warmup.day(now), r.seq+1
		res, err = r.store.Record(ctx, g)
		return err
	})
	return res, err
}

// renewLate renews the lease again when the group's commit had to wait: what it
// renewed the lease to was worded before.
func (r *recorder) renewLate(ctx context.Context, g *Group) error {
	now := r.now()
	if !now.After(g.LeaseUntil.Add(-r.ttl / 2)) {
		return nil
	}
	g.LeaseUntil = now.Add(r.ttl)
	return r.renew(context.WithoutCancel(ctx), g.LeaseUntil)
}

// again tries once more, at the end, to commit the replies that could not be
// written before. What still cannot be written stays dotting, thus unknown; why
// the run failed is known already.
func (r *recorder) again(ctx context.Context) {
	ended, cancel := context.WithCancel(ctx)
	cancel() // no long wait for another process
	for _, g := range r.lost {
		g.Intents = nil // their messages were not ended, and never will be
		_, _ = r.put(ended, g)
	}
}

// How long a sender waits for a database that another process writes to.
const (
	busyLongest = 10 * time.Minute
	busyAtEnd   = 30 * time.Second // once the run is to end
)

// retryBusy calls fn until it fails with something other than store.ErrBusy, or
// succeeds.
func retryBusy(ctx context.Context, fn func() error) error {
	for began := time.Now(); ; {
		err := fn()
		waited := time.Since(began)
		if !errors.Is(err, store.ErrBusy) || waited > busyLongest || ctx.Err() != nil && waited > busyAtEnd {
			return err
		}
		time.Sleep(lookSoon) // SQLite has waited before
	}
}

// withdraw answers the intents whose reader has left and gives the others.
func withdraw(waiters []*intent, gone []int64) []*intent {
	for _, id := range gone {
		for i, in := range waiters {
			if in.id == id {
				in.answer <- ErrWithdrawn
				waiters = append(waiters[:i], waiters[i+1:]...)
				break
			}
		}
	}
	return waiters
}

func journalRecord(seq uint64, at time.Time, waiters []*intent) journal.Record {
	rec := journal.Record{Seq: seq, At: at.Unix()}
	for _, in := range waiters {
		if in.again {
			rec.Again = append(rec.Again, in.id)
		} else {
			rec.First = append(rec.First, in.id)
		}
	}
	return rec
}

// journalAll notes each committed group and then lets its messages end, unless
// the machine slept through the lease meanwhile.
func (r *recorder) journalAll() {
	for c := range r.groups {
		err := r.journal.Append(c.record)
		if err != nil {
			err = fmt.Errorf("no message is sent without the journal: %w", err)
		} else if r.now().After(c.until) {
			err = fmt.Errorf("%w: the lease ran out before the message could be ended", ErrLeaseLost)
		}
		if err != nil {
			r.undo(c.waiters, err)
			continue
		}
		answerAll(c.waiters, nil)
	}
}

// undo refuses intents that are in the database already. Their messages are
// certain not to have been ended, so the next commit queues them again; the
// journal may or may not have them, which is no less than what has left.
func (r *recorder) undo(waiters []*intent, err error) {
	r.mu.Lock()
	for _, in := range waiters {
		r.group.Undone = append(r.group.Undone, in.id)
	}
	r.mu.Unlock()
	r.refuse(waiters, err)
}

func (r *recorder) refuse(waiters []*intent, err error) {
	r.failIntents(err)
	answerAll(waiters, err)
}

func answerAll(waiters []*intent, err error) {
	for _, in := range waiters {
		in.answer <- err
	}
}
