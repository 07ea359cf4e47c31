package edition

import (
	"fmt"
	"time"
)

// firstWindow is how far the first edition of a list looks back.
const firstWindow = 7 * 24 * time.Hour

// A Calendar says when editions go out.
type Calendar struct {
	Zone *time.Location
	// SlotIn is the scheduled send in a week, false where the schedule has none.
	SlotIn func(Week) (time.Time, bool)
}

// A Plan is what is settled about an edition before its content is picked: its
// slot, its window (Since, Cutoff] and what earlier editions leave for it.
type Plan struct {
	Week     Week
	Slot     time.Time
	Since    time.Time
	Cutoff   time.Time
	Previous Week // the edition whose cutoff Since is; zero for the first edition
	Expected bool // Previous has still to go out
	// Doubt is set where Previous is known by its journals alone: what was published
	// after it, and before Since, readers may have had.
	Doubt       time.Time
	OffSchedule bool       // the slot is now, because the scheduled one has passed unused
	Featured    []Featured // what readers have had in other editions
	Carried     []Item     // over from Previous
	Unsent      []Featured // what editions since Previous picked that reached nobody
	Past        []Past     // the last editions, for what came too late for them
}

// Featured is an item together with the edition that had it.
type Featured struct {
	Item
	Week     Week
	Cutoff   time.Time // of that edition
	Expected bool      // that edition has still to go out
}

// PlanFor plans the edition of week w as of now, from all recorded editions.
//
// The slot is the schedule's, and content counts up to the slot, or up to now
// while the slot is ahead. When this week's slot has passed and nothing of the
// week reached anybody (no edition, a missed or a skipped one), the edition is
// off schedule: slot and cutoff are now, so that what was imported today is
// seen today. A frozen edition keeps what is recorded. It fails with ErrNoSlot
// when the schedule has no send in a past or future week.
func PlanFor(w Week, now time.Time, cal Calendar, history []Edition) (Plan, error) {
	p := Plan{Week: w}
	recorded, known := find(history, w)
	p.inherit(history)
	p.Past, p.Doubt = past(history, w), doubt(history, p.Previous)
	if known && recorded.Frozen() {
		p.Slot, p.Since, p.Cutoff = recorded.Slot, recorded.Since, recorded.Cutoff
		return p, nil
	}
	if err := p.schedule(now, cal, recorded, known); err != nil {
		return Plan{}, err
	}
	if p.Previous.IsZero() {
		p.Since = firstSince(p.Slot, now, history, w)
	}
	return p, nil
}

// schedule sets slot and cutoff.
func (p *Plan) schedule(now time.Time, cal Calendar, recorded Edition, known bool) error {
	slot, ok := cal.SlotIn(p.Week)
	current := WeekOf(now.In(cal.Zone))
	switch {
	case p.Week == current && (!ok || !now.Before(slot)) && !waits(recorded, known, slot):
		p.Slot, p.Cutoff, p.OffSchedule = now, now, true
	case !ok:
		return fmt.Errorf("plan edition %s: %w", p.Week, ErrNoSlot)
	default:
		p.Slot, p.Cutoff = slot, slot
		if now.Before(slot) {
			p.Cutoff = now
		}
	}
	return nil
}

// waits reports whether a recorded edition still stands for the scheduled slot:
// drafted, approved or held for it, cancelled by an editor, or skipped by a
// draft before it.
func waits(e Edition, known bool, slot time.Time) bool {
	switch {
	case !known || !e.Slot.Equal(slot) || e.State == Missed:
		return false
	case e.SkippedBy != "":
		return true
	case e.State == Skipped:
		return e.FinishedAt.Before(slot)
	}
	return true
}

// inherit takes over what other editions leave: the cutoff and the carried
// items of the latest earlier one that advanced, and every featured item.
func (p *Plan) inherit(history []Edition) {
	for _, e := range history {
		if e.Week == p.Week {
			continue
		}
		if e.Frozen() {
			p.Featured = append(p.Featured, e.featured()...)
		}
		if e.Advances() && e.Week.Before(p.Week) && (p.Previous.IsZero() || p.Previous.Before(e.Week)) {
			p.Previous, p.Since, p.Carried, p.Expected = e.Week, e.Cutoff, e.Carried, e.Expected
		}
	}
	for _, e := range history {
		if e.Week.Before(p.Week) && !e.Advances() && (p.Previous.IsZero() || p.Previous.Before(e.Week)) {
			p.Unsent = append(p.Unsent, e.featured()...)
		}
	}
}

// featured gives an edition's items together with it.
func (e Edition) featured() []Featured {
	var list []Featured
	for _, it := range e.Items {
		list = append(list, Featured{Item: it, Week: e.Week, Cutoff: e.Cutoff, Expected: e.Expected})
	}
	return list
}

// firstSince is where the window of a list's first edition begins: a week before
// its slot, or before now while that is ahead, and no later than where those
// began that were planned before it and reached nobody.
func firstSince(slot, now time.Time, history []Edition, w Week) time.Time {
	since := slot
	if now.Before(since) {
		since = now
	}
	since = since.Add(-firstWindow)
	for _, e := range history {
		if w.Before(e.Week) || e.Frozen() {
			continue
		}
		for _, began := range []time.Time{e.Since, e.Slot.Add(-firstWindow)} {
			if began.Before(since) && !began.IsZero() && !e.Slot.IsZero() {
				since = began
			}
		}
	}
	return since
}

func find(history []Edition, w Week) (Edition, bool) {
	for _, e := range history {
		if e.Week == w {
			return e, true
		}
	}
	return Edition{}, false
}
