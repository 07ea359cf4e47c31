package check

import (
	"strings"

	"verdicts.example/digest/internal/render"
)

// Gmail clips a message at about 102 KB of HTML (render.SizeLimit stays below
// it) and drops style elements beyond 16 KB. The bars leave room for what the
// clients themselves add.
const (
	styleBar  = 8 << 10 // bytes
	styleStop = 16 << 10
	treeStop  = 1 << 20 // above it, only sizes are looked at
)

func (r *report) size(m Mail) {
	n := len(m.Rendered.HTML)
	switch {
	case n > render.SizeLimit:
		r.fail("size.html", "feature fewer comparisons (edition.max)", "%d bytes of HTML; Gmail clips at about 102,000 and hides the unsubscribe link", n)
	case n > render.SizeBar:
		r.warn("size.html", "shorten descriptions or feature fewer comparisons", "%d bytes of HTML, over the bar of %d", n, render.SizeBar)
	default:
		r.pass("size.html", "%d bytes of HTML, below the bar of %d", n, render.SizeBar)
	}
	var plan []string
	for _, note := range m.Rendered.Notes {
		if byPlan(note) {
			plan = append(plan, note)
		}
	}
	r.all("size.plan", Warn, plan, "feature fewer comparisons (edition.max) to show all in full", "every comparison is shown in full")
}

// byPlan tells the notes about the size bar from those about single texts.
func byPlan(note string) bool { return strings.Contains(note, "the bar") }

// styles measures the style elements together, as Gmail counts them.
func (r *report) styles(d *document) {
	total := 0
	for _, n := range d.named("style") {
		for c := range n.ChildNodes() {
			total += len(c.Data)
		}
	}
	const fix = "move rules into the inlined sheet"
	switch {
	case total > styleStop:
		r.fail("size.style", fix, "%d bytes of style elements; Gmail drops those beyond %d", total, styleStop)
	case total > styleBar:
		r.warn("size.style", fix, "%d bytes of style elements, over the bar of %d", total, styleBar)
	default:
		r.pass("size.style", "%d bytes of style elements, below the bar of %d", total, styleBar)
	}
}
