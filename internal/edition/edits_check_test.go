package edition_test

import (
	"errors"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

func TestEditsNameCandidates(t *testing.T) {
	t.Parallel()
	candidates := []edition.Decision{{Slug: "quill-vs-inkwell"}, {Slug: "pen-vs-chalk"}}
	kept := edition.Edits{Pinned: []string{"gone-vs-lost"}}
	for name, c := range map[string]struct {
		edits edition.Edits
		want  string // "": they fit
	}{
		"candidates":         {edits: edition.Edits{Order: []string{"pen-vs-chalk"}, LeftOut: []string{"quill-vs-inkwell"}}},
		"named before":       {edits: edition.Edits{Pinned: []string{"gone-vs-lost"}}},
		"an unknown one":     {edits: edition.Edits{Pinned: []string{"nope"}}, want: "there is no comparison nope"},
		"a slip":             {edits: edition.Edits{Order: []string{"pen-vs-chalks"}}, want: "did you mean pen-vs-chalk?"},
		"an unknown quote":   {edits: edition.Edits{Quotes: map[string][2]string{"nope": {"words"}}}, want: "there is no comparison nope"},
		"in and out":         {edits: edition.Edits{Pinned: []string{"pen-vs-chalk"}, LeftOut: []string{"pen-vs-chalk"}}, want: "both left out and in"},
		"first and left out": {edits: edition.Edits{Order: []string{"pen-vs-chalk"}, LeftOut: []string{"pen-vs-chalk"}}, want: "both left out and in"},
	} {
		err := c.edits.Check(kept, candidates)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, edition.ErrEdits) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// A quote is word for word: words that no take has are told at once.
func TestCheckQuotes(t *testing.T) {
	t.Parallel()
	take := func(words string) comparison.Tool {
		return comparison.Tool{Name: "Quill", Reviews: []comparison.Review{{Take: "Another take."}, {Take: words}}}
	}
	library := []comparison.Comparison{{Slug: "a-vs-b", Tools: [2]comparison.Tool{take("It found the\n  breaking change."), {Name: "Inkwell"}}}}
	kept := edition.Edits{Quotes: map[string][2]string{"a-vs-b": {"", "was once in a take"}}}
	for name, tt := range map[string]struct {
		quotes map[string][2]string
		want   string
	}{
		"in a take, over a line's end": {map[string][2]string{"a-vs-b": {"found the breaking change", ""}}, ""},
		"in no take":                   {map[string][2]string{"a-vs-b": {"It fixed the change", ""}}, `no take on Quill has the words "It fixed the change"`},
		"of the other tool":            {map[string][2]string{"a-vs-b": {"", "It found"}}, "no take on Inkwell"},
		"kept before":                  {kept.Quotes, ""},
		"not in the library":           {map[string][2]string{"x-vs-y": {"Anything", ""}}, ""},
	} {
		err := edition.Edits{Quotes: tt.quotes}.CheckQuotes(kept, library)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, edition.ErrEdits) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}
