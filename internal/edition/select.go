package edition

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// Options are the editor's rules for the pick.
type Options struct {
	Max   int   // at most Max are featured, the rest is carried over; below 1: no limit
	Min   int   // fewer than this are nothing to send; below 1 counts as 1
	Order Order // "" is NewsFirst
	// Match recognises near-duplicates by their tools' names, in either order;
	// nil is comparison.MatchPairings.
	Match func(a, b [2]string) comparison.Match
}

// Candidates is everything the pick depends on.
type Candidates struct {
	Plan        Plan
	Calendar    Calendar
	Comparisons []comparison.Comparison
	Broken      []comparison.Broken // files that may hold more
	Options     Options
	Edits       Edits // what an editor decided
	// Declined are what editors left out of the plan's past editions.
	Declined []string
	// Approved are the items of an approved edition: exactly these are in, in
	// this order, as long as each has its comparison. What was published since
	// is carried over.
	Approved []Item
}

// A Selection is what an edition features and why.
type Selection struct {
	Featured    []Item                  // in order
	Comparisons []comparison.Comparison // the same, complete
	Carried     []Item                  // the next edition's first candidates, in order
	Updates     map[string]string       // by slug, of those featured before: what changed since, for readers
	Decisions   []Decision              // one for every candidate: the featured first, then newest first
}

// Nothing reports whether there is nothing to send.
func (s Selection) Nothing() bool { return len(s.Featured) == 0 }

// Lost are the decisions on what does not come by itself any more and perhaps
// should: promised and gone, or too late for its edition.
func (s Selection) Lost() (list []Decision) {
	for _, d := range s.Decisions {
		if d.Code == CodeWithdrawn || d.Code == CodeMissed {
			list = append(list, d)
		}
	}
	return list
}

// Code is the reason of a decision in one word, for programs.
type Code string

// The codes.
const (
	CodeFeatured   Code = "in"
	CodeDoubtful   Code = "doubtful"          // in, and perhaps of a pairing that is there already: the editor is asked
	CodeLeftOut    Code = "left-out"          // by an editor
	CodeCarried    Code = "carried-over"      // over edition.max, or waiting for edition.min
	CodeUndated    Code = "undated"           // no publication date
	CodeTooLate    Code = "after-cutoff"      // belongs to a later edition
	CodeTooOld     Code = "before-cutoff"     // published before the last cutoff
	CodeMissed     Code = "came-late"         // of a past edition's time, and came after it, or perhaps did
	CodeShown      Code = "featured-before"   // readers have had it
	CodeExpected   Code = "in-earlier-week"   // it goes out with an edition before this one
	CodeChanged    Code = "changed-since"     // readers have had it, and it is different now without being updated
	CodeShownPair  Code = "pairing-before"    // readers have had this pairing of tools
	CodeSamePair   Code = "pairing-this-week" // a newer comparison of the same tools is in
	CodeWithdrawn  Code = "withdrawn"         // promised, but its file has gone
	CodeDuplicated Code = "duplicate-slug"    // another candidate has the same slug
	CodeUnread     Code = "unreadable"        // its file breaks a rule; the next edition's, once corrected
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
// edition before, and was never featured; or what was updated since it was
// featured, four weeks ago or more. Of near-duplicates the newest competes, and
// none does when readers have had the pairing; where only a person can tell, both
// compete and the editor is asked. What an editor pinned is in whatever the rules
// say, what one left out is not. Pinned items take their seats first, then
// carried, new and updated ones; what is over Options.Max is carried over again.
// Below Options.Min nothing is featured and everything is carried over. What may be
// new and cannot be read is carried over too.
func Select(c Candidates) Selection {
	p := newPick(c)
	p.approve()
	for _, candidate := range p.sorted(c.Comparisons) {
		p.judge(candidate)
	}
	unread := p.judgeBroken()
	p.judgeWithdrawn()
	s := p.finish()
	s.Carried = append(s.Carried, unread...)
	return s
}

// sorted gives the candidates in the order in which they are judged, so that of
// a pairing the pinned one wins, else the newest.
func (p *pick) sorted(list []comparison.Comparison) []comparison.Comparison {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b comparison.Comparison) int {
		if pa, pb := p.c.Edits.pins(a.Slug), p.c.Edits.pins(b.Slug); pa != pb {
			return cmp.Compare(p.seat(a), p.seat(b))
		}
		return p.newestFirst(a, b)
	})
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

