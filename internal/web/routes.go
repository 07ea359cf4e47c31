package web

import (
	"net/http"
	"path"
	"strings"
)

// routes is the public surface, with the desk's door.
func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	s.routePages(mux)
	s.routeLinks(mux)
	s.routeParts(mux)
	return mux
}

// routePages are the pages that everybody may open, and their forms.
func (s *server) routePages(mux *http.ServeMux) {
	kept := func(pattern string, v view) { mux.Handle(pattern, s.handle(s.kept(v))) }
	open := func(pattern string, h handler) { mux.Handle(pattern, s.handle(s.crossOrigin(h))) }

	kept("GET /{$}", s.home)
	kept("GET /archive", s.archive)
	kept("GET /archive/{week}", s.issue)
	mux.Handle("GET /compare/{slug}", s.handle(s.comparePage))
	kept("GET /feed.xml", s.atom)
	kept("GET /feed.json", s.jsonFeed)
	kept("GET /sitemap.xml", s.sitemap)

	kept("GET /subscribe", s.subscribePage)
	open("POST /subscribe", s.subscribe)
	open("OPTIONS /subscribe", s.preflight)
	kept("GET /subscribed", s.subscribedPage)

	kept("GET /embed", s.embedPage)
	mux.HandleFunc("GET /subscribe.js", s.embedScript)

	kept("GET /leave", s.leavePage)
	open("POST /leave", s.leave)
	kept("GET /leave/sent", s.leaveSent)

	if s.Saved != nil {
		open("POST /links/{slug}", s.askLinks)
		kept("GET /links/sent", s.linksSent)
	}
}

// routeLinks are the pages behind a reader's own links.
func (s *server) routeLinks(mux *http.ServeMux) {
	token := func(pattern string, h handler) { mux.Handle(pattern, s.handle(s.token(h))) }

	token("GET /confirm/{token}", s.confirmPage)
	token("POST /confirm/{token}", s.confirm)
	token("GET /decline/{token}", s.declinePage)
	token("POST /decline/{token}", s.decline)
	token("GET /unsubscribe/{token}", s.unsubscribePage)
	token("POST /unsubscribe/{token}", s.unsubscribe)

	token("GET /preferences/{token}", s.preferencesPage)
	token("POST /preferences/{token}", s.prefer)
	if s.Votes != nil {
		token("GET /vote/{token}/{week}/{slug}", s.votePage)
		token("GET /vote/{token}/{week}/{slug}/{tool}/{choice}", s.votePage)
		token("POST /vote/{token}/{week}/{slug}/{tool}/{choice}", s.vote)
	}
	if s.Saved != nil {
		token("GET /save/{token}/{slug}", s.savePage)
		token("POST /save/{token}/{slug}", s.save)
		token("GET /saved/{token}", s.savedPage)
		token("POST /saved/{token}", s.unsave)
		token("GET /saved/{token}/saved.json", s.savedJSON)
		token("GET /saved/{token}/saved.csv", s.savedCSV)
	}
	token("GET /link/{token}", s.freshPage)
	token("POST /link/{token}", s.useFresh)
}

// routeParts are the files that pages need, what machines ask, and the parts of
// the program that stand below a path of the site.
func (s *server) routeParts(mux *http.ServeMux) {
	mux.Handle("GET /healthz", s.handle(s.healthz))
	mux.Handle("GET /readyz", s.handle(s.readyz))
	mux.Handle("GET "+s.css.Path, s.css)
	mux.Handle("GET /favicon.svg", s.icon)
	mux.Handle("GET /favicon.ico", s.icon)
	mux.Handle("GET /robots.txt", s.robots())
	if s.Inbound != nil {
		mux.Handle("POST /inbound/{provider}", http.StripPrefix("/inbound", s.Inbound))
	}
	if s.Mailbox != nil {
		mux.Handle("/mailbox", s.Mailbox)
		mux.Handle("/mailbox/", s.Mailbox)
	}
	if s.Desk != nil {
		mux.Handle("GET /desk", http.RedirectHandler(s.root+"/desk/", http.StatusSeeOther))
		desk := http.StripPrefix("/desk", s.Desk)
		mux.Handle("GET /desk/", desk)
		mux.Handle("POST /desk/", desk)
	}
}

// belowRoot serves the base URL's path as the root; what does not begin with it
// came through a proxy that takes it off, or is meant for this host.
func (s *server) belowRoot(next http.Handler) http.Handler {
	if s.root == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.Path, s.base.Path)
		raw, okRaw := strings.CutPrefix(r.URL.RawPath, s.root)
		if !ok || path != "" && path[0] != '/' || r.URL.RawPath != "" && !okRaw {
			next.ServeHTTP(w, r)
			return
		}
		below := *r
		u := *r.URL
		u.Path, u.RawPath = path, raw
		if path == "" {
			u.Path = "/"
		}
		below.URL = &u
		next.ServeHTTP(w, &below)
	})
}

// dispatch is the mux with our own pages for what has no route. The mux's
// redirect of an unclean path ("//x", "/a/../b") would repeat the path, so such
// a path is simply not there.
func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "" || r.URL.Path[0] != '/' || cleaned(r.URL.Path) != r.URL.Path {
		s.showError(w, r, errNotFound)
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	p := probe{header: make(http.Header)}
	h.ServeHTTP(&p, r)
	if p.status != http.StatusMethodNotAllowed {
		s.showError(w, r, errNotFound)
		return
	}
	w.Header().Set("Allow", p.header.Get("Allow"))
	s.showError(w, r, statusError{status: http.StatusMethodNotAllowed})
}

func cleaned(p string) string {
	c := path.Clean(p)
	if strings.HasSuffix(p, "/") && c != "/" {
		c += "/"
	}
	return c
}

// probe takes the mux's answer for a request without a route, for its status
// and its Allow header.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
