package check

import (
	"fmt"
	"math"
	"slices"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// staleAfter is the age at which a comparison is old news.
const staleAfter = 21 * 24 * time.Hour

// content checks the comparisons themselves.
func (r *report) content(m Mail) {
	var stale, twins, percents, prices, thin, takes []defect
	for i, c := range m.Comparisons {
		stale = append(stale, ageDefect(m, c)...)
		for _, other := range m.Comparisons[:i] {
			if comparison.SamePairing(names(c), names(other)) {
				twins = append(twins, in(c.Slug, "", c.Slug+" and "+other.Slug+" compare the same tools"))
			}
		}
		takes = append(takes, cutTakes(c)...)
		for i, t := range c.Tools {
			percents = append(percents, percentDefect(c, i)...)
			if t.Entry == "" && t.Pricing == "" {
				prices = append(prices, in(c.Slug, fmt.Sprintf("tools[%d].entry", i), t.Name+" in "+c.Slug+" has no price"))
			}
			if len(t.Reviews) == 0 {
				thin = append(thin, in(c.Slug, fmt.Sprintf("tools[%d].reviews", i), t.Name+" in "+c.Slug+" has no review"))
			}
		}
	}
	r.addAll("content.stale", Warn, stale, "leave it out, or correct its date", "every comparison is recent")
	r.addAll("content.duplicate", Warn, twins, "keep the newer", "no pairing appears twice")
	r.addAll("content.percent", Warn, percents, "correct panel.percent or the counts", "percentages agree with the counts")
	r.addAll("content.price", Warn, prices, "add entry or pricing", "every tool has a price")
	r.addAll("content.reviews", Warn, thin, "add a review", "every tool has a review")
	r.addAll("content.takes", Warn, takes, "write the whole take into the comparison", "every take is whole")
	var short, broken []defect
	for _, note := range m.Rendered.Notes {
		if !slices.Contains(m.Rendered.Cuts, note) {
			short = append(short, says(note)...)
		}
	}
	r.addAll("content.shortened", Warn, short, "shorten or correct it in the comparison, so that you choose what is shown", "no text had to be shortened or left out")
	for _, p := range m.Problems {
		broken = append(broken, defect{Place{Text: p.String(), File: p.File}, nil})
	}
	r.addAll("content.broken", Warn, broken, "fix the file; until then the comparison is left out", "every comparison can be read")
	r.decided(m)
}

// decided says what of the pick an editor should look at.
func (r *report) decided(m Mail) {
	lines := func(code edition.Code, field string) (list []defect) {
		for _, d := range m.Decisions {
			if d.Code == code {
				list = append(list, in(d.Slug, field, d.Slug+": "+d.Reason))
			}
		}
		return list
	}
	r.addAll("content.withdrawn", Warn, lines(edition.CodeWithdrawn, ""), "give the file its name back, or pin the comparison under its new one", "nothing that was promised is missing")
	r.addAll("content.late", Warn, lines(edition.CodeMissed, "published"), "pin it, or give it a later published date", "nothing came too late for its edition")
	r.addAll("content.doubtful", Warn, lines(edition.CodeDoubtful, ""), "look at both, and leave one out if they are about the same tools", "no pairing is doubtful")
	r.addAll("content.changed", Warn, lines(edition.CodeChanged, "updated"), "give it an updated date to bring it again, or pin it", "nothing that readers were sent has changed since")
}

func names(c comparison.Comparison) [2]string { return [2]string{c.Tools[0].Name, c.Tools[1].Name} }

func ageDefect(m Mail, c comparison.Comparison) []defect {
	if c.Published.IsZero() || m.Now.IsZero() {
		return nil
	}
	age := m.Now.Sub(c.Published.In(m.Zone))
	switch {
	case age > staleAfter:
		return []defect{in(c.Slug, "published", fmt.Sprintf("%s is %d days old", c.Slug, int(age.Hours()/24)))}
	case age < 0:
		return []defect{in(c.Slug, "published", c.Slug+" is dated in the future")}
	}
	return nil
}

// percentDefect allows any rounding.
func percentDefect(c comparison.Comparison, tool int) []defect {
	t := c.Tools[tool]
	p := t.Panel
	if p == nil || p.Ship == nil || p.Skip == nil || p.Percent == nil || *p.Ship+*p.Skip == 0 {
		return nil
	}
	exact := float64(*p.Ship) / float64(*p.Ship+*p.Skip) * 100
	if math.Abs(exact-float64(*p.Percent)) < 1 {
		return nil
	}
	return []defect{in(c.Slug, fmt.Sprintf("tools[%d].panel.percent", tool), fmt.Sprintf("%s in %s: %d ship and %d skip are %.0f%%, not %d%%", t.Name, c.Slug, *p.Ship, *p.Skip, exact, *p.Percent))}
}
