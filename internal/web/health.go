package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"verdicts.example/digest/internal/page"
)

// healthz says that the process answers.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) error {
	plain(w, http.StatusOK, "ok\n")
	return nil
}

// readyz says that it can do its work. Why not is for the log: the route is
// public.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) error {
	if s.Ready != nil {
		if err := s.Ready(r.Context()); err != nil {
			s.Logger.WarnContext(r.Context(), "not ready", slog.Any("error", err))
			plain(w, http.StatusServiceUnavailable, "not ready\n")
			return nil
		}
	}
	if s.Warnings != nil {
		if n := len(s.Warnings()); n > 0 {
			plain(w, http.StatusOK, fmt.Sprintf("ready\nwarning: nodes of this list have different settings in %d respects; see the log, or digest status --nodes\n", n))
			return nil
		}
	}
	plain(w, http.StatusOK, "ready\n")
	return nil
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", page.NoStore)
	page.Write(w, status, "text/plain; charset=utf-8", []byte(text))
}

// robots keeps crawlers away from links that are one reader's own, and names the
// sitemap.
func (s *server) robots() *page.Answer {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, own := range []string{"confirm", "decline", "unsubscribe", "preferences", "link", "links", "vote", "save", "saved"} {
		b.WriteString("Disallow: " + s.root + "/" + own + "/\n")
	}
	b.WriteString("\nSitemap: " + s.Site.BaseURL + "/sitemap.xml\n")
	return page.NewAnswer("text/plain; charset=utf-8", keepDay, []byte(b.String()))
}
