package delivery

import (
	"context"
	"fmt"
	"time"
)

// How often the feeder looks at what only time changes.
const (
	lookSoon  = 10 * time.Millisecond // parked recipients
	lookLate  = time.Second
	lookDue   = 5 * time.Second // deferred deliveries that have come due
	lookAgain = time.Minute     // deliveries that an operator queued again
	restsLong = time.Minute     // a domain that rests longer is not waited for
)

// A feeder claims deliveries in the order of subscribers and keeps the
// dispatcher supplied. It holds a cursor, never the list.
type feeder struct {
	s       *sender
	cursor  int64 // queued deliveries up to here were claimed or skipped
	skipped int64 // the first one that was skipped, 0 for none
	drained bool  // nothing is queued after the cursor
	// In a pass over the list, passed holds the domains that were skipped. Once
	// a pass has reached the end, only those of known are still queued.
	passed map[string]bool
	known  map[string]bool
	whole  bool // a pass has reached the end
	dueAt  time.Time
	begun  int64 // claimed in this run

	deferUntil time.Time // set: what is left waits for a domain until then
	nextDay    time.Time // set: what is left waits for the next day
}

// run returns nil when there is nothing more to do now.
func (f *feeder) run(ctx context.Context) error {
	for ctx.Err() == nil {
		v := f.s.dispatch.look()
		limit, err := f.allowance(ctx, v)
		if err != nil {
			return err
		}
		if v.room && limit > 0 {
			claimed, err := f.claim(ctx, v, limit)
			if err != nil {
				return err
			}
			if claimed {
				continue
			}
		}
		done, wait, err := f.rest(ctx, v, limit)
		if done || err != nil {
			return err
		}
		f.wait(ctx, wait)
	}
	return ctx.Err()
}

// wait waits for the dispatcher's word, or for a time.
func (f *feeder) wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-f.s.dispatch.more:
	case <-t.C:
	case <-ctx.Done():
	}
}

// allowance is how many more may be claimed now: the claim's size, less near
// the run's limit or the day's.
func (f *feeder) allowance(ctx context.Context, v view) (int64, error) {
	o := &f.s.opt
	n := int64(claimSize)
	if o.Limit > 0 {
		n = min(n, o.Limit-f.begun)
	}
	now := o.Now()
	allowed, limited := o.Pacing.Warmup.allowed(now)
	f.nextDay = time.Time{}
	if !limited || !v.room {
		return n, nil
	}
	sent, err := o.Store.SentOnDay(ctx, o.Pacing.Warmup.day(now))
	if err != nil {
		return 0, err
	}
	if left := allowed - sent - int64(v.held); left < n {
		n = left
		f.nextDay = o.Pacing.Warmup.nextDay(now)
	}
	return n, nil
}

// claim claims due deferred deliveries, then queued ones; it reports whether it
// found any or has more to look through.
func (f *feeder) claim(ctx context.Context, v view, limit int64) (bool, error) {
	o := &f.s.opt
	now := o.Now()
	q := ClaimQuery{Edition: o.Edition, Owner: f.s.owner, Limit: int(limit), Skip: v.skip, At: now}
	if !now.Before(f.dueAt) {
		q.Due = now
		c, err := f.take(ctx, q)
		if err != nil || len(c.Recipients) > 0 {
			return true, err
		}
		f.dueAt = now.Add(lookDue)
	}
	if f.drained && f.skipped > 0 {
		f.cursor, f.skipped, f.drained = f.skipped-1, 0, false
	}
	if f.drained || f.blocked(v.skip) {
		return false, nil
	}
	q.Due, q.After = time.Time{}, f.cursor
	c, err := f.take(ctx, q)
	if err != nil {
		return false, err
	}
	f.advance(v.skip, c)
	return !c.End || len(c.Recipients) > 0, nil
}

// blocked reports whether all that is queued is known to be of the domains in
// skip: then looking through the list again would find nothing.
func (f *feeder) blocked(skip []string) bool {
	if !f.whole {
		return false
	}
	n := 0
	for _, domain := range skip {
		if f.known[domain] {
			n++
		}
	}
	return n == len(f.known)
}

// advance moves the cursor on after a claim.
func (f *feeder) advance(skip []string, c Claims) {
	f.cursor, f.drained = c.Last, c.End
	if f.skipped == 0 {
		f.skipped = c.Skipped
	}
	if f.passed == nil {
		f.passed = map[string]bool{}
	}
	for _, domain := range skip {
		f.passed[domain] = true
	}
	if c.End {
		f.known, f.passed, f.whole = f.passed, nil, true
	}
}

func (f *feeder) take(ctx context.Context, q ClaimQuery) (Claims, error) {
	var c Claims
	err := patiently(ctx, func() (err error) {
		c, err = f.s.opt.Store.ClaimDeliveries(ctx, q)
		return err
	})
	if err != nil {
		return c, err
	}
	from := Queued
	if !q.Due.IsZero() {
		from = Deferred
	}
	f.begun += int64(len(c.Recipients))
	f.s.opt.Progress.move(from, Claimed, int64(len(c.Recipients)))
	f.s.opt.Progress.move(from, Suppressed, c.Suppressed)
	f.s.dispatch.add(c.Recipients)
	return c, nil
}

// rest decides what to do when nothing can be claimed: wait, and for how long,
// or end.
func (f *feeder) rest(ctx context.Context, v view, limit int64) (done bool, wait time.Duration, err error) {
	o := &f.s.opt
	now := o.Now()
	soon := lookSoon
	if !v.waiting || v.resting {
		soon = lookLate
	}
	nothing := v.held == 0 && f.drained && f.skipped == 0
	switch {
	case v.working > 0:
		return false, soon, nil
	case nothing && o.Stay:
		return f.restTillDue(ctx, now)
	case nothing:
		return true, 0, nil
	case o.Limit > 0 && f.begun >= o.Limit && v.held == 0:
		return true, 0, nil
	case limit <= 0 && v.held == 0: // the day's limit
		if o.Stay {
			return false, min(waitUntil(now, f.nextDay), lookAgain), nil
		}
		return true, 0, fmt.Errorf("%w; the send goes on from %s", ErrDayLimit, f.nextDay.Format(time.RFC3339))
	default:
		if !o.Stay && v.resting && v.until.Sub(now) > restsLong {
			f.deferUntil = v.until
			return true, 0, nil
		}
		return false, soon, nil
	}
}

// restTillDue waits for the next deferred delivery; there is nothing to do when
// there is none.
func (f *feeder) restTillDue(ctx context.Context, now time.Time) (done bool, wait time.Duration, err error) {
	f.s.recorder.flush() // a refusal of just now is to be waited for too
	next, err := f.s.opt.Store.NextDeferred(ctx, f.s.opt.Edition)
	if err != nil || next.IsZero() {
		return true, 0, err
	}
	f.dueAt, f.cursor, f.drained, f.whole = time.Time{}, 0, false, false
	return false, min(waitUntil(now, next), lookAgain), nil
}
