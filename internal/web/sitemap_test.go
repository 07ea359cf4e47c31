package web

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"
)

// The sitemap lists pages that are there, that may be indexed and that are their
// own canonical address; robots.txt leads to it, and away from readers' own links.
func TestSitemap(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t))
	a := s.get(t, "/sitemap.xml")
	var m struct {
		Pages []struct {
			Address string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(a.body), &m); err != nil || len(m.Pages) < 4 {
		t.Fatalf("got %s, %v, want a sitemap", a.body, err)
	}
	for _, p := range m.Pages {
		path, ours := strings.CutPrefix(p.Address, s.url)
		if !ours {
			t.Errorf("got %s, want an address of this site", p.Address)
			continue
		}
		page := s.get(t, path)
		wantStatus(t, page, 200)
		if strings.Contains(page.body, `content="noindex"`) || !strings.Contains(page.body, `rel="canonical" href="`+p.Address+`"`) {
			t.Errorf("%s: got a page that is not to be indexed, or has another address", path)
		}
	}
	early := serve(t, newReaders(t), func(d *Deps) { d.Now = func() time.Time { return monday().Add(-time.Hour) } }) // it went out before its slot
	if body := early.get(t, "/sitemap.xml").body; !strings.Contains(body, "/archive/2026-W48</loc></url>") || strings.Contains(body, "2026-11-23") {
		t.Errorf("got %s, want no day that is ahead", body)
	}
	if !strings.Contains(a.body, "/archive/2026-W48</loc><lastmod>2026-11-23</lastmod>") {
		t.Errorf("got %s, want the day of the edition", a.body)
	}
	robots := s.get(t, "/robots.txt").body
	for _, want := range []string{"Disallow: /vote/\n", "Disallow: /save/\n", "Disallow: /saved/\n", "Disallow: /links/\n", "Disallow: /preferences/\n", "Disallow: /link/\n", "Disallow: /unsubscribe/\n", "Sitemap: " + s.url + "/sitemap.xml\n"} {
		if !strings.Contains(robots, want) {
			t.Errorf("got %q, want %q in it", robots, want)
		}
	}
}
