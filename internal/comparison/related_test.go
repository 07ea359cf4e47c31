package comparison_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// What shares a tool comes first, however it is written, then what shares a
// category; a comparison is not related to itself, and no category is none.
func TestRelated(t *testing.T) {
	t.Parallel()
	of := func(slug, a, catA, b, catB string) comparison.Comparison {
		return comparison.Comparison{Slug: slug, Tools: [2]comparison.Tool{{Name: a, Category: catA}, {Name: b, Category: catB}}}
	}
	c := of("c", "SmolVLM2", "Models", "Cursor", "")
	list := []comparison.Comparison{
		c,
		of("category", "X", "Y", "Z", "models"),
		of("nothing", "P", "", "Q", "Audio"),
		of("tool", "SmolVLM2-2B", "", "Windsurf", ""),
		of("other", "W", "Models", "V", ""),
	}
	for most, want := range map[int]string{5: "tool category other", 2: "tool category", 0: ""} {
		var got []string
		for _, r := range comparison.Related(c, list, most) {
			got = append(got, r.Slug)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("at most %d: got %v, want %s", most, got, want)
		}
	}
}
