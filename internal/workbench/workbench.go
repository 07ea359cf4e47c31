// Package workbench shows an editor the digest before it is sent: the mail at
// two widths, light and dark, its text part, its source, the checks, and why
// each comparison is in or out.
//
// The package promises that it changes nothing, that it builds anew for each
// page, so that an edit shows on reload, and that it answers on loopback only,
// to a browser that asked for loopback by name (see package loopback).
package workbench

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/render"
)

//go:embed ui
var ui embed.FS

// A Preview is one build of an edition with all that an editor wants to know of it.
type Preview struct {
	Week      edition.Week
	State     edition.State   // "" when the edition is not recorded
	Slot      time.Time       // when it is to be sent, in the list's zone; zero when not known
	Mail      render.Rendered // with a reader's values
	Checks    []check.Finding
	Decisions []edition.Decision
	Problems  []comparison.Problem // comparisons that could not be read
}

// Deps is what the workbench works with.
type Deps struct {
	Preview   func(context.Context) (Preview, error) // builds; called once a page
	Templates fs.FS                                  // holds pages/tokens.css
	Logger    *slog.Logger
}

type server struct {
	Deps
	pages *template.Template
	css   []byte
}

// New makes the editor's handler.
func New(d Deps) (http.Handler, error) {
	pages, err := template.New("ui").Funcs(template.FuncMap{"levels": levels}).ParseFS(ui, "ui/*.html")
	if err != nil {
		return nil, fmt.Errorf("workbench's pages: %w", err)
	}
	tokens, err := fs.ReadFile(d.Templates, "pages/tokens.css")
	if err != nil {
		return nil, fmt.Errorf("workbench's style sheet: %w", err)
	}
	own, err := fs.ReadFile(ui, "ui/workbench.css")
	if err != nil {
		return nil, fmt.Errorf("workbench's style sheet: %w", err)
	}
	s := &server{Deps: d, pages: pages, css: append(tokens, own...)}
	mux := http.NewServeMux()
	for _, t := range tabs() {
		mux.HandleFunc("GET "+t.Path, s.tab(t))
	}
	mux.HandleFunc("GET /frame", s.frame)
	mux.HandleFunc("GET /workbench.css", s.style)
	return loopback.Only(http.NewCrossOriginProtection().Handler(mux)), nil
}

// tab is one of the workbench's views.
type tab struct {
	Path  string // a mux pattern's path
	Href  string
	Name  string // the template
	Label string
}

func tabs() []tab {
	return []tab{
		{"/{$}", "/", "light", "Mail"},
		{"/dark", "/dark", "dark", "Mail, dark"},
		{"/text", "/text", "text", "Text part"},
		{"/source", "/source", "source", "Source"},
		{"/checks", "/checks", "checks", "Checks"},
		{"/why", "/why", "why", "Why these"},
	}
}

// page is what templates see.
type page struct {
	Preview
	Tabs    []tab
	Current string
	Err     string
	Counts  map[string]int // checks by level
	In      int
	Size    int // bytes of HTML
}

func (s *server) tab(t tab) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := page{Tabs: tabs(), Current: t.Name, Counts: make(map[string]int)}
		status := http.StatusOK
		var err error
		if p.Preview, err = s.Preview(r.Context()); err != nil {
			p.Err, status = err.Error(), http.StatusInternalServerError // it is the editor's own machine
		}
		p.Size = len(p.Mail.HTML)
		for _, c := range p.Checks {
			p.Counts[string(c.Level)]++
		}
		for _, d := range p.Decisions {
			if d.In {
				p.In++
			}
		}
		s.write(w, status, p)
	}
}

func (s *server) write(w http.ResponseWriter, status int, p page) {
	var b strings.Builder
	if err := s.pages.ExecuteTemplate(&b, "layout", p); err != nil {
		s.Logger.Error("workbench page failed", "page", p.Current, "error", err)
		http.Error(w, "The page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	header(w, "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String()))
}

// frame is the mail itself. Its sandbox keeps what an operator's template may
// hold from acting.
func (s *server) frame(w http.ResponseWriter, r *http.Request) {
	p, err := s.Preview(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	header(w, "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox", "text/html")
	_, _ = w.Write([]byte(p.Mail.HTML))
}

func (s *server) style(w http.ResponseWriter, _ *http.Request) {
	header(w, "default-src 'none'", "text/css")
	_, _ = w.Write(s.css)
}

func header(w http.ResponseWriter, policy, contentType string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", contentType+"; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// levels orders the checks' table: what needs work comes first.
func levels() []check.Level { return []check.Level{check.Fail, check.Warn, check.Pass} }
