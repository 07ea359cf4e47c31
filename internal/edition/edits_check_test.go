package edition_test

import (
	"errors"
	"strings"
	"testing"

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
