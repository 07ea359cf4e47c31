package workbench

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"verdicts.example/digest/internal/edition"
)

// sites are the site's pages as they will be, of the weeks that were looked at last.
type sites struct {
	mu     sync.Mutex
	byWeek map[edition.Week]siteOf
}

// A siteOf is the site with one content of a week.
type siteOf struct {
	hash    string
	handler http.Handler
}

// keptSites is how many weeks' sites are kept; a site has its templates parsed.
const keptSites = 4

func newSites() *sites { return &sites{byWeek: map[edition.Week]siteOf{}} }

func (s *sites) get(w edition.Week) siteOf {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byWeek[w]
}

func (s *sites) put(w edition.Week, x siteOf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byWeek) >= keptSites {
		clear(s.byWeek)
	}
	s.byWeek[w] = x
}

// sitePath is where a week's pages are, below the desk.
func (s *server) sitePath(w edition.Week) string { return s.Base + "/week/" + w.String() + "/site" }

// site shows a page of the public site as it will be once the week's edition is
// out: its archive page, and the pages of its comparisons.
func (s *server) site(w http.ResponseWriter, r *http.Request) error {
	week, err := s.weekOf(r)
	if err != nil {
		return err
	}
	if s.Site == nil {
		return fmt.Errorf("%w: this desk shows no pages of the site", errNoPage)
	}
	handler, err := s.siteOf(r, week)
	if err != nil {
		return err
	}
	prefix := "/week/" + r.PathValue("week") + "/site"
	http.StripPrefix(prefix, handler).ServeHTTP(w, r)
	return nil
}

// siteOf gives the site with the content that is asked for; what a page loads asks
// for none, and gets what was made last.
func (s *server) siteOf(r *http.Request, week edition.Week) (http.Handler, error) {
	hash := r.URL.Query().Get("hash")
	if x := s.sites.get(week); x.handler != nil && (hash == "" || x.hash == hash) {
		return x.handler, nil
	}
	p, err := s.build(r.Context(), week, audience{}, "")
	if err != nil && p.Build.HTML == "" {
		return nil, err
	}
	if p.Selection.Nothing() && p.Edition.ID == 0 {
		return nil, fmt.Errorf("edition %s: %w", week, edition.ErrNothing)
	}
	e := p.Edition
	if !e.Frozen() {
		e.Week, e.Slot, e.Subject, e.Items = week, p.Plan.Slot, p.Build.Subject, p.Selection.Featured
	}
	origin := &url.URL{Scheme: "http", Host: "localhost"}
	if s.Door != nil {
		origin = &url.URL{Scheme: s.Door.Site.Scheme, Host: s.Door.Site.Host}
	}
	handler, err := s.Site(origin.String()+s.sitePath(week), e, p.Build)
	if err != nil {
		return nil, err
	}
	s.sites.put(week, siteOf{p.Build.Hash, handler})
	return handler, nil
}
