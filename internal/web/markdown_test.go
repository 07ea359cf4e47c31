package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"

	"verdicts.example/digest/internal/edition"
)

// readMarkdown gives a document's words and its elements, counted.
func readMarkdown(t *testing.T, source string) (text string, tags map[string]int, links []string) {
	t.Helper()
	var b bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert([]byte(source), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	tags = map[string]int{}
	for n := range doc.Descendants() {
		switch n.Type {
		case html.TextNode:
			text += n.Data
		case html.ElementNode:
			tags[n.Data]++
			if n.Data == "a" {
				links = append(links, attr(n, "href"))
			}
		}
	}
	return text, tags, links
}

// A comparison as Markdown says what its page says, and names that look like markup
// stay names.
func TestCompareMarkdown(t *testing.T) {
	t.Parallel()
	list := sampleComparisons()
	list[0].Tools[0].Name = "# [Kar|pathy](javascript:alert(1)) <script>"
	s := serve(t, nil, func(d *Deps) { d.Library = holding(list) })
	path := "/compare/" + list[0].Slug
	a := s.get(t, path+".md")
	if got := a.Header.Get("Content-Type"); a.StatusCode != http.StatusOK || got != "text/markdown; charset=utf-8" {
		t.Fatalf("got status %d and the type %q", a.StatusCode, got)
	}
	if got, want := a.Header.Get("Link"), "<"+s.url+path+`>; rel="canonical"`; got != want {
		t.Errorf("got the link %q, want %q", got, want)
	}
	text, tags, links := readMarkdown(t, a.body)
	for _, want := range []string{
		"# [Kar|pathy](javascript:alert(1)) <script> vs SmolVLM2", "Ship, 4 of 4 (100%)", "12 ship, 3 skip (80% ship)", "Free / Open Source (Apache 2.0)",
		"It works as a standing instruction to the model.", "80 Ship", "I keep it in every project root now.", "<b>Nothing</b> here needs a plugin.", "No panel take",
		"18 November 2026", "Ship SmolVLM2, skip Prompt Binder, and 1 more verdict",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in\n%s", want, text)
		}
	}
	for tag, want := range map[string]int{"h1": 1, "table": 2, "script": 0, "b": 0, "img": 0, "pre": 0} {
		if tags[tag] != want {
			t.Errorf("got %d <%s>, want %d", tags[tag], tag, want)
		}
	}
	for _, link := range links {
		if !strings.HasPrefix(link, s.url+"/") && link != "https://tools.example/skills" {
			t.Errorf("got the link %q", link)
		}
	}
	if page := s.get(t, path).body; !strings.Contains(page, `<link rel="alternate" type="text/markdown" title="This page in Markdown" href="`+path+`.md">`) {
		t.Error("got a page that does not name its Markdown")
	}
	for _, path := range []string{"/compare/not-yet.md", "/compare/nothing.md", "/compare/.md", path + ".md.md", path + ".MD"} {
		wantStatus(t, s.get(t, path), http.StatusNotFound)
	}
}

// An edition as Markdown tells the verdicts that its readers were told, also when
// the comparison says something else by now, or has gone.
func TestIssueMarkdown(t *testing.T) {
	t.Parallel()
	editions := sentEditions()
	editions.all[0].Items[0].Facts = [2]edition.Facts{{Known: true, Ship: 0, Skip: 5, Percent: 0}, {Known: true, Ship: 1, Skip: 4, Percent: 20}}
	s := serve(t, nil, func(d *Deps) { d.Editions = editions })
	a := s.get(t, "/archive/2026-W48.md")
	text, tags, _ := readMarkdown(t, a.body)
	for _, want := range []string{
		"Ship SmolVLM2, skip Prompt Binder, and 1 more verdict", "23 November 2026", "Karpathy Coding Skills: Skip, 5 of 5 against (0% ship)", "SmolVLM2: Skip, 4 of 5 against (20% ship)",
		"Prompt Binder: Skip · 25% ship", "Inkwell: Verdict not known", "Withdrawn Tool: Verdict not known",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in\n%s", want, text)
		}
	}
	if a.Header.Get("Content-Type") != "text/markdown; charset=utf-8" || tags["h1"] != 1 || tags["h2"] != 3 {
		t.Errorf("got the type %q and %v", a.Header.Get("Content-Type"), tags)
	}
	if !strings.Contains(s.get(t, "/archive/2026-W48").body, `type="text/markdown" title="This page in Markdown" href="/archive/2026-W48.md"`) {
		t.Error("got a page that does not name its Markdown")
	}
	wantStatus(t, s.get(t, "/archive/2026-W49.md"), http.StatusNotFound) // a draft
}
