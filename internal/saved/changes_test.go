package saved_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/votes"
)

func quill(ship, skip int, entry string) comparison.Comparison {
	return comparison.Comparison{Slug: "q", Tools: [2]comparison.Tool{
		{Name: "Quill", Entry: entry, Panel: &comparison.Panel{Ship: &ship, Skip: &skip}}, {Name: "Inkwell"},
	}}
}

// scored has two reviewers' scores.
func scored(builder, creator int) comparison.Comparison {
	c := quill(3, 1, "Free")
	c.Tools[0].Reviews = []comparison.Review{{Reviewer: comparison.Builder, Score: &builder}, {Reviewer: comparison.Creator, Score: &creator}}
	return c
}

// One line says what changed: verdict, score, price, votes; nothing that did not.
func TestLines(t *testing.T) {
	t.Parallel()
	kept := func(c comparison.Comparison, both [2]votes.Count) []saved.Kept {
		return []saved.Kept{{ID: 7, Slug: "q", State: saved.StateOf(c, both)}, {ID: 8, Slug: "gone", State: saved.StateOf(c, both)}}
	}
	few, some, most := [2]votes.Count{{Ship: 3}}, [2]votes.Count{{Ship: 6, Skip: 4}}, [2]votes.Count{{Ship: 7, Skip: 4}}
	turned := [2]votes.Count{{Ship: 6, Skip: 7}}
	for name, tt := range map[string]struct {
		was, is      comparison.Comparison
		before, then [2]votes.Count
		want         string
	}{
		"nothing": {quill(3, 1, "Free"), quill(3, 1, "Free"), some, some, ""},
		"verdict": {quill(3, 1, "Free"), quill(1, 3, "Free"), some, some, "Quill vs Inkwell: Quill: Skip, 3 of 4 against (25% ship), before Ship, 3 of 4 (75%)"},
		"score": {
			scored(92, 74), scored(31, 74), some, some, "Quill vs Inkwell: Quill: scores Builder 31, before Builder 92",
		},
		"price":         {quill(3, 1, "Free"), quill(3, 1, "$9"), some, some, "Quill vs Inkwell: Quill: price to start $9, before Free"},
		"enough votes":  {quill(3, 1, ""), quill(3, 1, ""), few, some, "Quill vs Inkwell: Quill: readers say 60% ship, 10 votes"},
		"too few":       {quill(3, 1, ""), quill(3, 1, ""), [2]votes.Count{}, few, ""},
		"a little more": {quill(3, 1, ""), quill(3, 1, ""), some, most, ""},
		"turned":        {quill(3, 1, ""), quill(3, 1, ""), some, turned, "Quill vs Inkwell: Quill: readers now say 46% ship, 13 votes, before 60% ship"},
	} {
		got := saved.Lines(kept(tt.was, tt.before), []comparison.Comparison{tt.is}, votes.Tallies{"q": tt.then}, 5)
		var text string
		for _, l := range got {
			text += l.Text
			if l.From != 7 || l.Slug != "q" || l.Now != saved.StateOf(tt.is, tt.then) {
				t.Errorf("%s: got %+v, want the line of the kept state", name, l)
			}
		}
		if strings.TrimSpace(text) != tt.want {
			t.Errorf("%s: got %q, want %q", name, text, tt.want)
		}
	}
}
