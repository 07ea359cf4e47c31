package edition

import (
	"slices"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// lateWeeks is for how many weeks a comparison that missed its edition is told:
// after that it is part of the archive.
const lateWeeks = 4

// A Past is an edition whose time has passed, with the window of what was new for
// it: (Since, Cutoff].
type Past struct {
	Week          Week
	Since, Cutoff time.Time
}

// past gives the windows of the editions before w that a comparison may have come
// too late for. Of an edition that was adopted from the journals alone nobody knows
// what it had.
func past(history []Edition, w Week) (list []Past) {
	for _, e := range history {
		if !e.Week.Correction && e.Week.Before(w) && !e.Week.Before(w.Add(-lateWeeks)) && e.Advances() && !e.Adopted() {
			list = append(list, Past{e.Week, e.Since, e.Cutoff})
		}
	}
	return list
}

// doubt is where the window began of an edition that is known by its journals
// alone, as far as that can be told; zero for every other one.
func doubt(history []Edition, previous Week) time.Time {
	e, known := find(history, previous)
	if !known || !e.Adopted() {
		return time.Time{}
	}
	since := e.Cutoff.Add(-firstWindow)
	var before Week
	for _, b := range history {
		if b.Advances() && b.Week.Before(previous) && (before.IsZero() || before.Before(b.Week)) {
			before, since = b.Week, b.Cutoff
		}
	}
	return since
}

// doubtful reports whether readers may have had a candidate in an edition that is
// known by its journals alone.
func (p *pick) doubtful(c comparison.Comparison, old, carried bool) bool {
	d := p.c.Plan.Doubt
	return !d.IsZero() && (carried || old && (p.published(c).After(d) || sameDay(p.published(c), d.In(p.c.Calendar.Zone))))
}

// missed finds the edition that a candidate was new for, and which did not have it
// because it came, was dated or was corrected afterwards: nobody left it out, and
// no other comparison of its tools was or will be in its place.
func (p *pick) missed(c comparison.Comparison) (Past, bool) {
	at, tools := p.published(c), itemOf(c).Tools
	i := slices.IndexFunc(p.c.Plan.Past, func(e Past) bool { return at.After(e.Since) && !at.After(e.Cutoff) })
	if i < 0 || slices.Contains(p.c.Declined, c.Slug) {
		return Past{}, false
	}
	same := func(other [2]string) bool { return p.c.Options.Match(other, tools) == comparison.Same }
	shown := slices.ContainsFunc(p.c.Plan.Featured, func(f Featured) bool { return f.Slug == c.Slug || same(f.Tools) })
	rival := slices.ContainsFunc(p.eligible, func(e comparison.Comparison) bool { return same(itemOf(e).Tools) })
	return p.c.Plan.Past[i], !shown && !rival
}
