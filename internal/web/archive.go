package web

import (
	"net/http"

	"verdicts.example/digest/internal/edition"
)

func (s *server) archive(w http.ResponseWriter, r *http.Request) error {
	editions, err := s.published(r)
	if err != nil {
		return err
	}
	return s.servePage(w, r, "archive", page{
		Title:       "Archive",
		Description: "Every digest of " + s.Site.Name + ", newest first.",
		Path:        "/archive",
		Data:        s.issueViews(editions),
	})
}

// issue shows an edition's mail as a page.
func (s *server) issue(w http.ResponseWriter, r *http.Request) error {
	week, err := edition.ParseWeek(r.PathValue("week"))
	if err != nil {
		return errNotFound
	}
	editions, err := s.published(r)
	if err != nil {
		return err
	}
	for _, e := range editions {
		if e.Week == week {
			return s.serveIssue(w, r, e)
		}
	}
	return errNotFound
}

func (s *server) serveIssue(w http.ResponseWriter, r *http.Request, e edition.Edition) error {
	builds, err := s.Editions.Builds(r.Context(), e.Week)
	if err != nil {
		return err
	}
	if len(builds) == 0 {
		return errNotFound
	}
	build := builds[0] // from the freeze on there is no later one
	path := "/archive/" + e.Week.String()
	head, top, end, err := s.issueParts(page{
		Title: build.Subject, Description: build.Preheader, Path: path,
		Form: formView{Source: "archive/" + e.Week.String()},
		Data: s.issueViews([]edition.Edition{e})[0],
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	s.serveBytes(w, r, "text/html; charset=utf-8", "public, max-age=60",
		frameMail(neutralise(build.HTML, s.Site.BaseURL+"/"), head, top, end))
	return nil
}
