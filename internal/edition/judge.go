package edition

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// A pick is a selection in the making.
type pick struct {
	c        Candidates
	slugs    map[string]bool         // judged so far
	featured map[string]Week         // slugs that readers have had
	eligible []comparison.Comparison // new, or carried over
	outs     []Decision
}

func newPick(c Candidates) *pick {
	if c.Options.SamePairing == nil {
		c.Options.SamePairing = comparison.SamePairing
	}
	p := &pick{c: c, slugs: map[string]bool{}, featured: map[string]Week{}}
	for _, f := range c.Plan.Featured {
		p.featured[f.Slug] = f.Week
	}
	return p
}

// judge asks of one candidate what keeps it out. The most lasting reason comes
// first: what readers have had cannot be mended by another date.
func (p *pick) judge(c comparison.Comparison) {
	if code, why := p.verdict(c); code == "" {
		p.eligible = append(p.eligible, c)
	} else {
		p.out(c, code, why)
	}
	p.slugs[c.Slug] = true
}

// verdict gives the reason to leave a candidate out, or "" when it competes.
func (p *pick) verdict(c comparison.Comparison) (Code, string) {
	plan, at := p.c.Plan, p.published(c)
	_, carried := p.carriedItem(c.Slug)
	if p.slugs[c.Slug] {
		return CodeDuplicated, "another comparison has the slug " + c.Slug + "; rename one of them"
	}
	if w, ok := p.featured[c.Slug]; ok {
		return CodeShown, "featured in " + w.String()
	}
	if at.IsZero() {
		return CodeUndated, "has no publication date; give it one, such as published: " + p.stamp(plan.Cutoff)[:len(time.DateOnly)]
	}
	if at.After(plan.Cutoff) {
		return CodeTooLate, p.whyLate(at)
	}
	old := !carried && !p.isNew(c)
	if f, ok := p.shownPair(c, old); ok {
		return CodeShownPair, fmt.Sprintf("the same pairing as %s (%s), featured in %s", f.Slug, title(f.Item), f.Week)
	}
	if old {
		return CodeTooOld, p.whyOld()
	}
	if newer, ok := p.paired(c); ok {
		return CodeSamePair, fmt.Sprintf("the same pairing as %s (%s), which is newer and competes in its place",
			newer.Slug, newer.Title())
	}
	return "", ""
}

// isNew reports whether a candidate was published after the last cutoff. A date
// without a time on the very day of the last edition's cutoff is new too: that
// edition did not know it, or it would be featured or carried over.
func (p *pick) isNew(c comparison.Comparison) bool {
	at, since := p.published(c), p.c.Plan.Since
	if at.After(since) {
		return true
	}
	return !p.c.Plan.Previous.IsZero() && dateOnly(c.Published) && sameDay(at, since.In(p.c.Calendar.Zone))
}

func dateOnly(p comparison.Published) bool { return len(p.String()) == len(time.DateOnly) }

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// judgeWithdrawn names carried items that have no comparison any more.
func (p *pick) judgeWithdrawn() {
	for _, it := range p.c.Plan.Carried {
		if !p.slugs[it.Slug] {
			p.outs = append(p.outs, Decision{
				Slug: it.Slug, Title: title(it), Code: CodeWithdrawn,
				Reason: "carried over from " + p.c.Plan.Previous.String() + ", but there is no such comparison any more",
			})
		}
	}
}

func (p *pick) carriedItem(slug string) (Item, bool) {
	i := slices.IndexFunc(p.c.Plan.Carried, func(it Item) bool { return it.Slug == slug })
	if i < 0 {
		return Item{}, false
	}
	return p.c.Plan.Carried[i], true
}

// shownPair finds the latest edition's item of the same pairing. For an old
// candidate only the edition before is asked: that names what lost to a newer
// one there, and the archive need not be compared with itself.
func (p *pick) shownPair(c comparison.Comparison, old bool) (f Featured, found bool) {
	tools := itemOf(c).Tools
	for _, g := range p.c.Plan.Featured {
		if old && g.Week != p.c.Plan.Previous || found && !f.Week.Before(g.Week) {
			continue
		}
		if p.c.Options.SamePairing(g.Tools, tools) {
			f, found = g, true
		}
	}
	return f, found
}

// paired finds the newer candidate of the same pairing.
func (p *pick) paired(c comparison.Comparison) (comparison.Comparison, bool) {
	tools := itemOf(c).Tools
	i := slices.IndexFunc(p.eligible, func(e comparison.Comparison) bool {
		return p.c.Options.SamePairing(itemOf(e).Tools, tools)
	})
	if i < 0 {
		return comparison.Comparison{}, false
	}
	return p.eligible[i], true
}

func (p *pick) out(c comparison.Comparison, code Code, why string) {
	p.outs = append(p.outs, p.decide(c, code, why))
}

func (p *pick) decide(c comparison.Comparison, code Code, why string) Decision {
	return Decision{
		Slug: c.Slug, Title: c.Title(), Published: p.published(c),
		In: code == CodeFeatured, Code: code, Reason: why,
	}
}

// sortedOut gives what is not in, newest first.
func (p *pick) sortedOut() []Decision {
	slices.SortStableFunc(p.outs, func(a, b Decision) int {
		if n := b.Published.Compare(a.Published); n != 0 {
			return n
		}
		return strings.Compare(a.Slug, b.Slug)
	})
	return p.outs
}

func title(it Item) string { return it.Tools[0] + " vs " + it.Tools[1] }
