package page

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
)

// A Tool is a surface that is no publication: the editors', the operators', the
// mailbox's. Its pages have the kit's layout and one style sheet, no script but
// one that it was given, and no cache keeps them.
type Tool struct {
	kit    *Kit
	base   string // what the addresses begin with that the pages name
	sheet  Asset
	script Asset // zero: none
	policy Policy
}

// At has the addresses that the pages name begin with a path, such as "/desk".
// The handler is reached without it.
func (t *Tool) At(base string) { t.base = base }

// Script gives the pages a script, served at prefix and its hash. It may ask the
// pages' own site, and nobody else.
func (t *Tool) Script(prefix string, f File) error {
	js, err := fs.ReadFile(f.FS, f.Name)
	if err != nil {
		return fmt.Errorf("read a script: %w", err)
	}
	t.script = Asset{Path: prefix + hash(js) + ".js", Answer: NewAnswer("text/javascript; charset=utf-8", Immutable, js)}
	t.policy.Script, t.policy.Connect = "'self'", "'self'"
	return nil
}

// NewTool parses the templates, whose pages define "main", and joins the style
// sheets, which are served at prefix and their hash. The policy needs no Style.
func NewTool(src Sources, prefix string, sheets []File, policy Policy, log *slog.Logger) (*Tool, error) {
	kit, err := New(src, log)
	if err != nil {
		return nil, err
	}
	sheet, err := Sheet(prefix, sheets...)
	if err != nil {
		return nil, err
	}
	policy.Style = "'self'"
	return &Tool{kit: kit, sheet: sheet, policy: policy}, nil
}

// Handler serves the routes with the style sheet beside them, under the headers
// that every answer has.
func (t *Tool) Handler(routes *http.ServeMux) http.Handler {
	routes.Handle("GET "+t.sheet.Path, t.sheet)
	if t.script.Path != "" {
		routes.Handle("GET "+t.script.Path, t.script)
	}
	return Guard{Policy: t.policy, Private: true}.Secure(routes)
}

// A View is what the layout shows around a page.
type View struct {
	Title   string
	Refresh int // seconds until the page asks for itself again; 0: not
	Data    any // what the page's "main" gets
}

// Show answers with a page.
func (t *Tool) Show(w http.ResponseWriter, status int, name string, v View) {
	t.kit.Write(w, status, name, struct {
		View
		Sheet, Script string
	}{v, t.base + t.sheet.Path, t.scriptPath()})
}

func (t *Tool) scriptPath() string {
	if t.script.Path == "" {
		return ""
	}
	return t.base + t.script.Path
}

// A Notice is a page with a message only, such as an error page.
type Notice struct {
	Heading string
	Text    string
	Back    string // an address that leads on; "" for none
	BackTo  string // what is there
}

// Notice answers with a message.
func (t *Tool) Notice(w http.ResponseWriter, status int, n Notice) {
	t.Show(w, status, "notice", View{Title: n.Heading, Data: n})
}
