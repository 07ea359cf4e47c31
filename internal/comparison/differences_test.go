package comparison

import (
	"strings"
	"testing"
)

// What was corrected is said field by field, with the tool and the reviewer; a
// review that goes or comes moves no other.
func TestDifferences(t *testing.T) {
	t.Parallel()
	const src = `published: 2026-11-18
tools:
  - name: Quill
    entry: Free
    reviews:
      - {reviewer: Builder, score: 70, verdict: ship, take: "It found the change."}
      - {reviewer: Skeptic, score: 30, verdict: skip, take: "It lost one."}
      - {take: "Nobody knows who said this."}
  - {name: Inkwell}
`
	was, problems := Parse("a.yaml", []byte(src))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, x := range []struct{ name, old, with, want string }{
		{"nothing", "", "", ""},
		{"a price", "entry: Free", "entry: $7 a month", "price to start of Quill: “Free” → “$7 a month”"},
		{"a field that is new", "{name: Inkwell}", "{name: Inkwell, best_for: letters}", "what Inkwell is best for: nothing → “letters”"},
		{"a name", "name: Inkwell", "name: Inkpot", "name of Inkwell: “Inkwell” → “Inkpot”"},
		{"a date", "2026-11-18", "2026-11-19", "published: “2026-11-18” → “2026-11-19”"},
		{"a score", "score: 30", "score: 35", "Skeptic's score on Quill: “30” → “35”"},
		{"of nobody", "Nobody knows", "We forgot", "review 3's take on Quill: “Nobody knows who said this.” → “We forgot who said this.”"},
		{"a review less", `      - {reviewer: Builder, score: 70, verdict: ship, take: "It found the change."}` + "\n", "",
			"Builder's take on Quill: “It found the change.” → nothing; review 3's take on Quill: “Nobody knows who said this.” → nothing; review 2's take on Quill: nothing → “Nobody knows who said this.”"},
		{"a score that was unknown", `{take: "Nobody`, `{score: 50, take: "Nobody`, "review 3's score on Quill: nothing → “50”"},
	} {
		now, _ := Parse("a.yaml", []byte(strings.Replace(src, x.old, x.with, 1)))
		var words []string
		for _, d := range Differences(was, now) {
			words = append(words, d.String())
		}
		if got := strings.Join(words, "; "); got != x.want {
			t.Errorf("%s: got\n%s\nwant\n%s", x.name, got, x.want)
		}
	}
}
