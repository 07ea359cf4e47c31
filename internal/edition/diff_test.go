package edition_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/edition"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	old := edition.Build{Subject: "A ships", Preheader: "P", HTML: "<p>1", Text: "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"}
	for _, tc := range []struct {
		name   string
		change func(*edition.Build)
		want   string
	}{
		{"nothing", func(*edition.Build) {}, ""},
		{"marks of a block that only some readers get", func(b *edition.Build) { b.Text += "zqSLOTifchangesqzCHANGED IN WHAT YOU SAVED\n" },
			"text\n  … 8 lines unchanged\n  9\n  10\n+ CHANGED IN WHAT YOU SAVED\n"},
		{"html only", func(b *edition.Build) { b.HTML = "<p>2" },
			"html\n  only the HTML part changed: words and links of the text part are the same\n"},
		{"subject", func(b *edition.Build) { b.Subject = "B ships" },
			"subject\n- A ships\n+ B ships\n"},
		{"a line in the middle", func(b *edition.Build) {
			b.Text, b.HTML = strings.Replace(b.Text, "5", "five", 1), "<p>five"
		}, "text\n  … 2 lines unchanged\n  3\n  4\n- 5\n+ five\n  6\n  7\n  … 3 lines unchanged\nhtml\n  the HTML part changed with it\n"},
		{"far apart", func(b *edition.Build) { b.Text = "0\n1\n2\n3\n4\n5\n6\n7\n8\n10\n" },
			"text\n+ 0\n  1\n  2\n  … 4 lines unchanged\n  7\n  8\n- 9\n  10\n"},
		{"all gone", func(b *edition.Build) { b.Preheader = "" }, "preheader\n- P\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			changed := old
			tc.change(&changed)
			if got := edition.Diff(old, changed); got != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tc.want)
			}
		})
	}
}

// What a diff shows of a short text is enough to make the new from the old.
func TestDiffIsComplete(t *testing.T) {
	t.Parallel()
	text := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 12)
	rapid.Check(t, func(t *rapid.T) {
		old, new := text.Draw(t, "old"), text.Draw(t, "new")
		got := edition.Diff(
			edition.Build{Text: strings.Join(old, "\n")},
			edition.Build{Text: strings.Join(new, "\n")},
		)
		minus, plus := strings.Count(got, "\n- "), strings.Count(got, "\n+ ")
		if len(old)-minus != len(new)-plus {
			t.Fatalf("got %d removed and %d added lines between %v and %v:\n%s", minus, plus, old, new, got)
		}
		if same := strings.Join(old, "\n") == strings.Join(new, "\n"); same != (got == "") {
			t.Fatalf("got %q for %v and %v", got, old, new)
		}
	})
}
