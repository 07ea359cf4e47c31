package edition

import (
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// Options are the editor's rules for the pick.
type Options struct {
	Max   int   // at most so many are featured, the rest is carried over; below 1: no limit
	Min   int   // fewer than this are nothing to send; below 1 counts as 1
	Order Order // "" is Newest
	// SamePairing recognises near-duplicates by their tools' names, in either
	// order; nil is comparison.SamePairing.
	SamePairing func(a, b [2]string) bool
}

// Candidates is everything the pick depends on.
type Candidates struct {
	Plan        Plan
	Calendar    Calendar
	Comparisons []comparison.Comparison
	Options     Options
}

// A Selection is what an edition features and why.
type Selection struct {
	Featured    []Item                  // in order
	Comparisons []comparison.Comparison // the same, complete
	Carried     []Item                  // the next edition's first candidates, in order
	Decisions   []Decision              // one for every candidate: the featured first, then newest first
}

// Nothing reports whether there is nothing to send.
func (s Selection) Nothing() bool { return len(s.Featured) == 0 }

// Code is the reason of a decision in one word, for programs.
type Code string

// The codes.
const (
	CodeFeatured   Code = "in"
	CodeCarried    Code = "carried-over"      // over edition.max, or waiting for edition.min
	CodeUndated    Code = "undated"           // no publication date
	CodeTooLate    Code = "after-cutoff"      // belongs to a later edition
	CodeTooOld     Code = "before-cutoff"     // published before the last cutoff
	CodeShown      Code = "featured-before"   // readers have had it
	CodeShownPair  Code = "pairing-before"    // readers have had this pairing of tools
	CodeSamePair   Code = "pairing-this-week" // a newer comparison of the same tools is in
	CodeWithdrawn  Code = "withdrawn"         // carried over, but its file has gone
	CodeDuplicated Code = "duplicate-slug"    // another candidate has the same slug
)

// A Decision says of one candidate whether it is in, and why.
type Decision struct {
	Slug      string    `json:"slug"`
	Title     string    `json:"title"`
	Published time.Time `json:"published,omitzero"` // in the list's zone; zero when unknown
	In        bool      `json:"in"`
	Code      Code      `json:"code"`
	Reason    string    `json:"reason"`
}

// Select picks an edition's content. It is a pure function: the same candidates
// give the same selection, whatever order they come in.
//
// In is what was published in the plan's window, or carried over from the
// edition before, and was never featured. Of near-duplicates the newest
// competes, and none does when readers have had the pairing. Carried items take
// their seats first; what is over Options.Max is carried over again. Below
// Options.Min nothing is featured and everything is carried over.
func Select(c Candidates) Selection {
	p := newPick(c)
	for _, cmp := range p.sorted(c.Comparisons) {
		p.judge(cmp)
	}
	p.judgeWithdrawn()
	return p.finish()
}

// sorted gives the candidates newest first, then by slug: the order in which
// they are judged, so that the newest of a pairing wins.
func (p *pick) sorted(list []comparison.Comparison) []comparison.Comparison {
	list = slices.Clone(list)
	slices.SortStableFunc(list, p.newestFirst)
	return list
}

func (p *pick) newestFirst(a, b comparison.Comparison) int {
	if n := p.published(b).Compare(p.published(a)); n != 0 {
		return n
	}
	return strings.Compare(a.Slug, b.Slug)
}

// published is when a candidate was published, in the list's zone.
func (p *pick) published(c comparison.Comparison) time.Time {
	if c.Published.IsZero() {
		return time.Time{}
	}
	return c.Published.In(p.c.Calendar.Zone)
}

// finish gives the seats away: carried items first, then the rest in order.
func (p *pick) finish() Selection {
	opts := p.c.Options
	if len(p.eligible) < max(opts.Min, 1) {
		return p.carryAll()
	}
	p.rank(p.eligible)
	slices.SortStableFunc(p.eligible, func(a, b comparison.Comparison) int {
		return p.carriedRank(a) - p.carriedRank(b)
	})
	seats := len(p.eligible)
	if opts.Max > 0 {
		seats = min(seats, opts.Max)
	}
	in, over := slices.Clone(p.eligible[:seats]), p.eligible[seats:]
	p.rank(in)

	s := Selection{Comparisons: in, Featured: items(in), Carried: items(over)}
	for _, c := range in {
		s.Decisions = append(s.Decisions, p.decide(c, CodeFeatured, p.whyIn(c)))
	}
	for _, c := range over {
		p.out(c, CodeCarried, p.whyOver(len(p.eligible)))
	}
	s.Decisions = append(s.Decisions, p.sortedOut()...)
	return s
}

func (p *pick) carryAll() Selection {
	p.rank(p.eligible)
	for _, c := range p.eligible {
		p.out(c, CodeCarried, p.whyTooFew(len(p.eligible)))
	}
	return Selection{Carried: items(p.eligible), Decisions: p.sortedOut()}
}

// carriedRank sorts carried items, in their own order, before all others.
func (p *pick) carriedRank(c comparison.Comparison) int {
	i := slices.IndexFunc(p.c.Plan.Carried, func(it Item) bool { return it.Slug == c.Slug })
	if i < 0 {
		return len(p.c.Plan.Carried)
	}
	return i
}

func items(list []comparison.Comparison) []Item {
	var out []Item
	for _, c := range list {
		out = append(out, itemOf(c))
	}
	return out
}

func itemOf(c comparison.Comparison) Item {
	return Item{Slug: c.Slug, Tools: [2]string{c.Tools[0].Name, c.Tools[1].Name}}
}
