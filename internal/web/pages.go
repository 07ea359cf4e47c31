package web

import (
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	"verdicts.example/digest/internal/page"
)

// sitePolicy: the pages have one style sheet, forms that post to this site, and
// nothing else.
func sitePolicy() page.Policy { return page.Policy{Style: "'self'", Img: "'self'", Form: "'self'"} }

// content is what the layout shows around a page's own content.
type content struct {
	Title       string
	Description string // for search results and link previews
	Path        string // the page's own path; "" has no canonical address
	Canonical   string // overrides the canonical address that Path gives
	Markdown    bool   // Path with ".md" is the page as Markdown
	Preview     *preview
	NoIndex     bool
	Form        formView
	Data        any
}

// formView is the sign-up form of the pages that readers read.
type formView struct {
	Email      string
	Name       string   // these two only where the visitor gave them
	Categories []string // before, on another site's form
	Error      string   // what is wrong with Email
	Later      bool     // nothing is: it could not be taken down just now
	Meant      string   // the address to ask about, in place of Email
	Source     string
	Topics     []topicView // to choose of; none: no choice is offered
	Question   string      // to answer before the sign-up is taken; "": none
	Asked      string      // its token
	Again      bool        // the answer to another was not right
	AsTyped    bool        // the visitor said that Email is right
	Wording    string      // the version that the visitor agreed to, on another site's form
}

// layout is what templates see.
type layout struct {
	content
	Site Site
	Root string
	CSS  string
	Trap string // the name of the field that people leave empty
	// Wording is the version of what the sign-up form says.
	Wording string
}

// pageNames are the pages that must exist in pages/, each as NAME.html.
func pageNames() []string {
	return []string{
		"home", "archive", "issue", "compare", "subscribe", "subscribed",
		"confirm", "confirmed", "decline", "unsubscribe", "goodbye", "leave", "message",
		"preferences", "fresh", "about", "vote", "save", "saved", "links", "embed",
	}
}

func newKit(fsys fs.FS, log *slog.Logger) (*page.Kit, error) {
	src := page.Sources{
		FS: fsys, Shared: []string{"pages/layout.html", "pages/parts.html", "pages/consent.html"}, Pages: make(map[string]string),
		Funcs: template.FuncMap{
			"date":       func(t time.Time) string { return t.Format("2 January 2006") },
			"isodate":    func(t time.Time) string { return t.Format(time.DateOnly) },
			"when":       func(t time.Time) string { return t.Format("Monday 2 January, 15:04 MST") },
			"moment":     func(t time.Time) string { return t.Format("2 January 2006, 15:04 MST") },
			"paragraphs": paragraphs,
			"bout":       func(root string, it itemView) boutView { return boutView{it, root} },
		},
	}
	for _, name := range pageNames() {
		src.Pages[name] = "pages/" + name + ".html"
	}
	kit, err := page.New(src, log)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, name := range pageNames() {
		for _, part := range partsOf(name) {
			wrong = append(wrong, kit.Check(name, part, reflect.TypeFor[layout](), pageData()[name]))
		}
	}
	return kit, errors.Join(wrong...)
}

// partsOf are the templates that a page is made of: the layout, but around an
// edition's mail.
func partsOf(name string) []string {
	switch name {
	case "issue":
		return []string{"issue-head", "issue-top", "issue-end"}
	case "embed":
		return []string{"layout", "snippet"}
	case "subscribe":
		return []string{"layout", "consent"}
	}
	return []string{"layout"}
}

// CheckTemplates parses the pages' templates and finds in them what would fail only
// when a page is shown.
func CheckTemplates(fsys fs.FS) error {
	_, err := newKit(fsys, slog.New(slog.DiscardHandler))
	return err
}

// pageData is what the pages' templates find under .Data; nothing for a page that
// shows no more than its words.
func pageData() map[string]reflect.Type {
	return map[string]reflect.Type{
		"home": reflect.TypeFor[homeView](), "archive": reflect.TypeFor[archiveView](), "issue": reflect.TypeFor[issueView](),
		"compare": reflect.TypeFor[fullView](), "confirm": reflect.TypeFor[readerView](), "confirmed": reflect.TypeFor[time.Time](), "decline": reflect.TypeFor[declineView](),
		"unsubscribe": reflect.TypeFor[readerView](), "goodbye": reflect.TypeFor[goodbyeView](), "message": reflect.TypeFor[page.Notice](),
		"preferences": reflect.TypeFor[preferencesView](), "fresh": reflect.TypeFor[freshView](), "about": reflect.TypeFor[aboutView](),
		"vote": reflect.TypeFor[voteView](), "save": reflect.TypeFor[saveView](), "saved": reflect.TypeFor[savedView](),
		"links": reflect.TypeFor[linksView](), "embed": reflect.TypeFor[embedView](),
	}
}

// layout adds what is the same on every page.
func (s *server) layout(name string, c content) layout {
	if c.Form.Source == "" {
		c.Form.Source = name
	}
	if c.Canonical == "" && c.Path != "" {
		c.Canonical = s.Site.BaseURL + c.Path
	}
	return layout{content: c, Site: s.Site, Root: s.root, CSS: s.root + s.css.Path, Trap: trap, Wording: s.wording}
}

// writePage answers with a page that is for one visitor.
func (s *server) writePage(w http.ResponseWriter, status int, name string, c content) {
	s.kit.Write(w, status, name, s.layout(name, c))
}

// answer makes a page that is for everybody.
func (s *server) answer(name string, c content) (*page.Answer, error) {
	body, err := s.kit.Render(name, "layout", s.layout(name, c))
	if err != nil {
		return nil, err
	}
	return page.NewAnswer(page.HTML, keepShort, body), nil
}

// How long anyone may keep what is for everybody.
const (
	keepShort = "public, max-age=60"
	keepFeed  = "public, max-age=300"
	keepDay   = "public, max-age=86400"
)

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
func (b boutView) Link() string { return b.root + "/compare/" + b.Slug }
