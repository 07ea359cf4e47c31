package comparison

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const editable = `# Kept: who checked it.
slug: quill-vs-inkwell
published: 2026-11-18

tools:
  - name: Quill
    # The price is per seat.
    entry: "$9/month"   # checked on Monday
    best_for: >-
      Teams that write
      many changes

    # and this is the panel
    panel: {ship: 1, skip: 1, percent: 50}  # of two
    reviews:
      - {reviewer: Builder, score: 70, verdict: ship, take: "It found: the change."}
      - reviewer: Skeptic
        score: 40
        verdict: skip
        take: 'It''s as good
          as the messages.'
  - name: Inkwell
    entry: Free
    panel:
      ship: 1
      skip: 0
    reviews:
      - take: One question is a habit.
`

func TestSetFields(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, field, value, gone, want string }{
		{"a quoted value with a comment behind it", "tools[0].entry", "$12/month", `entry: "$9/month"`, `    entry: "$12/month"  # checked on Monday` + "\n"},
		{"a plain value", "tools[1].entry", "$5 once", "entry: Free", `    entry: "$5 once"` + "\n"},
		{"a folded block becomes a line", "tools[0].best_for", "Small teams", "many changes", "    best_for: Small teams\n\n    # and this is the panel\n"},
		{"a line becomes a block", "tools[1].entry", strings.Repeat("long words ", 12) + "end", "entry: Free", "    entry: >-\n      long words"},
		{"a number in braces", "tools[0].reviews[0].score", "71", "score: 70", "      - {reviewer: Builder, score: 71, verdict: ship, take: "},
		{"a number in a block", "tools[1].panel.skip", "2", "skip: 0", "      skip: 2\n"},
		{"a text in braces", "tools[0].reviews[0].take", "It found, at last, all.", "the change", `take: "It found, at last, all."}` + "\n"},
		{"a quoted value of two lines", "tools[0].reviews[1].take", "No.", "as the messages", "        take: No.\n  - name: Inkwell\n"},
		{"the first key of an item", "tools[1].name", "Ink: well", "name: Inkwell", `  - name: "Ink: well"` + "\n"},
		{"a key that was not there", "tools[1].pricing", "From $5", "", "    entry: Free\n    pricing: From $5\n    panel:\n"},
		{"a mapping that was not there", "tools[1].community.ship", "3", "", "{ship: 3}"},
		{"a date", "updated", "2026-11-25", "", "published: 2026-11-18\nupdated: 2026-11-25\n\ntools:\n"},
		{"taken out of braces", "tools[0].panel.percent", "", ", percent: 50", "    panel: {ship: 1, skip: 1}  # of two\n"},
		{"the first one taken out of braces", "tools[0].reviews[0].reviewer", "", "reviewer: Builder", "      - {score: 70, verdict: ship, take: "},
		{"an item's first key taken out", "tools[0].reviews[1].reviewer", "", "Skeptic", "      - score: 40\n        verdict: skip\n"},
		{"taken out", "tools[0].best_for", "", "many changes", "# checked on Monday\n\n    # and this is the panel\n"},
	} {
		changes := []Change{{tc.field, tc.value}}
		if tc.field == "tools[1].community.ship" { // one needs the other
			changes = append(changes, Change{"tools[1].community.skip", "1"})
			tc.want = "    community: {ship: 3, skip: 1}\n"
		}
		got, err := SetFields("quill-vs-inkwell.yaml", []byte(editable), changes)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if !strings.Contains(string(got), tc.want) || tc.gone != "" && strings.Contains(string(got), tc.gone) {
			t.Errorf("%s: got\n%s\nwant %q in it and not %q", tc.name, got, tc.want, tc.gone)
		}
		for _, comment := range []string{"# Kept: who checked it.", "# The price is per seat.", "# checked on Monday", "# and this is the panel", "# of two"} {
			if !strings.Contains(string(got), comment) {
				t.Errorf("%s: got\n%s\nwant the comment %q kept", tc.name, got, comment)
			}
		}
	}
}

func TestSetFieldsRefuses(t *testing.T) {
	t.Parallel()
	_, err := SetFields("q.yaml", []byte(editable), []Change{{"tools[0].reviews[1].score", "140"}})
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "score") {
		t.Errorf("a score of 140: got %v, want a broken rule that names the field", err)
	}
	if _, err := SetFields("q.yaml", []byte(editable), []Change{{"tools[0].reviews[7].score", "40"}}); !errors.Is(err, ErrByHand) {
		t.Errorf("a review that is not there: got %v, want ErrByHand", err)
	}
}

// The project's own comparisons can be changed in every field of a text, and
// nothing but that field changes.
func TestSetFieldsSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../comparisons/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v, want the project's comparisons", files, err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := Parse(file, src)
		for field, value := range c.Fields() {
			if strings.HasSuffix(field, "name") || strings.Contains(field, "take") || strings.Contains(field, "entry") || strings.Contains(field, "best_for") || strings.Contains(field, "description") {
				got, err := SetFields(file, src, []Change{{field, value + " Changed."}})
				if err != nil {
					t.Errorf("%s, %s: %v", file, field, err)
				} else if !strings.Contains(strings.Join(strings.Fields(string(got)), " "), "Changed.") {
					t.Errorf("%s, %s: got no change", file, field)
				}
			}
		}
	}
}

// Whatever is typed, the file has it then and nothing else changed, or the
// change is refused.
func TestSetFieldsAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.SampledFrom([]string{"tools[0].entry", "tools[0].best_for", "tools[1].pricing", "tools[0].reviews[0].take", "tools[0].reviews[1].take", "tools[1].name"}).Draw(t, "field")
		value := rapid.StringMatching(`[a-zA-Z0-9 #:'"\[\]{},&*!|>%@$ü-]{0,120}`).Draw(t, "value")
		got, err := SetFields("quill-vs-inkwell.yaml", []byte(editable), []Change{{field, value}})
		if err != nil {
			if !errors.Is(err, ErrByHand) && !errors.Is(err, ErrInvalid) {
				t.Fatalf("got %v, want ErrByHand or ErrInvalid", err)
			}
			return
		}
		c, problems := Parse("quill-vs-inkwell.yaml", got)
		if len(problems) > 0 || c.Fields()[field] != normalField(value) {
			t.Fatal(fmt.Sprintf("got %q, %v, want %q", c.Fields()[field], problems, value))
		}
	})
}
