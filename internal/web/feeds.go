package web

import (
	"bytes"
	"fmt"
	"net/url"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// feedItems is how many comparisons a feed holds, the newest: enough for a reader
// that was away for months.
const feedItems = 50

// feedItem is a comparison as both feeds say it.
type feedItem struct {
	id        string // the program's own page: it stays when the full page moves
	link      string
	title     string
	summary   string
	html      string
	published time.Time
	tags      []string
	source    comparison.Comparison
}

func (s *server) feedItems() ([]feedItem, error) {
	var items []feedItem
	for _, c := range s.Library().Comparisons {
		if len(items) == feedItems {
			break
		}
		if !s.isPublished(c) {
			continue
		}
		v := viewOf(c, s.Site.Location)
		var body bytes.Buffer
		if err := s.pages.parts.ExecuteTemplate(&body, "feed-item", v); err != nil {
			return nil, fmt.Errorf("feed item: %w", err)
		}
		it := feedItem{
			id: s.Site.BaseURL + "/compare/" + url.PathEscape(c.Slug), title: v.Title, summary: v.Summary(),
			html: body.String(), published: v.Published, source: c,
		}
		it.link = it.id
		if full := webLink(c.URL); full != "" {
			it.link = full
		}
		for _, t := range c.Tools {
			it.tags = splitList(append(it.tags, t.Category))
		}
		items = append(items, it)
	}
	return items, nil
}
