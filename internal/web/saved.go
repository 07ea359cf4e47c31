package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/saved"
	"verdicts.example/digest/internal/wording"
	"verdicts.example/digest/subscribers"
)

// Saved keeps readers' saved comparisons. What is saved is durable when Save
// returns; saved again, or removed again, nothing changes.
type Saved interface {
	Save(ctx context.Context, it saved.Item) error
	Remove(ctx context.Context, reader int64, slug string) error
	// Of gives a reader's list, what was saved last first.
	Of(ctx context.Context, reader int64) ([]saved.Item, error)
}

// saveView is the page behind a link to save.
type saveView struct {
	Title string
	Slug  string
	Done  bool // it was just saved
}

// savedView is a reader's list. It has nothing of the reader but what they saved.
type savedView struct {
	Items   []savedItem
	Removed bool
	Export  string // the page's own path, to which the formats are added
}

// A savedItem is a line of the list, and of its exports.
type savedItem struct {
	Slug  string         `json:"slug"`
	Title string         `json:"title"` // "": the comparison is no longer here
	URL   string         `json:"url"`
	At    time.Time      `json:"saved_at"`
	Tools [2]savedItemOf `json:"tools"`
}

// savedItemOf is what a list says of a tool.
type savedItemOf struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Readers string `json:"readers"` // our own readers' votes
}

// savable finds the reader and the comparison that a path names.
func (s *server) savable(r *http.Request) (subscribers.Subscriber, comparison.Comparison, *shown, error) {
	sub, err := s.List.ByLink(r.Context(), subscribers.PurposeSave, r.PathValue("token"))
	if err != nil {
		return sub, comparison.Comparison{}, nil, err
	}
	now, err := s.shown(r.Context())
	if err != nil {
		return sub, comparison.Comparison{}, nil, err
	}
	c, err := now.library.Get(r.PathValue("slug"))
	if err != nil || !s.isPublished(c) {
		return sub, c, nil, errNotFound
	}
	return sub, c, now, nil
}

// savePage asks; only its button saves.
func (s *server) savePage(w http.ResponseWriter, r *http.Request) error {
	_, c, _, err := s.savable(r)
	if err != nil {
		return err
	}
	s.writePage(w, http.StatusOK, "save", content{Title: "Save for later", NoIndex: true, Data: saveView{
		Title: c.Title(), Slug: c.Slug, Done: r.URL.Query().Get("done") != "",
	}})
	return nil
}

// save puts the comparison on the reader's list, with what the reader sees of it
// now: what changes later is told.
func (s *server) save(w http.ResponseWriter, r *http.Request) error {
	if _, err := readBody(w, r); err != nil {
		return err
	}
	sub, c, now, err := s.savable(r)
	if err != nil {
		return err
	}
	err = s.Saved.Save(r.Context(), saved.Item{Reader: sub.ID, Slug: c.Slug, At: s.Now(), Told: saved.StateOf(c, now.tallies[c.Slug])})
	if errors.Is(err, saved.ErrFull) {
		return statusError{status: http.StatusConflict, text: page.Notice{Heading: "Your list is full",
			Text: "It holds 500 comparisons. Remove some: a link at the foot of each digest leads to the list."}}
	}
	if err != nil {
		return err
	}
	s.seeOther(w, "/save/"+url.PathEscape(r.PathValue("token"))+"/"+url.PathEscape(c.Slug)+"?done=1")
	return nil
}

// savedOf gives the list behind a path's token.
func (s *server) savedOf(r *http.Request) (subscribers.Subscriber, []savedItem, error) {
	sub, err := s.List.ByLink(r.Context(), subscribers.PurposeSaved, r.PathValue("token"))
	if err != nil {
		return sub, nil, err
	}
	items, err := s.Saved.Of(r.Context(), sub.ID)
	if err != nil {
		return sub, nil, err
	}
	now, err := s.shown(r.Context())
	if err != nil {
		return sub, nil, err
	}
	out := make([]savedItem, len(items))
	for i, it := range items {
		out[i] = s.savedItem(it, now)
	}
	return sub, out, nil
}

func (s *server) savedItem(it saved.Item, now *shown) savedItem {
	out := savedItem{Slug: it.Slug, At: it.At.In(s.Site.Location)}
	c, err := now.library.Get(it.Slug)
	if err != nil || !s.isPublished(c) {
		return out
	}
	out.Title, out.URL = c.Title(), s.Site.BaseURL+"/compare/"+c.Slug
	for i, t := range c.Tools {
		out.Tools[i] = savedItemOf{
			Name: t.Name, Verdict: wording.VerdictOf(t.Panel).Line(), Readers: wording.Readers(now.tallies[c.Slug][i], s.VoteRules.Least),
		}
	}
	return out
}

func (s *server) savedPage(w http.ResponseWriter, r *http.Request) error {
	_, items, err := s.savedOf(r)
	if err != nil {
		return err
	}
	s.writePage(w, http.StatusOK, "saved", content{Title: "Your saved comparisons", NoIndex: true, Data: savedView{
		Items: items, Removed: r.URL.Query().Get("done") != "", Export: s.root + "/saved/" + url.PathEscape(r.PathValue("token")),
	}})
	return nil
}

// unsave takes one comparison off the list.
func (s *server) unsave(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	form, err := parseForm(r, body)
	if err != nil || form.Get("remove") == "" {
		return statusError{status: http.StatusBadRequest}
	}
	sub, err := s.List.ByLink(r.Context(), subscribers.PurposeSaved, r.PathValue("token"))
	if err != nil {
		return err
	}
	if err := s.Saved.Remove(r.Context(), sub.ID, form.Get("remove")); err != nil {
		return err
	}
	s.seeOther(w, "/saved/"+url.PathEscape(r.PathValue("token"))+"?done=1")
	return nil
}

func (s *server) savedJSON(w http.ResponseWriter, r *http.Request) error {
	_, items, err := s.savedOf(r)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(items, "", "  ")
	if err != nil {
		return err
	}
	download(w, "application/json", "saved.json", append(body, '\n'))
	return nil
}

func (s *server) savedCSV(w http.ResponseWriter, r *http.Request) error {
	_, items, err := s.savedOf(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	rows := [][]string{{"slug", "title", "url", "saved_at", "tool_1", "verdict_1", "readers_1", "tool_2", "verdict_2", "readers_2"}}
	for _, it := range items {
		row := []string{it.Slug, it.Title, it.URL, it.At.Format(time.RFC3339)}
		for _, t := range it.Tools {
			row = append(row, t.Name, t.Verdict, t.Readers)
		}
		rows = append(rows, row)
	}
	if err := out.WriteAll(rows); err != nil {
		return err
	}
	download(w, "text/csv; charset=utf-8", "saved.csv", b.Bytes())
	return nil
}

// download answers with a file to keep.
func download(w http.ResponseWriter, mediaType, name string, body []byte) {
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	page.Write(w, http.StatusOK, mediaType, body)
}
