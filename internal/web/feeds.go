package web

import (
	"net/url"
	"time"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/votes"
)

// feedMost is how many comparisons a feed holds, the newest: enough for a reader
// that was away for months.
const feedMost = 50

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
	votes     *[2]api.VoteCount // our own readers'; nil: too few to tell
}

func (s *server) feedItems(now *shown) ([]feedItem, error) {
	var items []feedItem
	for _, c := range now.library.Comparisons {
		if len(items) == feedMost {
			break
		}
		if !s.isPublished(c) {
			continue
		}
		v := s.viewOf(c, now)
		body, err := s.kit.Render("feed", "feed-item", v)
		if err != nil {
			return nil, err
		}
		it := feedItem{
			id: s.Site.BaseURL + "/compare/" + url.PathEscape(c.Slug), title: v.Title, summary: v.Summary(),
			html: string(body), published: v.Published, source: c, votes: s.shownVotes(now.tallies[c.Slug]),
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

// shownVotes are the votes on both tools; a tool with too few has zeros, and nil
// is too few of both.
func (s *server) shownVotes(both [2]votes.Count) *[2]api.VoteCount {
	var out [2]api.VoteCount
	enough := false
	for i, c := range both {
		if c.All() > 0 && c.All() >= s.VoteRules.Least {
			out[i], enough = api.VoteCount(c), true
		}
	}
	if !enough {
		return nil
	}
	return &out
}
