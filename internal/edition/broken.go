package edition

import (
	"fmt"
	"slices"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// holds reports whether a comparison is the one that could not be read.
func (u Unread) holds(c comparison.Comparison) bool {
	return comparison.Broken{File: u.File}.Holds(c)
}

// judgeBroken names the files that cannot be read and may be new, and gives what the
// next edition has of them.
func (p *pick) judgeBroken() (carried []Item) {
	for _, b := range p.c.Broken {
		it, fresh := p.unreadItem(b)
		if !fresh || p.known[b.Slug] && it.Unread.File == "" {
			continue
		}
		p.unread[it.Slug] = true
		carried = append(carried, it)
		p.outs = append(p.outs, Decision{Slug: it.Slug, Title: it.Title(), Published: p.when(b), Code: CodeUnread, Reason: p.whyUnread(b)})
	}
	return carried
}

func (p *pick) whyUnread(b comparison.Broken) string {
	if p.c.Edits.pins(b.Slug) {
		return "pinned by an editor, but its file " + b.File + " cannot be read"
	}
	return fmt.Sprintf("its file %s cannot be read; corrected after this edition, it is a candidate of the next", b.File)
}

// unreadItem is what is carried over of a broken file, and whether it may be new:
// readers have not had it, and as far as its date is known it is of this edition's
// time. What was carried over already stays as it was.
func (p *pick) unreadItem(b comparison.Broken) (it Item, fresh bool) {
	for _, it := range p.c.Plan.Carried {
		if it.Unread.File == b.File || it.Slug == b.Slug {
			return it, true
		}
	}
	it = Item{Slug: b.Slug, Tools: b.Tools, Unread: Unread{File: b.File, Since: p.c.Plan.Since.UTC()}}
	if p.c.Edits.leavesOut(b.Slug) || slices.ContainsFunc(p.c.Plan.Featured, func(f Featured) bool { return f.Slug == b.Slug }) {
		return it, false
	}
	c := comparison.Comparison{Published: b.Published}
	if p.c.Edits.pins(b.Slug) {
		return it, true
	}
	return it, b.Published.IsZero() || p.isNew(c, p.c.Plan.Since) && !p.published(c).After(p.c.Plan.Cutoff)
}

// when is the date of a broken file, zero when it is unknown.
func (p *pick) when(b comparison.Broken) time.Time {
	return p.published(comparison.Comparison{Published: b.Published})
}

// Unread gives the carried items whose files could not be read.
func (e Edition) Unread() (list []Item) {
	for _, it := range e.Carried {
		if it.Unread.File != "" {
			list = append(list, it)
		}
	}
	return list
}
