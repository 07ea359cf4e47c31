package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"verdicts.example/digest/internal/comparison"
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
	}
)

// jsonFeed is the comparisons as a JSON Feed.
func (s *server) jsonFeed(w http.ResponseWriter, r *http.Request) error {
	items, err := s.feedItems()
	if err != nil {
		return err
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
			DatePublished: rfc3339(it.published), Tags: it.tags, Comparison: it.source,
		})
	}
	body, err := json.Marshal(feed)
	if err != nil {
		return fmt.Errorf("encode the JSON feed: %w", err)
	}
	s.serveBytes(w, r, "application/feed+json", "public, max-age=300", body)
	return nil
}
