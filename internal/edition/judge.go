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
	known    map[string]bool         // the candidates' slugs
	slugs    map[string]bool         // judged so far
	eligible []comparison.Comparison // pinned, new, carried over, or updated
	updates  map[string]Featured     // eligible because they were updated since
	doubts   map[string]string       // what the editor is asked, by slug
	unread   map[string]bool         // slugs of files that cannot be read
	outs     []Decision
	approved bool // what is in was approved
}

func newPick(c Candidates) *pick {
	if c.Options.Match == nil {
		c.Options.Match = comparison.MatchPairings
	}
	p := &pick{c: c, known: map[string]bool{}, slugs: map[string]bool{}, updates: map[string]Featured{}, doubts: map[string]string{}, unread: map[string]bool{}}
	for _, cmp := range c.Comparisons {
		p.known[cmp.Slug] = true
	}
	return p
}

// judge asks of one candidate what keeps it out. The most lasting reason comes
// first: what readers have had cannot be changed by another date.
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
	if p.slugs[c.Slug] {
		return CodeDuplicated, "another comparison has the slug " + c.Slug + "; rename one of them"
	}
	if p.c.Edits.pins(c.Slug) {
		return "", ""
	}
	if p.c.Edits.leavesOut(c.Slug) {
		return CodeLeftOut, "left out by an editor"
	}
	if f, ok := p.featured(c); ok {
		return p.again(c, f)
	}
	return p.fresh(c)
}

// fresh judges what readers have not had.
func (p *pick) fresh(c comparison.Comparison) (Code, string) {
	plan, at := p.c.Plan, p.published(c)
	if at.IsZero() {
		return CodeUndated, "has no publication date; give it one, such as published: " + p.day(plan.Cutoff)
	}
	if at.After(plan.Cutoff) {
		return CodeTooLate, p.whyLate(at)
	}
	item, carried := p.carriedItem(c)
	promised, since := carried, p.c.Plan.Since
	if carried && p.c.Plan.Carried[item].Unread.File != "" {
		carried, since = false, p.c.Plan.Carried[item].Unread.Since
	}
	old := !carried && !p.isNew(c, since)
	if f, ok := p.shownPair(c, old); ok {
		code := CodeShownPair
		if f.Expected {
			code = CodeExpected
		}
		return code, fmt.Sprintf("the same pairing as %s (%s), %s", f.Slug, f.Title(), f.where())
	}
	if p.doubtful(c, old, promised) {
		return CodeMissed, p.whyDoubtful()
	}
	if e, late := p.missed(c); old && late {
		return CodeMissed, p.whyMissed(e)
	}
	if old {
		return CodeTooOld, p.whyOld()
	}
	if rival, ok := p.paired(c); ok {
		return CodeSamePair, p.whyPaired(c, rival)
	}
	return "", ""
}

// againAfter is how many weeks pass before a comparison is featured again.
const againAfter = 4

// again judges what readers have had: it competes once more when it was updated
// since. A difference alone is only told to the editor.
func (p *pick) again(c comparison.Comparison, f Featured) (Code, string) {
	if f.Expected {
		return CodeExpected, "goes out with " + f.Week.String() + ", before this one"
	}
	what, at := changed(f.Item, c), c.Updated.In(p.c.Calendar.Zone)
	late := !c.Updated.IsZero() && at.After(f.Cutoff)
	if !c.Updated.IsZero() && !late && what != "" {
		late = dateOnly(c.Updated) && sameDay(at, f.Cutoff.In(p.c.Calendar.Zone))
	}
	switch next := f.Week.Add(againAfter); {
	case !f.Week.Before(p.c.Plan.Week), !late && what == "":
		return CodeShown, "featured in " + f.Week.String()
	case !late:
		return CodeChanged, fmt.Sprintf("featured in %s, and different since (%s); to bring it as an update, give it updated: %s, or pin it",
			f.Week, what, p.day(p.c.Plan.Cutoff))
	case at.After(p.c.Plan.Cutoff):
		return CodeTooLate, "featured in " + f.Week.String() + ", and updated after the cutoff (" + p.stamp(p.c.Plan.Cutoff) + ")"
	case p.c.Plan.Week.Before(next):
		return CodeShown, fmt.Sprintf("featured in %s and updated since; a candidate again from %s on, four weeks later", f.Week, next)
	}
	p.updates[c.Slug] = f
	return "", ""
}

