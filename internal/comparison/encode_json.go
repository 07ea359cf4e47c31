package comparison

import (
	"bytes"
	"encoding/json"
)

// The JSON forms, key by key as in a comparison file. Absent values are left
// out.
type (
	comparisonJSON struct {
		Slug      string      `json:"slug,omitempty"`
		Published string      `json:"published,omitempty"`
		Updated   string      `json:"updated,omitempty"`
		URL       string      `json:"url,omitempty"`
		Tools     [2]toolJSON `json:"tools"`
	}
	toolJSON struct {
		Name        string       `json:"name"`
		Tagline     string       `json:"tagline,omitempty"`
		Category    string       `json:"category,omitempty"`
		URL         string       `json:"url,omitempty"`
		Entry       string       `json:"entry,omitempty"`
		Pricing     string       `json:"pricing,omitempty"`
		BestFor     string       `json:"best_for,omitempty"`
		Description string       `json:"description,omitempty"`
		Panel       *panelJSON   `json:"panel,omitempty"`
		Community   *votesJSON   `json:"community,omitempty"`
		Reviews     []reviewJSON `json:"reviews,omitempty"`
	}
	panelJSON struct {
		Ship    *int `json:"ship,omitempty"`
		Skip    *int `json:"skip,omitempty"`
		Percent *int `json:"percent,omitempty"`
	}
	votesJSON struct {
		Ship int `json:"ship"`
		Skip int `json:"skip"`
	}
	reviewJSON struct {
		Reviewer Reviewer `json:"reviewer,omitempty"`
		Score    *int     `json:"score,omitempty"`
		Verdict  Verdict  `json:"verdict,omitempty"`
		Take     string   `json:"take,omitempty"`
	}
)

// MarshalJSON writes the keys of a comparison file, in their order; Parse and
// UnmarshalJSON read it back. Feeds carry the same under FeedKey.
func (c Comparison) MarshalJSON() ([]byte, error) {
	out := comparisonJSON{Slug: c.Slug, Published: c.Published.String(), Updated: c.Updated.String(), URL: c.URL}
	for i, t := range c.Tools {
		out.Tools[i] = t.json()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the caller's encoder decides
	err := enc.Encode(out)
	return bytes.TrimSpace(b.Bytes()), err
}

func (t Tool) json() toolJSON {
	out := toolJSON{
		Name:        t.Name,
		Tagline:     t.Tagline,
		Category:    t.Category,
		URL:         t.URL,
		Entry:       t.Entry,
		Pricing:     t.Pricing,
		BestFor:     t.BestFor,
		Description: t.Description,
		Panel:       (*panelJSON)(t.Panel),
		Community:   (*votesJSON)(t.Community),
	}
	for _, r := range t.Reviews {
		out.Reviews = append(out.Reviews, reviewJSON(r))
	}
	return out
}
