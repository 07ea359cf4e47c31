package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/schedule"
)

var _ schedule.Desk = (*Pipeline)(nil)

// DraftDue builds the draft of a week and tells the editors. An edition that
// somebody has taken further already is left alone.
func (p *Pipeline) DraftDue(ctx context.Context, w edition.Week, _ time.Time, settle schedule.Settle) error {
	e, err := p.parts.Archive.Find(ctx, w)
	if err == nil && e.Closed() {
		return nil
	}
	if err != nil && !errors.Is(err, edition.ErrNotFound) {
		return err
	}
	d, err := p.Draft(ctx, w)
	if err != nil {
		return buildError(w, err)
	}
	active, err := p.active(ctx)
	if err != nil {
		return err
	}
	if d.Selection.Nothing() {
		return p.emptyDraft(ctx, e, d)
	}
	err = p.parts.Archive.Together(ctx, func(ctx context.Context) error {
		if e, err = p.Keep(ctx, d); err != nil {
			return err
		}
		if err := p.tellDraft(ctx, e, d, active); err != nil {
			return err
		}
		return settle(ctx)
	})
	if err == nil {
		p.parts.Log.Info("draft built", "week", w.String(), "state", string(e.State), "comparisons", len(e.Items))
	}
	return err
}

// emptyDraft tells the editors, once, why there is nothing for a week's draft where
// they can do something about it. Nothing is settled: what comes until the slot is
// still drafted and shown to them, and only the slot makes it a week without news.
// What was built of it before is recorded as gone.
func (p *Pipeline) emptyDraft(ctx context.Context, e edition.Edition, d Draft) error {
	err := p.parts.Archive.Together(ctx, func(ctx context.Context) (err error) {
		if e.Hash != "" {
			if e, err = p.Keep(ctx, d); err != nil {
				return err
			}
		}
		e.Week, e.Slot = d.Plan.Week, d.Plan.Slot
		const once = "empty draft"
		if len(d.Problems) > 0 {
			return p.tellBroken(ctx, e, &brokenError{week: e.Week, problems: d.Problems}, once)
		}
		return p.tellLost(ctx, e, d, once)
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("edition %s: %w", d.Plan.Week, schedule.ErrNotYet)
}

// SendDue releases the edition of a week for its slot. What an editor can still
// fix (approval, a failed check) is an error, so that the scheduler asks again
// until the catch-up time has passed; the editors are told once.
func (p *Pipeline) SendDue(ctx context.Context, w edition.Week, slot time.Time, settle schedule.Settle) error {
	fresh := edition.Edition{Week: w, State: edition.Draft, Slot: slot, Since: slot, Cutoff: slot, CreatedAt: p.parts.Now()}
	e, _, err := p.parts.Archive.Insert(ctx, fresh)
	if err != nil {
		return err
	}
	if e.Closed() {
		return nil
	}
	l, err := p.Look(ctx, w)
	if err != nil {
		return err
	}
	if err := p.behind(ctx, e, l); err != nil {
		return err
	}
	e, frozen, err := p.releaseAnd(ctx, l, func(ctx context.Context, e edition.Edition, refusal error) error {
		if err := p.tellRefusal(ctx, e, refusal); err != nil || !errors.Is(refusal, edition.ErrNothing) {
			return err
		}
		return settle(ctx)
	})
	return p.released(e, frozen, err)
}

// behind is why a week that seems to have nothing new is not settled as such: what
// is new may not have come yet. The editors are told once.
func (p *Pipeline) behind(ctx context.Context, e edition.Edition, l Look) error {
	if p.parts.Behind == nil || !l.recordable || !l.Draft.Selection.Nothing() {
		return nil
	}
	why := p.parts.Behind()
	if why == nil {
		return nil
	}
	why = fmt.Errorf("there is nothing new, and the feed that may have some could not be read: %w", why)
	return errors.Join(why, p.tellHeldOnce(ctx, e, why.Error(), "feed"))
}

// tellRefusal tells the editors of an edition that is not sent at its slot what
// they can do about it.
func (p *Pipeline) tellRefusal(ctx context.Context, e edition.Edition, refusal error) error {
	var broken *brokenError
	switch {
	case errors.As(refusal, &broken):
		return p.tellBroken(ctx, e, broken, broken.Error())
	case errors.Is(refusal, edition.ErrNotApproved), errors.Is(refusal, ErrChecks), errors.Is(refusal, ErrUnready):
		return p.tellHeld(ctx, e, refusal.Error())
	}
	return nil
}

// released logs how a slot's release went. What no other try would change is no
// error.
func (p *Pipeline) released(e edition.Edition, frozen delivery.Frozen, err error) error {
	w := e.Week
	var broken *brokenError
	switch {
	case err == nil:
		p.parts.Log.Info("edition released", "week", w.String(), "recipients", frozen.Recipients)
		for _, it := range e.Unread() {
			p.parts.Log.Warn("a comparison that may be new can't be read and is left out of the edition", "week", w.String(), "file", it.Unread.File)
		}
	case errors.As(err, &broken):
		p.parts.Log.Warn("nothing new could be read", "week", w.String(), "problems", len(broken.problems))
	case errors.Is(err, edition.ErrNothing):
		p.parts.Log.Info("nothing new", "week", w.String())
	case errors.Is(err, delivery.ErrNobody):
		p.parts.Log.Warn("nobody to mail", "week", w.String())
	default:
		return err
	}
	return nil
}

// tellLost tells the editors of a week with nothing new what would have been in
// it and has no comparison any more, or came too late for its own; nothing when
// there is none.
func (p *Pipeline) tellLost(ctx context.Context, e edition.Edition, d Draft, key string) error {
	var lost []string
	for _, dec := range d.Selection.Lost() {
		lost = append(lost, dec.Slug+" ("+dec.Reason+")")
	}
	if len(lost) == 0 {
		return nil
	}
	return p.tellHeldOnce(ctx, e, "there is nothing new, and this will not come by itself: "+strings.Join(lost, "; "), key)
}

// Missed records slots that passed unused and tells the editors of all of them
// in one mail: a clock that jumps can pass hundreds.
func (p *Pipeline) Missed(ctx context.Context, slots []schedule.Slot, settle schedule.Settle) error {
	return p.parts.Archive.Together(ctx, func(ctx context.Context) error {
		var last outbox.Missed
		var first edition.Week
		n := 0
		for _, s := range slots {
			because, missed, err := p.missed(ctx, s.Week, s.At)
			if err != nil {
				return err
			}
			if !missed {
				continue
			}
			if n++; n == 1 {
				first = s.Week
			}
			last = outbox.Missed{Week: s.Week, Slot: s.At, CatchUpSeconds: int64(p.parts.CatchUp.Seconds()), Noticed: p.parts.Now(), Because: because}
		}
		if n > 0 {
			if last.Earlier = n - 1; last.Earlier > 0 {
				last.First = first
			}
			if err := p.tell(ctx, last, last.Week.String()); err != nil {
				return err
			}
		}
		return settle(ctx)
	})
}

// missed records one slot, and reports whether nothing of its week was sent or
// settled in another way.
func (p *Pipeline) missed(ctx context.Context, w edition.Week, slot time.Time) (because outbox.Because, missed bool, err error) {
	_, created, err := p.parts.Archive.Insert(ctx, edition.Edition{Week: w, State: edition.Missed, Slot: slot, Since: slot, Cutoff: slot, CreatedAt: p.parts.Now()})
	if err != nil || created {
		return outbox.BecauseDown, created, err
	}
	_, err = p.parts.Archive.Change(ctx, w, func(e edition.Edition) (edition.Edition, error) {
		because = p.missedBecause(e)
		return e.Miss(p.parts.Now())
	})
	if errors.Is(err, edition.ErrState) {
		return because, false, nil
	}
	return because, err == nil, err
}

// missedBecause tells why an edition that stood so was not sent in time.
func (p *Pipeline) missedBecause(e edition.Edition) outbox.Because {
	switch {
	case e.State == edition.Held:
		return outbox.BecauseHeld
	case e.State == edition.Draft && !e.Released(p.parts.Settings.ApprovalRequired):
		return outbox.BecauseUnapproved
	}
	return outbox.BecauseDown
}
