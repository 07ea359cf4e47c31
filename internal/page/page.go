// Package page is the kit that every page of the program is made with: the
// public site's, the editors', the operators' and the mailbox's.
//
// The package promises: a page is rendered whole before its first byte leaves;
// templates are parsed at the start, so that one that does not parse is found
// there; every answer has a Content-Security-Policy that forbids what is not
// named; an asset's name holds its content's hash, so that browsers may keep it
// for ever; and what is given to many is rendered once and shared.
package page

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"text/template/parse"

	"verdicts.example/digest/internal/templatecheck"
)

//go:embed ui
var ui embed.FS

// Sources are the templates of one surface. Each page's file defines "main", and
// may replace the blocks of the shared ones.
type Sources struct {
	FS     fs.FS
	Shared []string          // parsed with every page; they define "layout"
	Pages  map[string]string // the file of each page by its name
	Funcs  template.FuncMap
}

// A Kit renders the pages of one surface. It is safe for concurrent use.
type Kit struct {
	shared *template.Template
	pages  map[string]*template.Template
	funcs  template.FuncMap
	log    *slog.Logger
}

// New parses the templates.
func New(src Sources, log *slog.Logger) (*Kit, error) {
	shared, err := template.New("shared").Funcs(src.Funcs).ParseFS(ui, "ui/*.html")
	if err == nil && len(src.Shared) > 0 {
		shared, err = shared.ParseFS(src.FS, src.Shared...)
	}
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	k := &Kit{shared: shared, pages: make(map[string]*template.Template), funcs: src.Funcs, log: log}
	for name, file := range src.Pages {
		t, err := shared.Clone()
		if err == nil {
			t, err = t.ParseFS(src.FS, file)
		}
		if err == nil {
			err = templatecheck.Outside(t.Lookup(path.Base(file)).Tree)
		}
		if err != nil {
			return nil, fmt.Errorf("page templates: %w", err)
		}
		k.pages[name] = t
	}
	return k, nil
}

// Check finds in a page's template what would fail only when the page is shown: a
// field that neither dot nor data, the type of dot's field Data, has.
func (k *Kit) Check(name, part string, dot, data reflect.Type) error {
	set := templatecheck.Set{Trees: map[string]*parse.Tree{}, Funcs: k.funcs, Data: data}
	for _, t := range k.pages[name].Templates() {
		set.Trees[t.Name()] = t.Tree
	}
	if err := errors.Join(set.Check(part, dot)...); err != nil {
		return fmt.Errorf("page templates: %w", err)
	}
	return nil
}

// Render renders a page's layout, or another template of it.
func (k *Kit) Render(name, part string, data any) ([]byte, error) {
	t := k.pages[name]
	if t == nil {
		t = k.shared
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, part, data); err != nil {
		return nil, fmt.Errorf("page %s, part %s: %w", name, part, err)
	}
	return b.Bytes(), nil
}

// Write answers with a page, which no cache keeps.
func (k *Kit) Write(w http.ResponseWriter, status int, name string, data any) {
	body, err := k.Render(name, "layout", data)
	if err != nil {
		k.log.Error("a page's template failed", "page", name, "error", err)
		status, body = http.StatusInternalServerError, []byte("<!DOCTYPE html><title>Error</title><p>Something went wrong on our side.\n")
	}
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	Write(w, status, HTML, body)
}
