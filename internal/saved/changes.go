package saved

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/wording"
)

// A Kept state is one that somebody was told last.
type Kept struct {
	ID   int64
	Slug string
	State
}

// A Line is what changed since a state that was kept: one line of a digest, for who
// was told of that state last.
type Line struct {
	From int64 // the kept state's number
	Slug string
	Text string
	Now  State
}

// MostLines is how many lines a digest tells a reader; the list has the rest.
const MostLines = 8

// shift is from how many points on a change of the readers' votes is told.
const shift = 10

// Lines says what changed of comparisons since the states that are kept, in the
// order of their titles. Votes are told when they have become enough, when they
// turn, and when they shift by ten points.
func Lines(kept []Kept, library []comparison.Comparison, tallies votes.Tallies, least int) []Line {
	bySlug := map[string]comparison.Comparison{}
	for _, c := range library {
		bySlug[c.Slug] = c
	}
	var out []Line
	for _, k := range kept {
		c, ok := bySlug[k.Slug]
		if !ok {
			continue
		}
		now := StateOf(c, tallies[k.Slug])
		if text := k.changes(c, now, least); text != "" {
			out = append(out, Line{From: k.ID, Slug: k.Slug, Text: c.Title() + ": " + text, Now: now})
		}
	}
	slices.SortFunc(out, func(a, b Line) int { return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.From, b.From)) })
	return out
}

// changes says what is different of a comparison now, "" when nothing is to tell.
func (s State) changes(c comparison.Comparison, now State, least int) string {
	var parts []string
	for i, t := range c.Tools {
		parts = append(parts, s.Facts[i].Changes(t.Name, now.Facts[i])...)
		if news := voted(s.Votes[i], now.Votes[i], least); news != "" {
			parts = append(parts, t.Name+": "+news)
		}
	}
	return strings.Join(parts, "; ")
}

// voted says how the readers' votes have changed.
func voted(was, now votes.Count, least int) string {
	switch turned := was.Percent() >= 50 != (now.Percent() >= 50); {
	case now.All() < max(least, 1):
		return ""
	case was.All() < max(least, 1):
		return "readers say " + wording.Readers(now, least)
	case turned || max(was.Percent()-now.Percent(), now.Percent()-was.Percent()) >= shift:
		return fmt.Sprintf("readers now say %s, before %d%% ship", wording.Readers(now, least), was.Percent())
	}
	return ""
}

// Told says who is told what in an edition.
type Told struct {
	Lines   []string
	Readers map[int64][]int // indexes of their lines
}

// Of gives a reader's lines, at most MostLines.
func (t Told) Of(reader int64) []string {
	at := t.Readers[reader]
	var out []string
	for i, n := range at {
		if n < 0 || n >= len(t.Lines) {
			continue
		}
		if i == MostLines-1 && len(at) > MostLines {
			return append(out, fmt.Sprintf("and %d more: your list shows them", len(at)-i))
		}
		out = append(out, t.Lines[n])
	}
	return out
}
