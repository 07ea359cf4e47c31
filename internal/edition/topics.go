package edition

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// OnTopics gives those of an edition's comparisons, in its order, that a reader of
// these topics gets: where one of the tools has one of them as its category. No
// topics are all; a comparison without any category may be of any.
func OnTopics(list []comparison.Comparison, topics []string) []comparison.Comparison {
	if len(topics) == 0 {
		return list
	}
	var out []comparison.Comparison
	for _, c := range list {
		if slices.ContainsFunc(topics, func(t string) bool { return isOn(c, t) }) {
			out = append(out, c)
		}
	}
	return out
}

func isOn(c comparison.Comparison, topic string) bool {
	a, b := c.Tools[0].Category, c.Tools[1].Category
	return a == "" && b == "" || strings.EqualFold(a, topic) || strings.EqualFold(b, topic)
}

// An Audience says who gets what of an edition.
type Audience struct {
	Groups []Group // of those who get a part of it, the largest first
	// Variants are the groups by topics, as they are kept: 0 is the whole edition, n
	// is Groups[n-1], NoPart is nothing.
	Variants map[string]int
	Whole    int64 // readers who get all of it
	None     int64 // readers of whose topics it has nothing
}

// NoPart is the variant of those of whose topics an edition has nothing.
const NoPart = -1

// A Group gets the same part of an edition.
type Group struct {
	Comparisons []comparison.Comparison
	Readers     int64
}

// Slugs name what the group gets.
func (g Group) Slugs() []string {
	out := make([]string, len(g.Comparisons))
	for i, c := range g.Comparisons {
		out[i] = c.Slug
	}
	return out
}

// Readers is how many get something.
func (a Audience) Readers() int64 {
	n := a.Whole
	for _, g := range a.Groups {
		n += g.Readers
	}
	return n
}

// AudienceOf groups readers by what they get of an edition. Counts says how many
// have which topics, comma separated; "" is all.
func AudienceOf(list []comparison.Comparison, counts map[string]int64) Audience {
	a := Audience{Variants: map[string]int{}}
	groups, topicsOf := map[string]*Group{}, map[string][]string{}
	for topics, n := range counts {
		part := OnTopics(list, strings.FieldsFunc(topics, func(r rune) bool { return r == ',' }))
		switch len(part) {
		case len(list):
			a.Whole += n
			a.Variants[topics] = 0
		case 0:
			a.None += n
			a.Variants[topics] = NoPart
		default:
			key := strings.Join(Group{Comparisons: part}.Slugs(), " ")
			if groups[key] == nil {
				groups[key] = &Group{Comparisons: part}
			}
			groups[key].Readers += n
			topicsOf[key] = append(topicsOf[key], topics)
		}
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(x, y string) int {
		return cmp.Or(cmp.Compare(groups[y].Readers, groups[x].Readers), cmp.Compare(x, y))
	})
	for i, key := range keys {
		a.Groups = append(a.Groups, *groups[key])
		for _, topics := range topicsOf[key] {
			a.Variants[topics] = i + 1
		}
	}
	return a
}
