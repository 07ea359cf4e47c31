package templatecheck_test

import (
	"reflect"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"

	"verdicts.example/digest/internal/templatecheck"
)

type tool struct {
	Name  string
	Price *price
}

type price struct{ Entry string }

// Words is a method.
func (p *price) Words() string { return p.Entry }

type mail struct {
	Tools []tool
	ByKey map[string]tool
	First *tool
	Data  any
	Other any
	small string
}

type note struct{ Text string }

// What a template would fail of in any branch is found, with its line; what can't be
// known is let be.
func TestCheck(t *testing.T) {
	t.Parallel()
	_ = mail{}.small
	for src, want := range map[string]string{
		`{{.First.Name}}{{range .Tools}}{{.Price.Words}}{{.Price.Entry}}{{end}}`: "",
		`{{.Nope}}`: `t:1:2: there is no .Nope here; there are .ByKey, .Data, .First, .Other, .Tools`,
		"{{if .First}}\n{{else}}{{.First.Nope}}{{end}}":                      "t:2:16: there is no .Nope here",
		`{{with .First}}{{.Nope}}{{else}}{{.Nope2}}{{end}}`:                  "no .Nope ",
		`{{with .First}}{{else with .Tools}}{{.Nope}}{{end}}`:                "no .Nope ",
		`{{range $i, $x := .Tools}}{{$i}}{{$x.Nope}}{{$.First.Name}}{{end}}`: "no .Nope ",
		`{{range .ByKey}}{{.Nope}}{{end}}`:                                   "no .Nope ",
		`{{.ByKey.anything.Name}}`:                                           "",
		`{{.ByKey.anything.Nope}}`:                                           "no .Nope ",
		`{{$a := .First}}{{$a.Price.Nope}}`:                                  "no .Nope ",
		`{{template "part" .First}}{{define "part"}}{{.Nope}}{{end}}`:        "no .Nope ",
		`{{template "gone" .}}`:                                              `there is no template "gone"`,
		`{{if false}}{{printf "%s" .Nope}}{{end}}`:                           "no .Nope ",
		`{{(first .).Nope}}`:                                                 "no .Nope ",
		`{{.Data.Text}}`:                                                     "",
		`{{.Data.Nope}}`:                                                     "no .Nope ",
		`{{.Other.Anything}}{{(index .Tools 0).Anything}}`:                   "",
		`{{.small}}`: "no .small ",
		`{{template "loop" .}}{{define "loop"}}{{template "loop" .}}{{end}}`: "",
	} {
		funcs := template.FuncMap{"first": func(m *mail) *tool { return m.First }}
		parsed, err := template.New("t").Funcs(funcs).Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		set := templatecheck.Set{Trees: map[string]*parse.Tree{}, Funcs: funcs, Data: reflect.TypeFor[note]()}
		for _, x := range parsed.Templates() {
			set.Trees[x.Name()] = x.Tree
		}
		got := ""
		for _, err := range set.Check("t", reflect.TypeFor[*mail]()) {
			got += err.Error() + "\n"
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
}

// What stands outside of the blocks is named; comments and spaces are not.
func TestOutside(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"{{define \"a\"}}x{{end}}\n":                            "",
		"<!-- ours -->\n{{/* ours */}}{{define \"a\"}}x{{end}}": "",
		"{{.Nope}}{{define \"a\"}}x{{end}}":                     "t:1:2: ",
		"{{define \"a\"}}x{{end}}\n<p>lost</p>":                 "t:1:",
	} {
		parsed, err := template.New("t").Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := templatecheck.Outside(parsed.Tree); err != nil {
			got = err.Error()
		}
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want %q", src, got, want)
		}
	}
}
