package render_test

import (
	"os"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/templates"
)

func TestParserParsesWhatChanged(t *testing.T) {
	dir := t.TempDir()
	files, err := templates.Overlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	var p render.Parser
	parse := func(site render.Site) *render.Renderer {
		t.Helper()
		if files, err = templates.Overlay(dir); err != nil {
			t.Fatal(err)
		}
		r, err := p.Parse(files, site)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	site := render.Site{Name: "Verdicts", BaseURL: "https://digest.example.com"}
	first := parse(site)
	if parse(site) != first {
		t.Error("nothing changed, and the templates were parsed again")
	}
	other := site
	other.Name = "Weekly"
	second := parse(other)
	if second == first {
		t.Error("the site's name changed, and the templates were not parsed again")
	}
	sheet := filepath.Join(dir, "mail", "mail.css")
	if err := os.Mkdir(filepath.Dir(sheet), 0o755); err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("../../templates/mail/mail.css")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sheet, append(src, "\n.title { color: #123456 }\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if parse(other) == second {
		t.Error("a sheet changed, and the templates were not parsed again")
	}
	if err := os.WriteFile(sheet, []byte(".title { color: #12"), 0o644); err != nil {
		t.Fatal(err)
	}
	files, _ = templates.Overlay(dir)
	if _, err := p.Parse(files, other); err == nil {
		t.Error("a sheet is broken, and the last one was given")
	}
	if err := os.WriteFile(sheet, src, 0o644); err != nil {
		t.Fatal(err)
	}
	parse(other)
}
