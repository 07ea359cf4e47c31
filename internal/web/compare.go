package web

import (
	"net/http"
	"strings"
)

// compare is the program's own page of a comparison: everything the source says.
func (s *server) compare(w http.ResponseWriter, r *http.Request) error {
	for _, c := range s.current() {
		if c.Slug != r.PathValue("slug") {
			continue
		}
		v := viewOf(c, s.Site.Location)
		p := page{
			Title: v.Title, Description: summary(v), Path: "/compare/" + c.Slug,
			Form: formView{Source: "compare"}, Data: v,
		}
		if full := webLink(c.URL); full != "" {
			p.Canonical = full
		}
		return s.servePage(w, r, "compare", p)
	}
	return errNotFound
}

// summary says a comparison in a line: "A: Ship 75 %. B: Skip 25 %."
func summary(v comparisonView) string {
	var parts []string
	for _, t := range v.Tools {
		switch {
		case t.Verdict != "":
			parts = append(parts, t.Name+": "+t.Verdict+" "+t.Percent+"%.")
		case t.Tagline != "":
			parts = append(parts, t.Name+": "+t.Tagline+".")
		}
	}
	return strings.Join(parts, " ")
}
