package web

import (
	"io"
	"log/slog"
	"net/http"
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
	plain(w, http.StatusOK, "ready\n")
	return nil
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// robots keeps crawlers away from links that are one reader's own.
func (s *server) robots(w http.ResponseWriter, r *http.Request) error {
	s.serveBytes(w, r, "text/plain; charset=utf-8", "public, max-age=86400", []byte(
		"User-agent: *\nDisallow: "+s.root+"/confirm/\nDisallow: "+s.root+"/unsubscribe/\n"))
	return nil
}
