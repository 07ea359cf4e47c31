package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/store"
)

// commitAll commits one group after another: when there is enough for one, or what
// there is has waited for more long enough. A commit for all busy workers costs as
// much as one for the first of them.
func (r *recorder) commitAll(ctx context.Context) {
	defer close(r.records)
	defer r.late.Stop()
	for {
		select {
		case <-r.full:
			r.mu.Lock()
			stale := !r.enough()
			r.mu.Unlock()
			if stale {
				continue // what it spoke of was committed meanwhile
			}
		case <-r.late.C:
		case <-r.quit:
			r.commit(ctx)
			r.again(ctx)
			return
		}
		r.commit(ctx)
	}
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
		g.Intents = append(g.Intents, in.Intent)
	}
	began := time.Now()
	if len(waiters) > 0 {
		r.records <- journalRecord(r.seq+1, r.now(), waiters)
	}
	res, err := r.put(ctx, g)
	if err != nil {
		r.lost = append(r.lost, g)
	} else {
		err = res.Gate
	}
	var noted error
	if len(waiters) > 0 {
		noted = <-r.noted
		r.seq++
	}
	r.setLongest(time.Since(began))
	if err != nil {
		_ = r.journal.Settle(g.Intended()) // else the next sender does
		r.refuse(waiters, err)
		return
	}
	r.conclude(ctx, g, withdraw(waiters, res.Withdrawn), res.Withdrawn, noted)
}

// leaseSteps are the steps in which a lease is lengthened: a group that leaves it as it
// is writes a page less.
const leaseSteps = 32

// setLongest has an intent wait for others as long as two commits take.
func (r *recorder) setLongest(took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.longest = min(2*took, gatherMost)
}

// conclude answers a committed group's intents, once the journal knows which of
// their messages are not ended.
func (r *recorder) conclude(ctx context.Context, g *Group, waiters []*intent, withdrawn []int64, noted error) {
	err := r.mayEnd(ctx, g, noted)
	if err == nil && len(g.Intents) > 0 {
		if err = r.journal.Settle(withdrawn); err != nil {
			err = fmt.Errorf("no message is sent without the journal: %w", err)
		}
	}
	if err != nil {
		_ = r.journal.Settle(g.Intended()) // else the next sender does
		r.undo(waiters, err)
		return
	}
	answerAll(waiters, nil)
}

// mayEnd gives the reason not to end the messages of a group that is committed: the
// journal does not have it, or the lease ran out, as when the machine slept. When
// the commit had to wait, what it renewed the lease to was worded before.
func (r *recorder) mayEnd(ctx context.Context, g *Group, noted error) error {
	if noted != nil {
		return fmt.Errorf("no message is sent without the journal: %w", noted)
	}
	if now := r.now(); now.After(g.LeaseUntil.Add(-r.ttl / 2)) {
		g.LeaseUntil = now.Add(r.ttl)
		if err := r.renew(context.WithoutCancel(ctx), g.LeaseUntil); err != nil {
			return err
		}
	}
	if len(g.Intents) > 0 && r.now().After(g.LeaseUntil) {
		return fmt.Errorf("%w: the lease ran out before the message could be ended", ErrLeaseLost)
	}
	return nil
}

// put commits a group. While another process writes, as an import of a large
// list does, it waits: what the group holds has happened, and to lose it would
// leave its deliveries unknown.
func (r *recorder) put(ctx context.Context, g *Group) (res GroupResult, err error) {
	err = retryBusy(ctx, func() error {
		now := r.now()
		g.At, g.LeaseUntil, g.Day, g.Seq = now, now.Add(r.ttl).Truncate(r.ttl/leaseSteps), r.warmup.day(now), r.seq+1
		res, err = r.store.Record(ctx, g)
		return err
	})
	return res, err
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
			if in.ID == id {
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
			rec.Again = append(rec.Again, in.ID)
		} else {
			rec.First = append(rec.First, in.ID)
		}
	}
	return rec
}

// journalAll notes each group's intents, beside their commit.
func (r *recorder) journalAll() {
	for record := range r.records {
		r.noted <- r.journal.Append(record)
	}
}

// undo refuses intents that are in the database already. Their messages are
// certain not to have been ended, so the next commit queues them again.
func (r *recorder) undo(waiters []*intent, err error) {
	r.mu.Lock()
	for _, in := range waiters {
		r.group.Undone = append(r.group.Undone, in.ID)
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
