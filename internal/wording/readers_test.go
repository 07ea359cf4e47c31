package wording_test

import (
	"fmt"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/wording"
)

// The source's counts and our readers' votes stand in rows of their own, and few
// votes are no number.
func TestWithReaders(t *testing.T) {
	t.Parallel()
	plain := comparison.Comparison{Tools: [2]comparison.Tool{{Name: "A"}, {Name: "B"}}}
	counted := plain
	counted.Tools[0].Community = &comparison.Votes{Ship: 12, Skip: 3}
	for name, tt := range map[string]struct {
		c    comparison.Comparison
		both [2]votes.Count
		want string
	}{
		"no vote":      {plain, [2]votes.Count{}, "[Community: No reader has voted yet, No reader has voted yet]"},
		"ours alone":   {plain, [2]votes.Count{{Ship: 26, Skip: 15}, {Ship: 4}}, "[Readers: 63% ship, 41 votes, Fewer than 5 votes so far]"},
		"both":         {counted, [2]votes.Count{{Ship: 5}, {}}, "[Community: 12 ship, 3 skip (80% ship), Not stated Readers: 100% ship, 5 votes, No reader has voted yet]"},
		"theirs alone": {counted, [2]votes.Count{}, "[Community: 12 ship, 3 skip (80% ship), No reader has voted yet]"},
	} {
		var got []string
		for _, r := range wording.Of(tt.c).WithReaders(tt.both, 5).Decision {
			if r.Label == "Community" || r.Label == "Readers" {
				got = append(got, fmt.Sprintf("%s: %s, %s", r.Label, r.Cells[0].Text, r.Cells[1].Text))
			}
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%s: got %v, want %s", name, got, tt.want)
		}
	}
	if got := wording.Readers(votes.Count{Ship: 1}, 1); got != "100% ship, 1 vote" {
		t.Errorf("got %q, want one vote", got)
	}
	if got := wording.Readers(votes.Count{Ship: 1200, Skip: 34}, 5); got != "97% ship, 1,234 votes" {
		t.Errorf("got %q, want the thousands apart", got)
	}
}