// featured finds the latest edition that had a candidate; one whose file was
// renamed is known by its tools.
func (p *pick) featured(c comparison.Comparison) (f Featured, found bool) {
	tools := itemOf(c).Tools
	for _, g := range p.c.Plan.Featured {
		if g.Slug != c.Slug && (p.known[g.Slug] || g.Tools != tools || c.Updated.IsZero()) {
			continue
		}
		if !found || f.Week.Before(g.Week) {
			f, found = g, true
		}
	}
	return f, found
}

// isNew reports whether a candidate was published after a cutoff. A date
// without a time on the very day of the last edition's cutoff is new too: that
// edition did not know it, or it would be featured or carried over; unless nobody
// knows what that edition had.
func (p *pick) isNew(c comparison.Comparison, since time.Time) bool {
	at := p.published(c)
	if at.After(since) {
		return true
	}
	return !p.c.Plan.Previous.IsZero() && p.c.Plan.Doubt.IsZero() && dateOnly(c.Published) && sameDay(at, since.In(p.c.Calendar.Zone))
}

func dateOnly(p comparison.Published) bool { return len(p.String()) == len(time.DateOnly) }

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// judgeWithdrawn names what was promised and has no comparison any more: carried
// items, those of editions that reached nobody, and pinned ones.
func (p *pick) judgeWithdrawn() {
	gone := func(it Item, why string) {
		if p.slugs[it.Slug] || p.renamed(it) || p.unread[it.Slug] {
			return
		}
		p.slugs[it.Slug] = true
		p.outs = append(p.outs, Decision{
			Slug: it.Slug, Title: it.Title(), Code: CodeWithdrawn,
			Reason: why + ", but there is no such comparison any more; was its file renamed?",
		})
	}
	for _, slug := range p.c.Edits.Pinned {
		gone(Item{Slug: slug}, "pinned by an editor")
	}
	for _, it := range p.c.Plan.Carried {
		gone(it, "carried over from "+p.c.Plan.Previous.String())
	}
	for _, f := range p.c.Plan.Unsent {
		gone(f.Item, "picked for "+f.Week.String()+", which was not sent")
	}
}

// renamed reports whether a candidate has taken an item's place under another
// slug, or was read from the file that could not be read.
func (p *pick) renamed(it Item) bool {
	return slices.ContainsFunc(p.c.Comparisons, func(c comparison.Comparison) bool {
		return itemOf(c).Tools == it.Tools || it.Unread.holds(c)
	})
}

// carriedItem finds a candidate among the carried items, by its slug, or by its
// tools when its file was renamed.
func (p *pick) carriedItem(c comparison.Comparison) (at int, carried bool) {
	tools := itemOf(c).Tools
	at = slices.IndexFunc(p.c.Plan.Carried, func(it Item) bool {
		return it.Slug == c.Slug || !p.known[it.Slug] && it.Tools == tools || it.Unread.holds(c)
	})
	if at < 0 {
		return len(p.c.Plan.Carried), false
	}
	return at, true
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
		switch p.c.Options.Match(g.Tools, tools) {
		case comparison.Same:
			f, found = g, true
		case comparison.Doubtful:
			p.doubt(c.Slug, fmt.Sprintf("%s (%s), %s", g.Slug, g.Title(), g.where()))
		}
	}
	return f, found
}

// where says which edition has an item.
func (f Featured) where() string {
	if f.Expected {
		return "which goes out with " + f.Week.String()
	}
	return "featured in " + f.Week.String()
}

// paired finds the candidate of the same pairing that competes already.
func (p *pick) paired(c comparison.Comparison) (rival comparison.Comparison, found bool) {
	tools := itemOf(c).Tools
	for _, e := range p.eligible {
		switch p.c.Options.Match(itemOf(e).Tools, tools) {
		case comparison.Same:
			return e, true
		case comparison.Doubtful:
			p.doubt(c.Slug, e.Slug+" ("+e.Title()+")")
			p.doubt(e.Slug, c.Slug+" ("+c.Title()+")")
		}
	}
	return comparison.Comparison{}, false
}

// doubt keeps the first question about a candidate.
func (p *pick) doubt(slug, other string) {
	if p.doubts[slug] == "" {
		p.doubts[slug] = "perhaps the same pairing as " + other + "; leave it out if it is"
	}
}

func (p *pick) out(c comparison.Comparison, code Code, why string) {
	p.outs = append(p.outs, p.decide(c, code, why))
}

func (p *pick) decide(c comparison.Comparison, code Code, why string) Decision {
	return Decision{
		Slug: c.Slug, Title: c.Title(), Published: p.published(c),
		In: code == CodeFeatured || code == CodeDoubtful, Code: code, Reason: why,
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
