package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"
)

// page is what the layout shows around a page's own content.
type page struct {
	Title       string
	Description string // for search results and link previews
	Path        string // the page's own path; "" has no canonical address
	Canonical   string // overrides the canonical address that Path gives
	NoIndex     bool
	Form        formView
	Data        any
}

// formView is the sign-up form that every page carries.
type formView struct {
	Email  string
	Error  string
	Source string
}

// layout is what templates see.
type layout struct {
	page
	Site Site
	Root string
	CSS  string
	Trap string // the name of the field that people leave empty
}

// pageNames are the pages that must exist in pages/, each as NAME.html.
var pageNames = [...]string{
	"home", "archive", "issue", "compare", "subscribe", "subscribed",
	"confirm", "confirmed", "unsubscribe", "goodbye", "message",
}

// pages holds a parsed template for each page, and the parts by themselves.
type pages struct {
	byName map[string]*template.Template
	parts  *template.Template
}

// loadPages parses every page with the layout and the parts, so that a template
// that does not parse is found at the start and not by a reader.
func loadPages(fsys fs.FS) (*pages, error) {
	shared, err := template.New("pages").Funcs(funcs()).ParseFS(fsys, "pages/layout.html", "pages/parts.html")
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	p := &pages{byName: make(map[string]*template.Template), parts: shared}
	for _, name := range pageNames {
		t, err := shared.Clone()
		if err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
		if p.byName[name], err = t.ParseFS(fsys, "pages/"+name+".html"); err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
	}
	return p, nil
}

func (s *server) renderPage(name string, p page) ([]byte, error) {
	return s.renderPart(name, "layout", p)
}

// renderPart renders one of the templates that a page's file defines.
func (s *server) renderPart(name, part string, p page) ([]byte, error) {
	if p.Form.Source == "" {
		p.Form.Source = name
	}
	if p.Canonical == "" && p.Path != "" {
		p.Canonical = s.Site.BaseURL + p.Path
	}
	l := layout{page: p, Site: s.Site, Root: s.root, CSS: s.root + "/assets/" + s.assets.cssName, Trap: trap}
	var b bytes.Buffer
	if err := s.pages.byName[name].ExecuteTemplate(&b, part, l); err != nil {
		return nil, fmt.Errorf("page %s, part %s: %w", name, part, err)
	}
	return b.Bytes(), nil
}

func funcs() template.FuncMap {
	return template.FuncMap{
		"date":       func(t time.Time) string { return t.Format("2 January 2006") },
		"isodate":    func(t time.Time) string { return t.Format(time.DateOnly) },
		"when":       func(t time.Time) string { return t.Format("Monday 2 January, 15:04 MST") },
		"paragraphs": paragraphs,
		"bout":       func(root string, it itemView) boutView { return boutView{it, root} },
	}
}

// paragraphs cuts a text at its empty lines.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// boutView is an item of an edition with what its link starts with.
type boutView struct {
	itemView
	root string
}

// Link leads to the comparison's own page here.
func (b boutView) Link() string { return b.root + "/compare/" + b.View.Slug }
