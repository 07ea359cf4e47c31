package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// writePage renders a page whole before the first byte leaves, so that a
// template's error is a 500 and not half a page.
func (s *server) writePage(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	body, err := s.renderPage(name, p)
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "page template failed", "page", name, "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error here is the client's leaving
}

// servePage is writePage for pages that anyone may keep for a while.
func (s *server) servePage(w http.ResponseWriter, r *http.Request, name string, p page) error {
	body, err := s.renderPage(name, p)
	if err != nil {
		return err
	}
	s.serveBytes(w, r, "text/html; charset=utf-8", "public, max-age=60", body)
	return nil
}

// serveBytes answers with a body, or with 304 to a client that has it.
func (s *server) serveBytes(w http.ResponseWriter, r *http.Request, contentType, cache string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cache)
	h.Set("ETag", `"`+shortHash(body)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func shortHash(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

func (s *server) writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // only maps of strings come here
		status, body = http.StatusInternalServerError, []byte(`{"error":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// wantsJSON reports whether the client speaks JSON: it sent some, or it accepts
// that and not a page.
func wantsJSON(r *http.Request) bool {
	if isJSON(mediaType(r)) {
		return true
	}
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}
