package sitepage

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// FuzzImport: no page panics, an error names a line of it, and what is read
// keeps every rule but the missing date.
func FuzzImport(f *testing.F) {
	for _, name := range []string{"labelled.txt", "compact.txt", "labelled.html", "compact.html"} {
		f.Add(readTestdata(f, name))
	}
	f.Add([]byte(archive(string(readTestdata(f, "compact.html")), "base64")))
	f.Add([]byte(wrapAt(string(readTestdata(f, "labelled.txt")), 60)))
	f.Add([]byte("# A vs B\n\n| Decision | A | B |\n|---|---|---|\n| Pricing | | Free |\n**x** [y](z)\n"))
	for _, s := range []string{"", "{}", "[", "a: &a [*a]", "<p>", "50%\nPanel ship\n50%\nPanel ship", strings.Repeat("“”\n", 9)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, file := range []string{"-", "x.html", "x.md"} {
			c, _, err := Import(file, src)
			if err != nil {
				invalid, ok := err.(*comparison.InvalidError)
				if !ok || len(invalid.Problems) == 0 {
					t.Fatalf("got %v (%T), want an InvalidError", err, err)
				}
				continue
			}
			if c.Published.IsZero() {
				c.Published = comparison.PublishedOn(2026, 11, 18)
			}
			if problems := c.Validate(); len(problems) > 0 {
				t.Errorf("got %v, want a valid comparison", problems)
			}
			assertSurvives(t, c)
		}
	})
}

// assertSurvives writes a comparison as YAML and reads it back.
func assertSurvives(t *testing.T, c comparison.Comparison) {
	t.Helper()
	y, err := c.EncodeYAML()
	if err != nil {
		t.Fatal(err)
	}
	got, problems := comparison.Parse("x.yaml", y)
	if len(problems) > 0 {
		t.Fatalf("got %v, want no problem in:\n%s", problems, y)
	}
	assertSame(t, string(y), got, c)
}
