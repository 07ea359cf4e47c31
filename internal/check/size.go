package check

import (
	"verdicts.example/digest/internal/render"
)

// Gmail clips a message at about 102 KB of HTML (render.SizeLimit stays below
// it) and drops style elements beyond 16 KB. The bars leave room for what the
// clients themselves add.
const (
	styleBudget = 8 << 10 // bytes
	styleStop   = 16 << 10
	treeStop    = 1 << 20 // above it, only sizes are looked at
)

func (r *report) size(m Mail) {
	n := len(m.Rendered.HTML)
	switch {
	case n > render.SizeLimit:
		r.addFail("size.html", "feature fewer comparisons (edition.max)", "%d bytes of HTML; Gmail clips at about 102,000 and hides the unsubscribe link", n)
	case n > render.SizeBudget:
		r.addWarn("size.html", "shorten descriptions or feature fewer comparisons", "%d bytes of HTML, over the budget of %d", n, render.SizeBudget)
	default:
		r.addPass("size.html", "%d bytes of HTML, within the budget of %d", n, render.SizeBudget)
	}
	r.addAll("size.plan", Warn, says(m.Rendered.Cuts...), "feature fewer comparisons (edition.max) to show all in full", "every comparison is shown in full")
}

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
		r.addFail("size.style", fix, "%d bytes of style elements; Gmail drops those beyond %d", total, styleStop)
	case total > styleBudget:
		r.addWarn("size.style", fix, "%d bytes of style elements, over the budget of %d", total, styleBudget)
	default:
		r.addPass("size.style", "%d bytes of style elements, within the budget of %d", total, styleBudget)
	}
}
