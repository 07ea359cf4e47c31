package web

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// RFC 4287 §4.1.1 and §4.1.2: what a feed and an entry must have.
func TestAtom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		comparisons []comparison.Comparison
		entries     int
	}{
		"two published":  {sampleComparisons(), 2},
		"none published": {nil, 0},
	} {
		s := serve(t, nil, func(d *Deps) { d.Library = holding(c.comparisons) })
		a := s.get(t, "/feed.xml")
		if got := a.Header.Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
			t.Errorf("%s: got Content-Type %q", name, got)
		}
		var feed atomFeed
		if err := xml.Unmarshal([]byte(a.body), &feed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if feed.XMLName.Space != "http://www.w3.org/2005/Atom" || feed.ID != s.url+"/" || feed.Title == "" || feed.Author.Name == "" {
			t.Errorf("%s: got a feed without id, title or author: %+v", name, feed)
		}
		if feed.Links[0].Rel != "self" || feed.Links[0].Href != s.url+"/feed.xml" {
			t.Errorf("%s: got the link %+v, want the feed's own", name, feed.Links[0])
		}
		wantTime(t, feed.Updated)
		if len(feed.Entries) != c.entries {
			t.Errorf("%s: got %d entries, want %d", name, len(feed.Entries), c.entries)
		}
		ids := make(map[string]bool)
		for _, e := range feed.Entries {
			wantTime(t, e.Updated)
			if u, err := url.Parse(e.ID); err != nil || !u.IsAbs() || ids[e.ID] {
				t.Errorf("got the entry id %q, want an absolute one of its own", e.ID)
			}
			ids[e.ID] = true
			if e.Title == "" || e.Content.Type != "html" || !strings.Contains(e.Content.HTML, "<h2>") || len(e.Links) != 1 {
				t.Errorf("got the entry %+v, want a title, HTML content and a link", e)
			}
		}
	}
}

func wantTime(t *testing.T, s string) {
	t.Helper()
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		t.Errorf("got the time %q, want one of RFC 3339", s)
	}
}

// The JSON Feed gives every comparison whole: another digest takes it in.
func TestJSONFeed(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	a := s.get(t, "/feed.json")
	if got := a.Header.Get("Content-Type"); got != "application/feed+json" {
		t.Errorf("got Content-Type %q", got)
	}
	var feed struct {
		Version string
		Title   string
		FeedURL string `json:"feed_url"`
		Items   []struct {
			ID, URL, Title string
			HTML           string          `json:"content_html"`
			Date           string          `json:"date_published"`
			Comparison     json.RawMessage `json:"_comparison"`
		}
	}
	if err := json.Unmarshal([]byte(a.body), &feed); err != nil {
		t.Fatal(err)
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || feed.Title == "" || feed.FeedURL != s.url+"/feed.json" || len(feed.Items) != 2 {
		t.Fatalf("got %+v", feed)
	}
	for i, it := range feed.Items {
		want := sampleComparisons()[i]
		wantTime(t, it.Date)
		if it.ID != s.url+"/compare/"+want.Slug || it.HTML == "" || it.Title != want.Title() {
			t.Errorf("got the item %+v", it)
		}
		var got map[string]any
		if err := json.Unmarshal(it.Comparison, &got); err != nil {
			t.Fatal(err)
		}
		if got["slug"] != want.Slug || len(got["tools"].([]any)) != 2 {
			t.Errorf("got the comparison %s, want the contract's keys", it.Comparison)
		}
	}
	if got, want := feed.Items[1].URL, "https://site.example/compare/prompt-binder-vs-inkwell"; got != want {
		t.Errorf("got the address %q, want the full page %q", got, want)
	}
	if strings.Contains(feed.Items[1].HTML, "javascript:") {
		t.Error("got a script address in the item's HTML")
	}
}

// A client that has the page is told so, and the style sheet is kept for ever.
func TestCaching(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for _, path := range []string{"/", "/archive", "/archive/2026-W48", "/compare/karpathy-coding-skills-vs-smolvlm2", "/feed.xml", "/feed.json"} {
		tag := s.get(t, path).Header.Get("ETag")
		if a := s.send(t, http.MethodGet, path, head("If-None-Match", tag), ""); a.StatusCode != http.StatusNotModified || a.body != "" {
			t.Errorf("%s: got status %d for the tag it gave, want 304", path, a.StatusCode)
		}
	}
	page := s.get(t, "/").body
	_, rest, _ := strings.Cut(page, `rel="stylesheet" href="`)
	sheet, _, _ := strings.Cut(rest, `"`)
	a := s.get(t, sheet)
	if got := a.Header.Get("Cache-Control"); a.StatusCode != 200 || !strings.Contains(got, "immutable") || a.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: got status %d, %q", sheet, a.StatusCode, got)
	}
}
