package comparisons_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/comparisons"
	"verdicts.example/digest/internal/comparison"
)

// The samples show what a digest can meet; each keeps every rule, and its file
// is as the program itself would write it.
func TestSamples(t *testing.T) {
	t.Parallel()
	lib, err := comparison.LoadFS(comparisons.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range lib.Problems {
		t.Errorf("got %s, want no problem", p)
	}
	if n := len(lib.Comparisons); n < 6 || n > 8 {
		t.Errorf("got %d samples, want 6 to 8", n)
	}
	for _, c := range lib.Comparisons {
		if day := c.Published.String()[:10]; day < "2026-11-16" || day > "2026-11-21" {
			t.Errorf("%s: published %s, want a day of the sample week", c.File, day)
		}
		if c.Slug+".yaml" != c.File {
			t.Errorf("got slug %s in %s, want the file's name", c.Slug, c.File)
		}
		assertCanonical(t, c)
		for _, tool := range c.Tools {
			for i, r := range tool.Reviews {
				if n := len(strings.Fields(r.Take)); n < 40 || n > 110 {
					t.Errorf("%s: take %d on %s: got %d words, want 40 to 110", c.File, i+1, tool.Name, n)
				}
			}
		}
	}
}

func assertCanonical(t *testing.T, c comparison.Comparison) {
	t.Helper()
	got, err := comparisons.FS.ReadFile(c.File)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.EncodeYAML()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got another layout than EncodeYAML writes, want:\n%s", c.File, want)
	}
}

// Variety is what the samples are for.
func TestSamplesVary(t *testing.T) {
	t.Parallel()
	lib, err := comparison.LoadFS(comparisons.FS)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, c := range lib.Comparisons {
		for _, other := range lib.Comparisons[i+1:] {
			if comparison.SamePairing(names(c), names(other)) {
				seen["two of one pairing"] = true
			}
		}
		for _, tool := range c.Tools {
			n := len(tool.Reviews)
			seen["one reviewer"] = seen["one reviewer"] || n == 1
			seen["five reviewers"] = seen["five reviewers"] || n == 5
			seen["no votes"] = seen["no votes"] || tool.Community == nil
			seen["votes"] = seen["votes"] || tool.Community != nil
			seen["free"] = seen["free"] || tool.Entry == "Free"
			seen["paid"] = seen["paid"] || strings.HasPrefix(tool.Entry, "$")
			seen["divided panel"] = seen["divided panel"] || tool.Panel.Percent != nil && *tool.Panel.Percent == 50
			seen["unknown counts"] = seen["unknown counts"] || tool.Panel.Ship == nil
			for _, r := range tool.Reviews {
				seen["unknown reviewer"] = seen["unknown reviewer"] || r.Reviewer == ""
				seen["unknown score"] = seen["unknown score"] || r.Score == nil
			}
		}
	}
	for _, want := range []string{"two of one pairing", "one reviewer", "five reviewers", "no votes", "votes", "free", "paid",
		"divided panel", "unknown counts", "unknown reviewer", "unknown score"} {
		if !seen[want] {
			t.Errorf("got no sample with %s, want one", want)
		}
	}
}

func names(c comparison.Comparison) [2]string { return [2]string{c.Tools[0].Name, c.Tools[1].Name} }
