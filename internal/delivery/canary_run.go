package delivery

import (
	"context"
	"time"
)

// canaryLook is how often a send looks whether anything speaks against going on.
const canaryLook = 2 * time.Second

// A canaryGate holds a send to its first part, and then back, until the others' turn
// comes. What it knows is in the records: a sender that goes on after a crash waits
// to the same instant.
type canaryGate struct {
	records Canaries
	info    func(ctx context.Context) (SendInfo, error)
	edition int64
	wait    time.Duration
	now     func() time.Time
	pause   func(Pause)
	flush   func()

	stand CanaryStand
	over  bool
}

// beginCanary picks the first part of a send of which nothing has left, unless the
// whole list is no larger.
func (s *sender) beginCanary(ctx context.Context, info SendInfo, counts Counts) (CanaryStand, error) {
	o := &s.opt
	if len(info.Canary.IDs) > 0 || o.Pacing.Canary.Readers <= 0 || counts[Queued] < counts.Total() || counts.Total() <= int64(o.Pacing.Canary.Readers) {
		return info.Canary, nil
	}
	picker := NewCanaryPicker(o.Pacing.Canary, info.Week)
	err := o.Store.Candidates(ctx, o.Edition, func(id int64, email string) error {
		picker.Offer(id, email)
		return ctx.Err()
	})
	if err != nil {
		return CanaryStand{}, err
	}
	if err := o.Store.BeginCanary(ctx, o.Edition, picker.Pick()); err != nil {
		return CanaryStand{}, err
	}
	info, err = o.Store.Info(ctx, o.Edition) // another node may have been first
	return info.Canary, err
}

// only are the readers who may be claimed now; nil: all.
func (g *canaryGate) only() []int64 {
	if g == nil || g.over {
		return nil
	}
	return g.stand.IDs
}

// look is called when nothing of the first part is in hand. It reports whether the
// others' turn has come, and else how long to wait.
func (g *canaryGate) look(ctx context.Context) (over bool, wait time.Duration, err error) {
	g.flush() // what has happened is to be in the records
	info, err := g.info(ctx)
	if err != nil {
		return false, 0, err
	}
	r, err := g.records.CanaryRecord(ctx, g.edition, g.stand.IDs)
	if err != nil {
		return false, 0, err
	}
	now := g.now()
	g.stand = info.Canary
	switch {
	case g.stand.Until.IsZero() && r.Counts[Queued]+r.Counts.Sending() > 0:
		return false, canaryLook, nil // another node's
	case g.stand.Until.IsZero():
		g.stand.Until = now.Add(g.wait).Truncate(time.Millisecond)
		if err := g.records.EndCanary(ctx, g.edition, g.stand.Until, true); err != nil {
			return false, 0, err
		}
	}
	if !g.stand.Pending(now) {
		g.over = true
		return true, 0, nil
	}
	if why := r.Objection(); why != "" {
		// Whoever resumes has decided: the others' turn comes then.
		if err := g.records.EndCanary(ctx, g.edition, now, false); err != nil {
			return false, 0, err
		}
		g.pause(Pause{Reason: "the first part of the list speaks against sending to the others: " + why})
	}
	return false, min(canaryLook, waitUntil(now, g.stand.Until)), nil
}
