package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/page"
)

// The members of JSON Feed 1.1 (jsonfeed.org/version/1.1) that the feed uses.
type (
	jsonFeed struct {
		Version     string         `json:"version"`
		Title       string         `json:"title"`
		HomePageURL string         `json:"home_page_url"`
		FeedURL     string         `json:"feed_url"`
		Description string         `json:"description"`
		Language    string         `json:"language"`
		Authors     []jsonAuthor   `json:"authors"`
		Items       []jsonFeedItem `json:"items"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	jsonFeedItem struct {
		ID            string   `json:"id"`
		URL           string   `json:"url"`
		Title         string   `json:"title"`
		Summary       string   `json:"summary,omitempty"`
		ContentHTML   string   `json:"content_html"`
		DatePublished string   `json:"date_published"`
		Tags          []string `json:"tags,omitempty"`
		// Comparison is an extension: the whole comparison, for another digest
		// to take in (comparisons.feed).
		Comparison comparison.Comparison `json:"_comparison"`
		// Votes are our own readers' on both tools, beside the comparison's counts,
		// which are its source's.
		Votes *[2]api.VoteCount `json:"_votes,omitempty"`
	}
)

// jsonFeed is the comparisons as a JSON Feed.
func (s *server) jsonFeed(_ *http.Request, now *shown) (string, recipe, error) {
	return "/feed.json", func(context.Context) (*page.Answer, error) { return s.jsonFeedAnswer(now) }, nil
}

func (s *server) jsonFeedAnswer(now *shown) (*page.Answer, error) {
	items, err := s.feedItems(now)
	if err != nil {
		return nil, err
	}
	base := s.Site.BaseURL
	feed := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: s.Site.Name, Description: feedDescription, Language: "en",
		HomePageURL: base + "/", FeedURL: base + "/feed.json",
		Authors: []jsonAuthor{{Name: s.Site.Name, URL: base + "/"}},
		Items:   []jsonFeedItem{}, // an array even when empty
	}
	for _, it := range items {
		feed.Items = append(feed.Items, jsonFeedItem{
			ID: it.id, URL: it.link, Title: it.title, Summary: it.summary, ContentHTML: it.html,
			DatePublished: rfc3339(it.published), Tags: it.tags, Comparison: it.source, Votes: it.votes,
		})
	}
	body, err := json.Marshal(feed)
	if err != nil {
		return nil, fmt.Errorf("encode the JSON feed: %w", err)
	}
	return page.NewAnswer("application/feed+json", keepFeed, body), nil
}
