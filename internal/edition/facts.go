package edition

import (
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/wording"
)

// Facts are what readers were told of a tool when it was featured: numbers and
// prices as the comparison had them, so that a later difference can be said. They
// hold no wording of the program's, which an upgrade may change.
type Facts struct {
	Known   bool   `json:"known"` // false: featured by a version that kept no facts
	Ship    int    `json:"ship"`  // reviewers who say ship, -1 when unknown; so are the next two
	Skip    int    `json:"skip"`
	Percent int    `json:"percent"`
	Entry   string `json:"entry,omitempty"`
	Pricing string `json:"pricing,omitempty"`
	Scores  string `json:"scores,omitempty"` // "Builder 88, Skeptic 61"
}

// FactsOf gives the facts of a comparison's tools.
func FactsOf(c comparison.Comparison) [2]Facts {
	var out [2]Facts
	for i, t := range c.Tools {
		f := Facts{Known: true, Ship: -1, Skip: -1, Percent: -1, Entry: t.Entry, Pricing: t.Pricing, Scores: scoresOf(t)}
		if p := t.Panel; p != nil {
			f.Ship, f.Skip, f.Percent = number(p.Ship), number(p.Skip), number(p.Percent)
		}
		out[i] = f
	}
	return out
}

func number(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

func scoresOf(t comparison.Tool) string {
	var list []string
	for _, r := range t.Reviews {
		if r.Reviewer != "" && r.Score != nil {
			list = append(list, fmt.Sprintf("%s %d", r.Reviewer, *r.Score))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Verdict is the panel's verdict as readers were told it.
func (f Facts) Verdict() wording.Verdict {
	p := &comparison.Panel{}
	for _, x := range []struct {
		n  int
		to **int
	}{{f.Ship, &p.Ship}, {f.Skip, &p.Skip}, {f.Percent, &p.Percent}} {
		if x.n >= 0 {
			*x.to = &x.n
		}
	}
	return wording.VerdictOf(p)
}

// verdict is the verdict as mails word it, "" when it is not known.
func (f Facts) verdict() string {
	if v := f.Verdict(); v.Known() {
		return v.Line()
	}
	return ""
}

// Changes says what is different of a tool since it was featured.
func (f Facts) Changes(name string, now Facts) []string {
	if !f.Known || f == now {
		return nil
	}
	var list []string
	say := func(what, was, is string) {
		if was != is {
			list = append(list, name+": "+what+quoteOr(is)+", before "+quoteOr(was))
		}
	}
	say("", f.verdict(), now.verdict())
	say("price to start ", f.Entry, now.Entry)
	say("pricing ", f.Pricing, now.Pricing)
	was, is := differing(f.Scores, now.Scores)
	say("scores ", was, is)
	return list
}

// differing leaves of two lists of scores those that only one of them has: what
// stayed is no news.
func differing(was, is string) (onlyWas, onlyIs string) {
	const sep = ", "
	a, b := strings.Split(was, sep), strings.Split(is, sep)
	without := func(list, other []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) }), sep)
	}
	return without(a, b), without(b, a)
}

func quoteOr(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// changed says what is different of a comparison since its item was featured,
// "" when nothing is, or when nobody can tell.
func changed(was Item, c comparison.Comparison) string {
	now, names := FactsOf(c), [2]string{c.Tools[0].Name, c.Tools[1].Name}
	facts := was.Facts
	if was.Tools[0] == names[1] && was.Tools[1] == names[0] && names[0] != names[1] {
		facts[0], facts[1] = facts[1], facts[0]
	}
	var list []string
	for i := range now {
		list = append(list, facts[i].Changes(names[i], now[i])...)
	}
	return strings.Join(list, "; ")
}
