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
	if _, ok := p.carriedItem(c.Slug); ok {
		return "carried over from " + p.c.Plan.Previous.String()
	}
	if p.c.Plan.Previous.IsZero() {
		return "new in the seven days before the first edition"
	}
	return "new since the cutoff of " + p.c.Plan.Previous.String() + " (" + p.stamp(p.c.Plan.Since) + ")"
}

func (p *pick) whyOver(eligible int) string {
	return fmt.Sprintf("%d compete for %d places (edition.max); a first candidate of the next edition", eligible, p.c.Options.Max)
}

func (p *pick) whyTooFew(eligible int) string {
	return fmt.Sprintf("only %d of the %d that make an edition (edition.min); a first candidate of the next edition",
		eligible, p.c.Options.Min)
}

func (p *pick) whyOld() string {
	since := p.stamp(p.c.Plan.Since)
	if p.c.Plan.Previous.IsZero() {
		return "published more than seven days before the first edition (before " + since +
			"); to take it in, give it a later published date"
	}
	return "published before the cutoff of " + p.c.Plan.Previous.String() + " (" + since +
		"), which did not have it; to take it in, give it a later published date"
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
