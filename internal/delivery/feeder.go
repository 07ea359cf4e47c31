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
	lookAgain = time.Minute     // what an operator has queued again
)

// A feeder claims deliveries in the order of subscribers and keeps the
// dispatcher supplied, until there is nothing more to do now.
type feeder struct {
	sender     Sender
	claims     claimer
	records    feederRecords
	dispatch   *dispatcher
	flush      func() // waits until what has happened is recorded
	progress   *Progress
	warmup     Warmup
	now        func() time.Time
	stay       bool
	most       int64       // messages to begin in this run; 0: no limit
	canaryOver func()      // is told when the others' turn comes
	canary     *canaryGate // nil: there is no first part, or its time is over

	more  bool // something is queued that was not claimed
	dueAt time.Time
	begun int64 // claimed in this run

	reserved   DayRequest // of the day, as it was reserved last
	deferUntil time.Time  // set: what is left waits for a domain until then
	nextDay    time.Time  // set: what is left waits for the next day
}

// A claimer takes deliveries into the sender's hand.
type claimer interface {
	Claim(ctx context.Context, c Claim) (Claims, error)
}

// feederRecords is what a feeder asks to know whether there is more to come.
type feederRecords interface {
	Counts(ctx context.Context, edition int64) (Counts, error)
	Timetable
}

// feed returns nil when there is nothing more to do now.
func (f *feeder) feed(ctx context.Context) error {
	f.more = true
	for ctx.Err() == nil {
		v := f.dispatch.look()
		limit, err := f.allowance(ctx, v)
		if err != nil {
			return err
		}
		if v.room && limit > 0 && f.looks() {
			claimed, err := f.claim(ctx, v, limit)
			if err != nil {
				return err
			}
			if claimed {
				continue
			}
		}
		done, wait, err := f.idle(ctx, v, limit)
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
	case <-f.dispatch.more:
	case <-t.C:
	case <-ctx.Done():
	}
}

// allowance is how many more may be claimed now: the claim's size, less near
// the run's limit or the day's.
func (f *feeder) allowance(ctx context.Context, v view) (int64, error) {
	n := int64(claimSize)
	if f.most > 0 {
		n = min(n, f.most-f.begun)
	}
	now := f.now()
	allowed, limited := f.warmup.allowed(now)
	f.nextDay = time.Time{}
	if !limited || !v.room || !f.looks() {
		return n, nil
	}
	granted, err := f.reserve(ctx, DayRequest{Day: f.warmup.day(now), Most: allowed, Holds: int64(v.held), More: n, At: now})
	if err != nil {
		return 0, err
	}
	if granted < n {
		f.nextDay = f.warmup.nextDay(now)
	}
	return granted, nil
}

// looks reports whether it is time to look for deliveries.
func (f *feeder) looks() bool { return f.more || !f.now().Before(f.dueAt) }

// reserve reserves a part of a warm-up's day.
func (f *feeder) reserve(ctx context.Context, r DayRequest) (granted int64, err error) {
	err = retryBusy(ctx, func() (err error) {
		granted, err = f.records.ReserveDay(ctx, f.sender, r)
		return err
	})
	f.reserved = r
	f.reserved.Holds, f.reserved.More = r.Holds+granted, 0
	return granted, err
}

// giveBack gives back what is reserved and was not found to be claimed.
func (f *feeder) giveBack(ctx context.Context, unused int64) error {
	if unused == 0 || f.reserved.Holds == 0 {
		return nil
	}
	r := f.reserved
	r.Holds -= unused
	_, err := f.reserve(ctx, r)
	return err
}

// claim claims due deferred deliveries, then queued ones; it reports whether it
// found any.
func (f *feeder) claim(ctx context.Context, v view, limit int64) (bool, error) {
	now := f.now()
	q := Claim{Limit: int(limit), Skip: v.skip, At: now, Only: f.canary.only()}
	if !now.Before(f.dueAt) {
		q.Due = now
	}
	var c Claims
	err := retryBusy(ctx, func() (err error) {
		c, err = f.claims.Claim(ctx, q)
		return err
	})
	if err != nil {
		return false, err
	}
	if !q.Due.IsZero() && c.From != Deferred {
		f.dueAt = now.Add(lookDue)
	}
	f.more = c.More
	n := int64(len(c.Recipients))
	f.begun += n
	f.progress.move(c.From, Claimed, n)
	f.progress.move(c.From, Suppressed, c.Suppressed)
	f.dispatch.enqueue(c.Recipients)
	return n > 0 || c.Suppressed > 0, f.giveBack(ctx, limit-n)
}

// idle decides what to do when nothing can be claimed: wait, and for how long,
// or end.
func (f *feeder) idle(ctx context.Context, v view, limit int64) (done bool, wait time.Duration, err error) {
	now := f.now()
	soon := lookLate
	if !v.wake.IsZero() {
		soon = min(max(v.wake.Sub(now), lookSoon), lookLate)
	}
	nothing := v.held == 0 && !f.more
	switch {
	case v.working > 0:
		return false, soon, nil
	case nothing && f.canary != nil:
		return f.lookAtCanary(ctx)
	case nothing && f.stay:
		return f.waitTillDue(ctx, now)
	case nothing:
		return true, 0, nil
	case f.most > 0 && f.begun >= f.most && v.held == 0:
		return true, 0, nil
	case limit <= 0 && v.held == 0:
		return f.dayIsFull(ctx, now)
	default:
		if !f.stay && v.backingOff && v.until.Sub(now) > longBackoff {
			f.deferUntil = v.until
			return true, 0, nil
		}
		return false, soon, nil
	}
}

// lookAtCanary goes on with the others when their turn has come.
func (f *feeder) lookAtCanary(ctx context.Context) (done bool, wait time.Duration, err error) {
	var over bool
	err = retryBusy(ctx, func() (err error) {
		over, wait, err = f.canary.look(ctx)
		return err
	})
	if over {
		f.canary, f.more, f.dueAt = nil, true, time.Time{}
		f.canaryOver()
	} else if err == nil {
		f.dispatch.expectLull()
	}
	return false, wait, err
}

// dayIsFull waits for the next day, or ends with ErrDayLimit; where the day's
// limit was reached with the last reader, there is nothing to wait for.
func (f *feeder) dayIsFull(ctx context.Context, now time.Time) (done bool, wait time.Duration, err error) {
	f.flush()
	var c Counts
	err = retryBusy(ctx, func() (err error) {
		c, err = f.records.Counts(ctx, f.sender.Edition)
		return err
	})
	switch {
	case err != nil || c.Open() == 0:
		return true, 0, err
	case f.stay:
		return false, min(waitUntil(now, f.nextDay), lookAgain), nil
	case c[Queued] == 0:
		return true, 0, nil // what is deferred has its own time
	default:
		return true, 0, fmt.Errorf("%w; the send goes on from %s", ErrDayLimit, f.nextDay.Format(time.RFC3339))
	}
}

// waitTillDue waits for the next deferred delivery; there is nothing to do when
// there is none.
func (f *feeder) waitTillDue(ctx context.Context, now time.Time) (done bool, wait time.Duration, err error) {
	f.flush() // a refusal of just now is to be waited for too
	if err := f.giveBack(ctx, f.reserved.Holds); err != nil {
		return false, 0, err
	}
	var next time.Time
	err = retryBusy(ctx, func() (err error) {
		next, err = f.records.NextDeferred(ctx, f.sender.Edition)
		return err
	})
	if err != nil || next.IsZero() {
		return true, 0, err
	}
	f.dispatch.expectLull()
	f.dueAt = time.Time{}
	return false, min(waitUntil(now, next), lookAgain), nil
}
