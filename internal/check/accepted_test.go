package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"verdicts.example/digest/internal/check/caniemail"
	"verdicts.example/digest/internal/render/rendertest"
)

// The allowlist is exact: each of its clients lacks the feature, and some
// digest uses it; and no digest uses what a client lacks outside of the list.
func TestAcceptedIsExact(t *testing.T) {
	t.Parallel()
	data, err := caniemail.Load()
	if err != nil {
		t.Fatal(err)
	}
	lacking := map[string]bool{}
	for name, cs := range rendertest.Editions() {
		m := mailOf(t, cs)
		uses, err := caniemail.Uses(m.Rendered.HTML)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range data.Gaps(uses, caniemail.Clients()) {
			if g.Support == caniemail.No {
				lacking[g.Feature.Slug+" "+string(g.Client)] = true
			}
		}
		gaps, _, err := unsupported(data, m.Rendered.HTML)
		if err != nil || len(gaps) > 0 {
			t.Errorf("%s: got %q, %v, want nothing that a client lacks outside of the list", name, describe(gaps), err)
		}
	}
	for _, a := range accepted() {
		for _, c := range a.clients {
			if !lacking[a.slug+" "+string(c)] {
				t.Errorf("%s in %s: no digest needs this entry", a.slug, c)
			}
		}
	}
}

// Each entry stands once and says how the mail degrades.
func TestAcceptedIsWritten(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, a := range accepted() {
		if len(strings.Fields(a.how)) < 5 || len(a.clients) == 0 {
			t.Errorf("%s: got %q for %v, want how the mail degrades, and where", a.slug, a.how, a.clients)
		}
		for _, c := range a.clients {
			key := fmt.Sprint(a.slug, c)
			if seen[key] || !slices.Contains(caniemail.Clients(), c) {
				t.Errorf("%s in %s: got it twice, or an unknown client", a.slug, c)
			}
			seen[key] = true
		}
	}
}

// What the entries claim of the templates.
func TestAcceptedClaims(t *testing.T) {
	t.Parallel()
	html := mailOf(t, rendertest.Numbered(3)).Rendered.HTML
	for claim, text := range map[string]string{
		"the preheader is hidden by mso-hide:all":             `<div class="preheader" style="display:none;max-height:0;overflow:hidden;mso-hide:all"`,
		"the label column has its width from the attribute":   `scope="col" width="20%"`,
		"the wrapper has the language and the direction":      `aria-label="PocketVision 2 ships 4–0" lang="en" dir="ltr"`,
		"the scheme stands in the sheet, too":                 `:root { color-scheme: light dark`,
		"adjacent siblings only in the rule for Gmail":        `u + #body .unlinked a`,
		"attribute selectors for Apple's data detectors":      `a[x-apple-data-detectors]`,
		"attribute selectors for Outlook's apps":              `[data-ogsc] .page`,
		"very long words are broken by word-break, inherited": `word-break:break-word`,
	} {
		if !strings.Contains(html, text) {
			t.Errorf("%s: got no %q in the mail", claim, text)
		}
	}
	if n := strings.Count(html, " + #body"); n != 1 || strings.Count(html, "overflow:hidden") != 1 || strings.Count(html, "max-height") != 1 {
		t.Errorf("got more uses of an adjacent sibling, overflow or max-height than the preheader's and the hack's")
	}
}
