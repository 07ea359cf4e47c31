package check

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// Contrast that WCAG 2.2 (1.4.3, level AA) asks for.
const (
	contrastText  = 4.5
	contrastLarge = 3.0
)

// contrast checks every visible text against its background, as clients with
// and without dark mode show it.
func (r *report) contrast(d *document) {
	for _, mode := range []string{"light", "dark"} {
		dark := mode == "dark"
		cs := newCascade(d, dark)
		found := contrasts(d, looks(d, cs, dark))
		if cs.partial {
			found.unknown = append(found.unknown, says("there are too many rules and elements to apply them all")...)
		}
		check := "a11y.contrast-" + mode
		if len(found.defects) == 0 && len(found.unknown) > 0 {
			r.addAll(check, Warn, found.unknown, "write plain colors (#rrggbb), or look at it yourself", "")
			continue
		}
		r.addAll(check, Fail, found.defects, "choose colors with at least 4.5:1 (3:1 for large text)",
			"%d pieces of text; the lowest contrast is %.1f:1", found.texts, found.least)
	}
}

// A contrasting is what the visible texts of a document came to.
type contrasting struct {
	defects []defect // one for each pair of colors
	unknown []defect
	texts   int
	least   float64
}

func contrasts(d *document, looks map[*html.Node]look) contrasting {
	found := contrasting{least: 21}
	seen := map[string]bool{}
	for n := range d.root.Descendants() {
		if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" {
			continue
		}
		l, ok := looks[n.Parent]
		if !ok || l.hidden || l.size == 0 {
			continue
		}
		found.texts++
		if !l.fg.known || !l.bg.known {
			if !seen["unknown"] {
				found.unknown = append(found.unknown, at(n.Parent, "the colors at "+place(n.Parent)+" cannot be determined"))
			}
			seen["unknown"] = true
			continue
		}
		need := contrastText
		if l.large() {
			need = contrastLarge
		}
		ratio := contrastRatio(l.fg.color, l.bg.color)
		found.least = min(found.least, ratio)
		if key := l.fg.String() + l.bg.String(); ratio < need && !seen[key] {
			seen[key] = true
			found.defects = append(found.defects, at(n.Parent, fmt.Sprintf("%s on %s is %.1f:1, below %.1f:1, at %s", l.fg, l.bg, ratio, need, place(n.Parent))))
		}
	}
	return found
}
