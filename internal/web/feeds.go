package web

import (
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

func (s *server) feedItems(now *shown) ([]feedItem, error) {
	var items []feedItem
	for _, c := range now.library.Comparisons {
		if len(items) == feedItems {
			break
		}
		if !s.isPublished(c) {
			continue
		}
		v := viewOf(c, s.Site.Location)
		body, err := s.kit.Render("feed", "feed-item", v)
		if err != nil {
			return nil, err
		}
		it := feedItem{
			id: s.Site.BaseURL + "/compare/" + url.PathEscape(c.Slug), title: v.Title, summary: v.Summary(),
			html: string(body), published: v.Published, source: c,
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
