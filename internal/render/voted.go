package render

import (
	"cmp"
	"slices"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/wording"
)

// Voted is how readers have voted, as an edition tells it.
type Voted struct {
	Tallies votes.Tallies
	Least   int // fewer votes on a tool are no number
	// Last are the comparisons of the digest before, which was of week Week; Open:
	// they may still be voted on.
	Last []comparison.Comparison
	Week edition.Week
	Open bool
}

// maxAnswers is how many comparisons of the digest before are told of.
const maxAnswers = 5

// An Answer is how readers voted on a comparison of the digest before.
type Answer struct {
	wording.Comparison
	URL     string // its page here
	VoteURL string // "": voting has closed
}

// answers gives the comparisons of the digest before with enough votes to tell,
// the most voted first.
func (v *viewer) answers() []Answer {
	votesOn := func(c comparison.Comparison) int {
		t := v.voted.Tallies[c.Slug]
		return t[0].All() + t[1].All()
	}
	told := slices.DeleteFunc(slices.Clone(v.voted.Last), func(c comparison.Comparison) bool {
		t := v.voted.Tallies[c.Slug]
		return max(t[0].All(), t[1].All()) < max(v.voted.Least, 1)
	})
	slices.SortStableFunc(told, func(a, b comparison.Comparison) int { return cmp.Compare(votesOn(b), votesOn(a)) })
	var out []Answer
	for _, c := range told[:min(len(told), maxAnswers)] {
		a := Answer{URL: v.site.BaseURL + "/compare/" + c.Slug}
		a.Comparison = wording.Of(v.trimmed(c)).WithReaders(v.voted.Tallies[c.Slug], v.voted.Least)
		for i := range a.Tools {
			a.Tools[i].Readers = cmp.Or(a.Tools[i].Readers, wording.NoVotes)
		}
		if v.voted.Open {
			a.VoteURL = v.voteURL(v.voted.Week, c.Slug)
		}
		out = append(out, a)
	}
	return out
}
