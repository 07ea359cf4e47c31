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
		known := len(e.Items)+len(e.Carried) > 0 || !e.Frozen()
		if !e.Week.Correction && e.Week.Before(w) && !e.Week.Before(w.Add(-lateWeeks)) && e.Advances() && known {
			list = append(list, Past{e.Week, e.Since, e.Cutoff})
		}
	}
	return list
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
