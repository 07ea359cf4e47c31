package web

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"verdicts.example/digest/internal/page"
)

// The elements of a sitemap (sitemaps.org/protocol.html) that search engines read.
type (
	sitemap struct {
		XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Pages   []sitemapPage `xml:"url"`
	}
	sitemapPage struct {
		Address string `xml:"loc"`
		Changed string `xml:"lastmod,omitempty"` // a day
	}
)

// sitemapMost is how many addresses a sitemap may have.
const sitemapMost = 50_000

// sitemap lists what everybody may read and has here its only place: a comparison
// whose full page is elsewhere is that page's to list.
func (s *server) sitemap(_ *http.Request, now *shown) (string, recipe, error) {
	return "/sitemap.xml", func(context.Context) (*page.Answer, error) {
		base := s.Site.BaseURL
		m := sitemap{Pages: []sitemapPage{{Address: base + "/"}, {Address: base + "/archive"}, {Address: base + "/subscribe"}}}
		for number := 2; number <= archivePages(len(now.published)); number++ {
			m.Pages = append(m.Pages, sitemapPage{Address: base + filtered("/archive", "", number)})
		}
		for _, e := range now.published {
			m.Pages = append(m.Pages, sitemapPage{base + "/archive/" + e.Week.String(), s.lastmod(e.Slot)})
		}
		for _, c := range now.library.Comparisons {
			if !s.isPublished(c) || webLink(c.URL) != "" {
				continue
			}
			m.Pages = append(m.Pages, sitemapPage{base + "/compare/" + url.PathEscape(c.Slug), s.lastmod(c.Published.In(s.Site.Location))})
		}
		m.Pages = m.Pages[:min(len(m.Pages), sitemapMost)]
		var b bytes.Buffer
		b.WriteString(xml.Header)
		if err := xml.NewEncoder(&b).Encode(m); err != nil {
			return nil, fmt.Errorf("encode the sitemap: %w", err)
		}
		return page.NewAnswer("application/xml; charset=utf-8", keepFeed, b.Bytes()), nil
	}, nil
}

// lastmod is the day of a change, "" while that is ahead, as of an edition that went
// out before its slot: search engines believe no sitemap with such a day.
func (s *server) lastmod(at time.Time) string {
	if at.After(s.Now()) {
		return ""
	}
	return at.In(s.Site.Location).Format(time.DateOnly)
}
