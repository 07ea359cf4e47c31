package wording_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/wording"
)

// Every seat has its row, also one that took neither tool; what nobody signed
// comes last, and a panel without any result has no scorecard.
func TestScorecard(t *testing.T) {
	t.Parallel()
	score := 88
	signed := comparison.Review{Reviewer: comparison.Skeptic, Score: &score, Verdict: comparison.Ship, Take: "Yes."}
	unsigned := comparison.Review{Take: "Hm."}
	for name, tt := range map[string]struct {
		reviews []comparison.Review
		want    string
	}{
		"one seat": {[]comparison.Review{signed}, "Builder: No panel take; Skeptic: 88 Ship; Futurist: No panel take; Creator: No panel take; Founder: No panel take"},
		"mixed":    {[]comparison.Review{unsigned, signed}, "Builder: No panel take; Skeptic: 88 Ship; Futurist: No panel take; Creator: No panel take; Founder: No panel take; Review 1: No score or verdict"},
		"unsigned": {[]comparison.Review{unsigned}, ""},
		"none":     {nil, ""},
	} {
		c := comparison.Comparison{Tools: [2]comparison.Tool{{Name: "A", Reviews: tt.reviews}, {Name: "B"}}}
		var got []string
		for _, row := range wording.Scorecard(wording.Of(c).Reviews) {
			got = append(got, row.Seat+": "+row.Takes[0].String())
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
