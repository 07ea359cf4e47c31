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
	"time"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/page"
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
	pages *page.Tool
}

// New makes the editor's handler.
func New(d Deps) (http.Handler, error) {
	pages, err := page.NewTool(
		page.Sources{FS: ui, Pages: map[string]string{"view": "ui/view.html"}, Funcs: template.FuncMap{"levels": levels}},
		"/workbench.", []page.File{{FS: d.Templates, Name: "pages/tokens.css"}, {FS: ui, Name: "ui/workbench.css"}},
		page.Policy{Frame: "'self'"}, d.Logger)
	if err != nil {
		return nil, fmt.Errorf("workbench: %w", err)
	}
	s := &server{Deps: d, pages: pages}
	mux := http.NewServeMux()
	for _, t := range tabs() {
		mux.HandleFunc("GET "+t.Path, s.tab(t))
	}
	mux.HandleFunc("GET /frame", s.frame)
	return loopback.Only(http.NewCrossOriginProtection().Handler(pages.Handler(mux))), nil
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

// view is what templates see.
type view struct {
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
		p := view{Tabs: tabs(), Current: t.Name, Counts: make(map[string]int)}
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
		s.pages.Show(w, status, "view", page.View{Title: p.title(), Data: p})
	}
}

func (v view) title() string {
	if v.Mail.Subject == "" {
		return v.Week.String() + ": preview"
	}
	return v.Week.String() + ": " + v.Mail.Subject
}

// frame is the mail itself. Its sandbox keeps what an operator's template may
// hold from acting.
func (s *server) frame(w http.ResponseWriter, r *http.Request) {
	p, err := s.Preview(r.Context())
	if err != nil {
		s.pages.Notice(w, http.StatusInternalServerError, page.Notice{Heading: "It does not build", Text: err.Error()})
		return
	}
	page.SetPolicy(w, page.Policy{
		Style: page.StyleHashes(p.Mail.HTML), StyleAttr: "'unsafe-inline'", Img: "https: data:",
		Ancestors: "'self'", Sandbox: "-",
	})
	page.Write(w, http.StatusOK, page.HTML, []byte(p.Mail.HTML))
}

// levels orders the checks' table: what needs work comes first.
func levels() []check.Level { return []check.Level{check.Fail, check.Warn, check.Pass} }
