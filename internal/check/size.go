package check

import (
	"strings"

	"verdicts.example/digest/internal/check/caniemail"
)

// Gmail clips a message at about 102 KB of HTML and drops a style element over
// 16 KB. The bars leave room for what the clients themselves add.
const (
	htmlBar   = 85 << 10 // bytes; the templates degrade by plan above it
	htmlStop  = 100_000
	styleBar  = 8 << 10
	styleStop = 16 << 10
)

func (r *report) size(m Mail) {
	n := len(m.Rendered.HTML)
	switch {
	case n > htmlStop:
		r.fail("size.html", "feature fewer comparisons (edition.max)", "%d bytes of HTML; Gmail clips at about 102,000 and hides the unsubscribe link", n)
	case n > htmlBar:
		r.warn("size.html", "shorten descriptions or feature fewer comparisons", "%d bytes of HTML, over the bar of %d", n, htmlBar)
	default:
		r.pass("size.html", "%d bytes of HTML, below the bar of %d", n, htmlBar)
	}
	largest := 0
	for _, s := range styles(m.Rendered.HTML) {
		largest = max(largest, len(s))
	}
	switch {
	case largest > styleStop:
		r.fail("size.style", "move rules into the inlined sheet", "a style element of %d bytes; Gmail drops those over %d", largest, styleStop)
	case largest > styleBar:
		r.warn("size.style", "move rules into the inlined sheet", "a style element of %d bytes, over the bar of %d", largest, styleBar)
	default:
		r.pass("size.style", "the largest style element has %d bytes", largest)
	}
	for _, note := range m.Rendered.Notes {
		r.warn("size.plan", "feature fewer comparisons (edition.max) to show all in full", "%s", note)
	}
}

// styles gives the text of each style element.
func styles(doc string) []string {
	var out []string
	for rest := doc; ; {
		i := strings.Index(rest, "<style")
		if i < 0 {
			return out
		}
		rest = rest[i:]
		open := strings.IndexByte(rest, '>')
		end := strings.Index(rest, "</style>")
		if open < 0 || end < open {
			return out
		}
		out = append(out, rest[open+1:end])
		rest = rest[end:]
	}
}

// clients compares what the mail uses with what the clients support. What is
// lacking on purpose stands in accepted, with how the mail degrades.
func (r *report) clients(m Mail) {
	data, err := caniemail.Load()
	if err != nil {
		r.fail("clients.support", "renew the data with 'make caniemail'", "%s", err)
		return
	}
	uses, err := caniemail.Uses(m.Rendered.HTML)
	if err != nil {
		r.fail("clients.support", "mend the template", "%s", err)
		return
	}
	ok := accepted()
	var defects []string
	lacking := map[string]bool{}
	for _, g := range data.Gaps(uses, caniemail.Clients()) {
		if g.Support != caniemail.No {
			continue
		}
		if _, fine := ok[g.Feature.Slug]; fine {
			lacking[g.Feature.Slug] = true
			continue
		}
		defects = append(defects, g.Feature.Title+" is not supported by "+string(g.Client)+" ("+g.Where+")")
	}
	r.all("clients.support", Warn, defects, "use what every client supports, or accept it in check/accepted.go with how the mail degrades",
		"nothing that a client lacks, but for %d features that degrade by plan (data of %s)", len(lacking), data.Updated)
}
