package comparison

import (
	"slices"
	"time"
)

// Lint gives what an author should look at though the comparison keeps every
// rule and can be sent: a text that YAML has cut at " #", and an update that lies
// ahead. Dates without a time are days in now's zone.
func (c Comparison) Lint(now time.Time) []Problem {
	ps := problems{file: c.File, list: slices.Clone(c.cuts)}
	if !c.Updated.IsZero() && c.Updated.In(now.Location()).After(now) {
		ps.add(c.Line("updated"), "updated", "updated: %s is in the future; until then it is no update", c.Updated)
	}
	return ps.sorted()
}
