package edition

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// farAhead is how many weeks the search for a later candidate's edition looks
// ahead.
const farAhead = 60

// The sentences that explain a decision to an editor.

func (p *pick) whyIn(c comparison.Comparison) string {
	switch {
	case p.approved:
		return "in what was approved"
	case p.c.Edits.pins(c.Slug):
		return "pinned by an editor"
	}
	if f, ok := p.updates[c.Slug]; ok {
		return whatChanged(f, c)
	}
	if at, ok := p.carriedItem(c); ok {
		if p.c.Plan.Carried[at].Unread.File != "" {
			return "its file could not be read for " + p.c.Plan.Previous.String() + ", and can be now"
		}
		from := "carried over from " + p.c.Plan.Previous.String()
		if old := p.c.Plan.Carried[at].Slug; old != c.Slug {
			from += ", where it was " + old
		}
		return from
	}
	if !p.c.Plan.Previous.IsZero() {
		return "new since the cutoff of " + p.c.Plan.Previous.String() + " (" + p.stamp(p.c.Plan.Since) + ")"
	}
	if first, ok := p.firstUnsent(); ok {
		return "new since " + p.stamp(p.c.Plan.Since) + "; no edition has been sent since " + first.String() + " was planned"
	}
	return "new in the seven days before the first edition"
}

// firstUnsent is the first of the editions that reached nobody.
func (p *pick) firstUnsent() (w Week, ok bool) {
	for _, f := range p.c.Plan.Unsent {
		if !ok || f.Week.Before(w) {
			w, ok = f.Week, true
		}
	}
	return w, ok
}

// whatChanged says of an update what is different since readers had it.
func whatChanged(f Featured, c comparison.Comparison) string {
	if what := changed(f.Item, c); what != "" {
		return "Updated since " + f.Week.String() + ": " + what
	}
	return "Updated since " + f.Week.String()
}

func (p *pick) whyPaired(c, rival comparison.Comparison) string {
	which := "is newer and competes in its place"
	switch {
	case p.c.Edits.pins(rival.Slug):
		which = "an editor chose"
	case !p.published(rival).After(p.published(c)):
		which = "has the same date and competes in its place; leave that out to have this one"
	}
	return fmt.Sprintf("the same pairing as %s (%s), which %s", rival.Slug, rival.Title(), which)
}

func (p *pick) whyOver(c comparison.Comparison) string {
	next := "a first candidate of the next edition"
	if p.isUpdate(c) {
		next = "a candidate of the next edition, after what is new there"
	}
	if p.approved {
		return "not in what was approved; " + next
	}
	why := fmt.Sprintf("%d compete for %d places (edition.max); %s", len(p.eligible), p.c.Options.Max, next)
	if doubt := p.doubts[c.Slug]; doubt != "" {
		why += "; " + doubt
	}
	return why
}

func (p *pick) whyTooFew(eligible int) string {
	return fmt.Sprintf("only %d of the %d that make an edition (edition.min); a first candidate of the next edition",
		eligible, p.c.Options.Min)
}

func (p *pick) whyOld() string {
	since := p.stamp(p.c.Plan.Since)
	if p.c.Plan.Previous.IsZero() {
		return "published more than seven days before the first edition (before " + since +
			"); to take it in, pin it or give it a later published date"
	}
	has := "did"
	if p.c.Plan.Expected {
		has = "does"
	}
	return "published before the cutoff of " + p.c.Plan.Previous.String() + " (" + since +
		"), which " + has + " not have it; to take it in, pin it or give it a later published date"
}

func (p *pick) whyDoubtful() string {
	return p.c.Plan.Previous.String() + " was sent, which is known by its journals alone, so readers may have had this in it; pin it if they have not"
}

func (p *pick) whyMissed(e Past) string {
	return "published in the time of " + e.Week.String() + ", and it, or its date, came after the cutoff of that (" + p.stamp(e.Cutoff) +
		"); no edition takes it by itself: to take it in, pin it or give it a later published date"
}

// whyLate says in which edition a later candidate will be: the first whose slot
// is not before its publication.
func (p *pick) whyLate(at time.Time) string {
	cutoff := p.stamp(p.c.Plan.Cutoff)
	for i := range farAhead {
		w := p.c.Plan.Week.Add(i)
		slot, ok := p.c.Calendar.SlotIn(w)
		if !ok || !slot.After(p.c.Plan.Cutoff) || slot.Before(at) {
			continue
		}
		if i == 0 {
			return "published after " + cutoff + ", up to which this build looks; a later build of " + w.String() + " takes it in"
		}
		return "published after the cutoff (" + cutoff + "); it goes into " + w.String()
	}
	return "published after the cutoff (" + cutoff + "); it goes into a later edition"
}

// stamp writes an instant for an editor, in the list's zone.
func (p *pick) stamp(t time.Time) string {
	return t.In(p.c.Calendar.Zone).Format("2006-01-02 15:04 MST")
}

// day writes an instant's date, in the list's zone.
func (p *pick) day(t time.Time) string { return t.In(p.c.Calendar.Zone).Format(time.DateOnly) }