// finish gives the seats away.
func (p *pick) finish() Selection {
	pinned := 0
	for _, c := range p.eligible {
		if p.c.Edits.pins(c.Slug) {
			pinned++
		}
	}
	if p.approved {
		p.c.Options.Max = pinned
	}
	if pinned == 0 && len(p.eligible) < max(p.c.Options.Min, 1) {
		return p.carryAll()
	}
	p.rank(p.eligible)
	slices.SortStableFunc(p.eligible, func(a, b comparison.Comparison) int { return cmp.Compare(p.seat(a), p.seat(b)) })
	seats := len(p.eligible)
	if p.c.Options.Max > 0 {
		seats = min(seats, max(p.c.Options.Max, pinned))
	}
	in, over := slices.Clone(p.eligible[:seats]), p.eligible[seats:]
	p.rank(in)
	slices.SortStableFunc(in, func(a, b comparison.Comparison) int {
		return cmp.Compare(p.c.Edits.place(a.Slug), p.c.Edits.place(b.Slug))
	})

	s := Selection{Comparisons: in, Featured: items(in), Carried: p.carry(over), Updates: map[string]string{}}
	for _, c := range in {
		s.Decisions = append(s.Decisions, p.decideIn(c))
		if f, ok := p.featured(c); ok && (changed(f.Item, c) != "" || p.isUpdate(c)) {
			s.Updates[c.Slug] = whatChanged(f, c)
		}
	}
	for _, c := range over {
		p.out(c, CodeCarried, p.whyOver(c))
	}
	s.Decisions = append(s.Decisions, p.sortedOut()...)
	return s
}

// decideIn is the decision on a featured candidate.
func (p *pick) decideIn(c comparison.Comparison) Decision {
	if doubt := p.doubts[c.Slug]; doubt != "" {
		return p.decide(c, CodeDoubtful, p.whyIn(c)+"; "+doubt)
	}
	return p.decide(c, CodeFeatured, p.whyIn(c))
}

func (p *pick) carryAll() Selection {
	p.rank(p.eligible)
	for _, c := range p.eligible {
		p.out(c, CodeCarried, p.whyTooFew(len(p.eligible)))
	}
	return Selection{Carried: p.carry(p.eligible), Decisions: p.sortedOut()}
}

// carry gives what the next edition begins with. What was updated is a candidate
// there by itself, after what is new.
func (p *pick) carry(list []comparison.Comparison) []Item {
	return items(slices.DeleteFunc(slices.Clone(list), p.isUpdate))
}

func (p *pick) isUpdate(c comparison.Comparison) bool {
	_, updated := p.updates[c.Slug]
	return updated
}

// approve makes the approved items pinned ones, in their order, and nothing else
// an editor's choice, while each has its comparison.
func (p *pick) approve() {
	var slugs []string
	for _, it := range p.c.Approved {
		if !p.known[it.Slug] {
			return
		}
		slugs = append(slugs, it.Slug)
	}
	if p.approved = len(slugs) > 0; p.approved {
		p.c.Edits.Pinned, p.c.Edits.Order = slugs, slugs
	}
}

// seat ranks a candidate by who is seated first: pinned ones, carried ones in
// their own order, new ones, updated ones.
func (p *pick) seat(c comparison.Comparison) int {
	if p.c.Edits.pins(c.Slug) {
		return -1
	}
	if p.isUpdate(c) {
		return len(p.c.Plan.Carried) + 1
	}
	at, _ := p.carriedItem(c)
	return at
}

func items(list []comparison.Comparison) []Item {
	var out []Item
	for _, c := range list {
		out = append(out, itemOf(c))
	}
	return out
}

func itemOf(c comparison.Comparison) Item {
	return Item{Slug: c.Slug, Tools: [2]string{c.Tools[0].Name, c.Tools[1].Name}, Facts: FactsOf(c)}
}
