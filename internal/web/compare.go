package web

import "net/http"

// compare is the program's own page of a comparison: everything the source says.
func (s *server) compare(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Library().Get(r.PathValue("slug"))
	if err != nil || !s.isPublished(c) {
		return errNotFound
	}
	v := viewOf(c, s.Site.Location)
	p := page{
		Title: v.Title, Description: v.Summary(), Path: "/compare/" + c.Slug,
		Form: formView{Source: "compare"}, Data: v,
	}
	if full := webLink(c.URL); full != "" {
		p.Canonical = full
	}
	return s.servePage(w, r, "compare", p)
}
