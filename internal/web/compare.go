package web

import (
	"context"
	"net/http"

	"verdicts.example/digest/internal/page"
)

// compare is the program's own page of a comparison: everything the source says.
func (s *server) compare(r *http.Request, now *shown) (string, recipe, error) {
	c, err := now.library.Get(r.PathValue("slug"))
	if err != nil || !s.isPublished(c) {
		return "", nil, errNotFound
	}
	return "/compare/" + c.Slug, func(context.Context) (*page.Answer, error) {
		v := s.viewOf(c, now)
		v.Readers, v.Votable = s.Saved != nil, s.Saved != nil && s.votedIn(c.Slug, now) != ""
		return s.answer("compare", content{
			Title: v.Title, Description: v.Summary(), Path: "/compare/" + c.Slug, Canonical: webLink(c.URL),
			Form: formView{Source: "compare"}, Data: v,
		})
	}, nil
}
