package comparison

import (
	"cmp"
	"slices"
	"strings"
)

// Related gives those of a list that a reader of c may want next, at most most of
// them: first what has a tool in common with c, then what is of one of its
// categories, each in the list's order. A tool is the same as MatchPairings has it.
func Related(c Comparison, list []Comparison, most int) []Comparison {
	type ranked struct {
		Comparison
		nearness int
	}
	of := [2]toolNames{readNames(c.Tools[0].Name), readNames(c.Tools[1].Name)}
	var found []ranked
	for _, o := range list {
		if o.Slug == c.Slug {
			continue
		}
		switch {
		case sharesTool(of, o):
			found = append(found, ranked{o, 2})
		case IsOn(o, c.Tools[0].Category) || IsOn(o, c.Tools[1].Category):
			found = append(found, ranked{o, 1})
		}
	}
	slices.SortStableFunc(found, func(a, b ranked) int { return cmp.Compare(b.nearness, a.nearness) })
	var out []Comparison
	for _, r := range found[:min(most, len(found))] {
		out = append(out, r.Comparison)
	}
	return out
}

func sharesTool(of [2]toolNames, o Comparison) bool {
	for _, t := range o.Tools {
		names := readNames(t.Name)
		if of[0].match(names) == Same || of[1].match(names) == Same {
			return true
		}
	}
	return false
}

// IsOn reports whether one of the tools has the category, in any case; nothing is on
// the empty one.
func IsOn(c Comparison, category string) bool {
	return category != "" && (strings.EqualFold(c.Tools[0].Category, category) || strings.EqualFold(c.Tools[1].Category, category))
}
