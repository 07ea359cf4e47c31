package web

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"verdicts.example/digest/internal/page"
)

// The elements of RFC 4287 that the feed uses.
type (
	atomFeed struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang     string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		ID       string      `xml:"id"`
		Title    string      `xml:"title"`
		Subtitle string      `xml:"subtitle"`
		Updated  string      `xml:"updated"`
		Author   atomAuthor  `xml:"author"`
		Links    []atomLink  `xml:"link"`
		Entries  []atomEntry `xml:"entry"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
		URI  string `xml:"uri,omitempty"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Updated    string         `xml:"updated"`
		Published  string         `xml:"published"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary"`
		Content    atomContent    `xml:"content"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		HTML string `xml:",chardata"`
	}
)

// atom is the comparisons as an Atom feed (RFC 4287).
func (s *server) atom(_ *http.Request, now *shown) (string, recipe, error) {
	return "/feed.xml", func(context.Context) (*page.Answer, error) { return s.atomAnswer(now) }, nil
}

func (s *server) atomAnswer(now *shown) (*page.Answer, error) {
	items, err := s.feedItems(now)
	if err != nil {
		return nil, err
	}
	base := s.Site.BaseURL
	feed := atomFeed{
		Lang: "en", ID: base + "/", Title: s.Site.Name, Subtitle: feedDescription,
		Updated: feedUpdated(items), Author: atomAuthor{Name: s.Site.Name, URI: base + "/"},
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: base + "/feed.xml"},
			{Rel: "alternate", Type: "text/html", Href: base + "/"},
		},
	}
	for _, it := range items {
		e := atomEntry{
			ID: it.id, Title: it.title, Updated: rfc3339(it.published), Published: rfc3339(it.published),
			Links:   []atomLink{{Rel: "alternate", Type: "text/html", Href: it.link}},
			Summary: it.summary, Content: atomContent{Type: "html", HTML: it.html},
		}
		for _, tag := range it.tags {
			e.Categories = append(e.Categories, atomCategory{Term: tag})
		}
		feed.Entries = append(feed.Entries, e)
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the Atom feed: %w", err)
	}
	return page.NewAnswer("application/atom+xml; charset=utf-8", keepFeed, append([]byte(xml.Header), body...)), nil
}

const feedDescription = "Two AI tools at a time: what a panel of five would ship and what it would skip."

// feedUpdated is the newest entry's time. An empty feed was never updated, but
// the element is required (RFC 4287 §4.1.1): it gets a time that stays the same.
func feedUpdated(items []feedItem) string {
	var newest time.Time
	for _, it := range items {
		if it.published.After(newest) {
			newest = it.published
		}
	}
	if newest.IsZero() {
		newest = time.Unix(0, 0)
	}
	return rfc3339(newest)
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }
