package check

import (
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/spelling"
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
		r.addFail("size.html", "feature fewer comparisons (edition.max)", "%s bytes of HTML; Gmail clips at about 102,000 and hides the unsubscribe link", spelling.Thousands(n))
	case n > render.SizeBudget:
		r.addWarn("size.html", "shorten descriptions or feature fewer comparisons", "%s bytes of HTML, over the budget of %s", spelling.Thousands(n), spelling.Thousands(render.SizeBudget))
	default:
		r.addPass("size.html", "%s bytes of HTML, within the budget of %s", spelling.Thousands(n), spelling.Thousands(render.SizeBudget))
	}
	r.addAll("size.plan", Warn, says(m.Rendered.Cuts...), "feature fewer comparisons (edition.max), so that nothing need be cut", "nothing had to be cut to stay within the size budget")
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
		r.addFail("size.style", fix, "%s bytes of style elements; Gmail drops those beyond %s", spelling.Thousands(total), spelling.Thousands(styleStop))
	case total > styleBudget:
		r.addWarn("size.style", fix, "%s bytes of style elements, over the budget of %s", spelling.Thousands(total), spelling.Thousands(styleBudget))
	default:
		r.addPass("size.style", "%s bytes of style elements, within the budget of %s", spelling.Thousands(total), spelling.Thousands(styleBudget))
	}
}
