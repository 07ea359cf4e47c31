package web

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/templates"
)

// A page's template that would fail only when a visitor asks for it is refused.
func TestCheckTemplates(t *testing.T) {
	t.Parallel()
	if err := CheckTemplates(rendertest.Templates()); err != nil {
		t.Fatalf("the built-in pages: %v", err)
	}
	for name, change := range map[string]struct{ from, to, want string }{
		"pages/compare.html":    {`{{define "main" -}}`, `{{define "main" -}}{{if .Data.Readers}}{{.Data.Nope}}{{end}}`, "compare.html:1:"},
		"pages/vote.html":       {`{{define "main" -}}`, `{{define "main" -}}{{if .Data}}{{template "gone" .}}{{end}}`, `no template "gone"`},
		"pages/layout.html":     {`{{define "foot" -}}`, `{{define "foot" -}}{{.Site.Nmae}}`, ".Nmae"},
		"pages/subscribed.html": {`{{define "main" -}}`, `{{.Nope}}{{define "main" -}}`, "outside of every"},
	} {
		files := fstest.MapFS{}
		for _, file := range templates.Names() {
			src, err := fs.ReadFile(rendertest.Templates(), file)
			if err != nil {
				t.Fatal(err)
			}
			text := string(src)
			if file == name {
				if text = strings.Replace(text, change.from, change.to, 1); text == string(src) {
					t.Fatalf("%s: got no %q in it", name, change.from)
				}
			}
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if err := CheckTemplates(files); err == nil || !strings.Contains(err.Error(), change.want) {
			t.Errorf("%s: got %v, want %q", name, err, change.want)
		}
	}
}
