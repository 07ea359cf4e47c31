package sitepage

import (
	"slices"
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
)

// However a page came here, it is read as it stood there; what cannot be told
// from the page's own is named.
func TestCopiedPages(t *testing.T) {
	t.Parallel()
	const address = "https://compare.example/c/pagefern-vs-quillbase-2"
	labelled := string(readTestdata(t, "labelled.txt"))
	quoted := func(s string) string {
		return "> " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n> ") + "\n"
	}
	front := "---\ntitle: \"Pagefern vs Quillbase 2\"\nsource: \"" + address + "\"\nauthor:\ntags:\n  - \"clippings\"\n---\n"
	for name, tt := range map[string]struct{ src, url, note string }{
		"quoted in a mail":        {src: quoted(labelled)},
		"quoted twice, wrapped":   {src: quoted(quoted(wrapAt(labelled, 68))), note: "broken into lines"},
		"forwarded":               {src: "---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\n\nSee below.\n\n" + labelled, note: "left out"},
		"form feeds":              {src: strings.Replace(strings.Replace(labelled, "\nDecision\n", "\n\fDecision\n", 1), "Reviewer scorecard\n", "Reviewer scorecard\f\n", 1)},
		"vertical tabs":           {src: strings.ReplaceAll(labelled, "\n\n", "\v")},
		"line separators":         {src: strings.ReplaceAll(labelled, "\n", "\u2028")},
		"clipped, with its front": {src: front + labelled, url: address},
		"clipped as text":         {src: "Title: Pagefern vs Quillbase 2\n\nURL Source: " + address + "\n\nMarkdown Content:\n" + labelled, url: address, note: "Markdown Content"},
	} {
		want := wantLabelled()
		want.URL = tt.url
		got, notes, err := Import("page.txt", []byte(tt.src))
		if err != nil {
			t.Errorf("%s: got %v, want none", name, err)
			continue
		}
		assertSame(t, name, got, want)
		if !hasNote(notes, tt.note) {
			t.Errorf("%s: got notes %v, want %q", name, notes, tt.note)
		}
	}
	_, notes, err := Import("page.txt", []byte(strings.ReplaceAll(labelled, "'", "&#39;")))
	if err != nil || !hasNote(notes, "page.txt:33: has &#39;, as HTML writes characters") {
		t.Errorf("escaped as HTML: got %v, %v, want a note with the line", notes, err)
	}
	for name, src := range map[string]string{
		"YAML with a mark before it":    "---\nslug: a-vs-b\ntools: [{name: A}, {name: B}]\n",
		"YAML with marks at both ends":  "---\nslug: a-vs-b\ntools: [{name: A}, {name: B}]\n---\n",
		"YAML in which text is escaped": "slug: a-vs-b\ntools: [{name: A, tagline: R&amp;D}, {name: B}]\n",
	} {
		if got := detect("-", []byte(src)); got != formatYAML {
			t.Errorf("%s: got format %d, want YAML", name, got)
		}
	}
}

func hasNote(notes []comparison.Problem, part string) bool {
	return part == "" || slices.ContainsFunc(notes, func(n comparison.Problem) bool { return strings.Contains(n.String(), part) })
}
