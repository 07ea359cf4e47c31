package web

import (
	"fmt"
	"html"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/browsertest"
	"verdicts.example/digest/internal/comparison"
)

// The archive tells each week's verdicts, by topic too; an address that names a topic
// or a page that is not there is not found, and each page has one address.
func TestArchiveByTopic(t *testing.T) {
	t.Parallel()
	list := sampleComparisons()
	list[1].Tools[1].Category = `A&B "<b>`
	s := serve(t, nil, func(d *Deps) { d.Library = holding(list) })
	all := s.get(t, "/archive").body
	for _, want := range []string{
		`SmolVLM2: <b class="ship">Ship</b>`, `Prompt Binder: <b class="skip">Skip</b>`, `Withdrawn Tool: <b class="unknown">No verdict</b>`, `href="/archive?topic=Developer`,
		`aria-current="page">All topics`, `rel="canonical" href="` + s.url + `/archive"`, `A&amp;B &#34;&lt;b&gt;</a>`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("got no %s in the archive", want)
		}
	}
	for _, path := range []string{"/archive?topic=developer%20tools&utm_source=x", "/archive?topic=Developer+Tools&page=1"} {
		a := s.get(t, path)
		wantStatus(t, a, http.StatusOK)
		if !strings.Contains(html.UnescapeString(a.body), `rel="canonical" href="`+s.url+`/archive?topic=Developer+Tools"`) {
			t.Errorf("%s: got no canonical address", path)
		}
		if !strings.Contains(a.body, "SmolVLM2") || strings.Contains(a.body, "Prompt Binder:") || strings.Contains(a.body, "Withdrawn") {
			t.Errorf("%s: got comparisons of other topics", path)
		}
	}
	if a := s.get(t, "/archive?topic=A%26B+%22%3Cb%3E"); a.StatusCode != http.StatusOK || strings.Contains(a.body, `"<b>`) || !strings.Contains(a.body, "Inkwell") {
		t.Errorf("got status %d, want the topic with signs of markup in it, escaped", a.StatusCode)
	}
	for _, path := range []string{"/archive?topic=nothing", "/?topic=%3Cscript%3E", "/archive?page=2", "/archive?page=0", "/archive?page=x", "/archive?page=99999999999999999999"} {
		a := s.get(t, path)
		wantStatus(t, a, http.StatusNotFound)
		if strings.Contains(a.body, "<script>") {
			t.Errorf("%s: got what was asked for on the page", path)
		}
	}
	home := s.get(t, "/?topic=Writing").body
	if strings.Contains(home, "Karpathy") {
		t.Error("got other topics on the front page of one that nothing has")
	}
	if a := s.get(t, "/?topic=productivity"); !strings.Contains(a.body, "Prompt Binder") || strings.Contains(a.body, "Karpathy") {
		t.Errorf("got status %d, want the newest on the topic alone", a.StatusCode)
	}
}

// Ten years of digests come in pages: each is below 40 KB, and going from one to the
// next meets every digest once.
func TestPagesStaySmall(t *testing.T) {
	t.Parallel()
	books, editions := years()
	s := serve(t, nil, func(d *Deps) { d.Library, d.Editions = books, editions })
	seen := map[string]int{}
	pages := 0
	for path := "/archive"; path != ""; pages++ {
		body := s.get(t, path).body
		if len(body) >= 40_000 {
			t.Errorf("%s: got %d bytes, want below 40,000", path, len(body))
		}
		for part := range strings.SplitSeq(body, `<h2><a href="/archive/`) {
			if week, _, ok := strings.Cut(part, `">`); ok && len(week) == len("2026-W48") {
				seen[week]++
			}
		}
		_, older, _ := strings.Cut(body, `</span> <a href="`)
		path, _, _ = strings.Cut(older, `"`)
	}
	if len(seen) != 520 || pages != 35 {
		t.Errorf("got %d digests on %d pages, want 520 on 35", len(seen), pages)
	}
	for week, n := range seen {
		if n != 1 {
			t.Errorf("got %s %d times", week, n)
		}
	}
	for _, path := range append(pagesOf(books), "/?topic=Writing", "/archive?topic=Writing") {
		if body := s.get(t, path).body; len(body) >= 40_000 && !strings.HasPrefix(path, "/feed") && path != "/archive/2026-W48" { // its mail is 96 KB on purpose
			t.Errorf("%s: got %d bytes, want below 40,000", path, len(body))
		}
	}
}

// The page of a comparison has the ruling, every seat's result, the digest it was in
// and what is related.
func TestComparePage(t *testing.T) {
	t.Parallel()
	list := sampleComparisons()
	other := list[1]
	other.Slug, other.Tools = "smolvlm2-vs-other", [2]comparison.Tool{{Name: "SmolVLM2-2B"}, {Name: "Other"}}
	s := serve(t, nil, func(d *Deps) { d.Library = holding(append(list, other)) })
	body := s.get(t, "/compare/"+list[0].Slug).body
	for _, want := range []string{
		`<p class="lede">`, `<th scope="row">Creator</th><td class="absent">No panel take</td><td class="absent">No panel take</td>`, `<th scope="row">Skeptic</th><td class="skip">45 Skip</td><td class="absent">No panel take</td>`,
		`<a href="/archive/2026-W48">Ship SmolVLM2, skip Prompt Binder, and 1 more verdict</a>`, `<a href="/compare/smolvlm2-vs-other">SmolVLM2-2B vs Other</a>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("got no %s on the page", want)
		}
	}
	if strings.Contains(body, "/compare/prompt-binder-vs-inkwell") || strings.Contains(body, "/compare/not-yet") {
		t.Error("got a comparison as related that is not, or that is not published")
	}
}

// What readers read, judged by axe-core, wide and narrow (320 px are 640 at
// 200 %), light and dark: go test -run ReadingLook -artifacts writes the screenshots.
func TestReadingLook(t *testing.T) {
	t.Parallel()
	_, s := ballotBox(t, 1)
	p := browsertest.New(t).Page(t)
	dir := t.ArtifactDir()
	for name, path := range map[string]string{
		"home": "/", "home-topic": "/?topic=Developer+Tools", "archive": "/archive", "archive-topic": "/archive?topic=Productivity", "compare": "/compare/karpathy-coding-skills-vs-smolvlm2", "compact": "/compare/prompt-binder-vs-inkwell",
	} {
		for _, width := range []int64{1280, 375, 320} {
			for _, dark := range []bool{false, true} {
				if dark && width == 320 {
					continue
				}
				p.EmulateViewport(width, 800)
				p.EmulateDark(dark)
				p.Navigate(s.url + path)
				file := fmt.Sprintf("%s-%d-%t.png", name, width, dark)
				looks(t, p, width, filepath.Join(dir, file))
				axe(t, p, file)
			}
		}
	}
}
