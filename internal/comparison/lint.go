package comparison

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"verdicts.example/digest/internal/strictyaml"
)

// Lint gives what an author should look at though the comparison keeps every
// rule and can be sent: a text that YAML has cut at " #", a character that was
// lost on the way, and an update that lies ahead. Dates without a time are days
// in now's zone.
func (c Comparison) Lint(now time.Time) []Problem {
	ps := problems{file: c.File, list: slices.Clone(c.cuts)}
	for field, text := range c.texts() {
		if strings.ContainsRune(text, utf8.RuneError) {
			ps.addf(c.Line(field), field, "%s: has U+FFFD, which stands for a character that was lost on the way; type it again", strictyaml.Leaf(field))
		}
	}
	if !c.Updated.IsZero() && c.Updated.In(now.Location()).After(now) {
		ps.addf(c.Line("updated"), "updated", "updated: %s is in the future; until then it does not count as an update", c.Updated)
	}
	return ps.sorted()
}

// texts yields every text that a reader sees, with its field.
func (c Comparison) texts() func(yield func(field, text string) bool) {
	return func(yield func(field, text string) bool) {
		for i, t := range c.Tools {
			at := fmt.Sprintf("tools[%d].", i)
			for _, f := range [][2]string{{"name", t.Name}, {"tagline", t.Tagline}, {"category", t.Category}, {"entry", t.Entry},
				{"pricing", t.Pricing}, {"best_for", t.BestFor}, {"description", t.Description}} {
				if !yield(at+f[0], f[1]) {
					return
				}
			}
			for j, r := range t.Reviews {
				if !yield(fmt.Sprintf("%sreviews[%d].take", at, j), r.Take) {
					return
				}
			}
		}
	}
}
