package render

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/templates"
)

func readTemplate(t testing.TB, name string) string {
	t.Helper()
	src, err := fs.ReadFile(rendertest.Templates(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// override lays one file over the built-in templates.
func override(t testing.TB, name, content string) fs.FS {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	files, err := templates.Overlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// An operator's mistake fails New with what, where and how to fix it.
func TestOverrideRefused(t *testing.T) {
	t.Parallel()
	goodbye := readTemplate(t, "mail/goodbye.html.tmpl")
	into := func(s string) string {
		return strings.Replace(goodbye, `<h1 class="title">`, s+"\n"+`<h1 class="title">`, 1)
	}
	for _, test := range []struct {
		name, file, content string
		kind                error
		want                []string
	}{
		{"sheet outside the subset", "mail/mail.css", "p { margin: 0 }\n.a:hover { color: red }\n", ErrStyle,
			[]string{"mail/mail.css:2", ".a:hover", "pseudo-class", "mail/kept.css"}},
		{"kept without important", "mail/kept.css", ".a { color: red }\n", ErrStyle, []string{"mail/kept.css:1", "!important"}},
		{"outlook sheet", "mail/ogsc.css", ".a { color: red !important }\n", ErrStyle, []string{"mail/ogsc.css:1", "[data-ogsc]"}},
		{"syntax", "mail/goodbye.html.tmpl", into("{{if}}"), ErrTemplate, []string{"mail/goodbye.html.tmpl:2", "missing value for if"}},
		{"unknown function", "mail/goodbye.txt.tmpl", `{{define "content"}}{{readFile "/etc/passwd"}}{{end}}`, ErrTemplate, []string{"readFile"}},
		{"unknown field", "mail/goodbye.html.tmpl", into("{{.Data.Nmae}}"), ErrTemplate, []string{"mail/goodbye.html.tmpl:2", "Nmae"}},
		{"unknown field in a branch that no sample takes", "mail/goodbye.html.tmpl", into(`{{if eq .Data.Email "x"}}{{.Data.Nmae}}{{end}}`), ErrTemplate, []string{"mail/goodbye.html.tmpl:2", ".Nmae", ".SignUpURL"}},
		{"outside of the blocks", "mail/goodbye.html.tmpl", "{{.Nope}}\n" + goodbye, ErrTemplate, []string{"mail/goodbye.html.tmpl:1", "outside of every {{define}}"}},
		{"missing part", "mail/goodbye.html.tmpl", into(`{{if eq .Data.Email "x"}}{{template "buton" .}}{{end}}`), ErrTemplate, []string{"mail/goodbye.html.tmpl:2", "buton"}},
		{"own style", "mail/goodbye.html.tmpl", into("<style>\n.x + .y { color: red }\n</style>"), ErrStyle, []string{"mail/goodbye.html.tmpl:3", ".x + .y"}},
		{"style with media", "mail/goodbye.html.tmpl", into(`<style media="screen">.x { color: red }</style>`), ErrStyle, []string{"mail/goodbye.html.tmpl:2", "style media"}},
		{"style with actions", "mail/goodbye.html.tmpl", into(`<style>.x { color: {{.Site.Name}} }</style>`), ErrStyle, []string{"mail/goodbye.html.tmpl:2", "mail/mail.css"}},
		{"style attribute", "mail/goodbye.html.tmpl", into(`<p style="color: red !important">x</p>`), ErrStyle, []string{"goodbye", "!important"}},
		{"pr-el-id", "mail/goodbye.html.tmpl", into(`<p pr-el-id="7">x</p>`), ErrStyle, []string{"mail/goodbye.html.tmpl:2", "pr-el-id"}},
		{"action in a conditional comment", "mail/goodbye.html.tmpl", into("<!--[if mso]>{{.Site.Name}}<![endif]-->"), ErrTemplate, []string{"mail/goodbye.html.tmpl:2", "byte for byte"}},
		{"open conditional comment", "mail/goodbye.html.tmpl", into("<!--[if mso]><p>x</p>"), ErrTemplate, []string{"mail/goodbye.html.tmpl:2", "<![endif]-->"}},
		{"endless output", "mail/goodbye.txt.tmpl", `{{define "content"}}{{range 10000000}}xxxxxxxxxx{{end}}{{end}}`, ErrTemplate, []string{"4 MiB"}},
		{"no content", "mail/goodbye.html.tmpl", "<p>x</p>", ErrTemplate, []string{"content"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(override(t, test.file, test.content), testSite())
			if !errors.Is(err, test.kind) {
				t.Fatalf("got %v, want %v", err, test.kind)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

func TestOverrideAccepted(t *testing.T) {
	t.Parallel()
	const own = `{{define "content"}}
<style>.own { color: #123456 }</style>
<!--[if mso]><p>for & Word "only"</p><![endif]-->
<!--[if !mso]><!--><p class="own">{{.Data.Email}}</p><!--<![endif]-->
<h1>Bye</h1>
{{end}}`
	r, err := New(override(t, "mail/goodbye.html.tmpl", own), testSite())
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Mail("goodbye", GoodbyeData{Email: "a@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<!--[if mso]><p>for & Word "only"</p><![endif]-->`,
		`<!--[if !mso]><!--><p class="own" style="color:#123456">a@example.org</p><!--<![endif]-->`,
		"12 Example Street", // the built-in layout's footer
	} {
		if !strings.Contains(out.HTML, want) {
			t.Errorf("want %s in %s", want, out.HTML)
		}
	}
}

// A panic in the inliner is an error of the mail, not the end of the program.
func TestInlinerPanics(t *testing.T) {
	t.Parallel()
	_, err := inline(`<html><head><style>p { color: red }</style></head><body><p pr-el-id="nine">x</p></body></html>`)
	if !errors.Is(err, ErrTemplate) || !strings.Contains(err.Error(), "pr-el-id") {
		t.Errorf("got %v, want ErrTemplate that names pr-el-id", err)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "verdicts.example", "ftp://verdicts.example", "https://"} {
		site := testSite()
		site.BaseURL = base
		if _, err := New(rendertest.Templates(), site); err == nil || !strings.Contains(err.Error(), "base URL") {
			t.Errorf("base URL %q: got %v, want an error", base, err)
		}
	}
}
