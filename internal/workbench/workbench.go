// Package workbench is the editors' desk in the browser: the mail as readers
// will get it in every kind of client, what is wrong with it and where, what an
// editor may change of it, and its approval.
//
// The package promises that a page changes nothing and builds anew, so that it
// shows what would go out now; that an approval is of what was shown, by its
// hash; that of two editors the second is told what the first has saved; and
// that a mail that is shown can run nothing: its frame has no scripts. It works
// without JavaScript, but for changes that show by themselves and for dragging.
// Who may come in is decided around it (see package loopback, and Deps.Who).
package workbench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"verdicts.example/digest/internal/check/caniemail"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/subscribers"
)

//go:embed ui
var ui embed.FS

// An Editor is who works at the desk.
type Editor struct {
	Name     string // an address, or the machine's user
	Mail     string // where a test mail goes; "" where it is not known
	ReadOnly bool   // a reviewer: looks, and changes nothing
}

// Deps is what the workbench works with.
type Deps struct {
	Desk      *desk.Desk
	Library   *library.Shelf
	Mails     func() (*render.Renderer, error) // the templates as they are now, for the other mails
	Templates func() (fs.FS, error)            // their sources, as they are now
	Watched   []string                         // folders and files whose change shows by itself
	Who       func(*http.Request) Editor
	Week      edition.Week // which / leads to; zero: the desk's
	Reader    string       // as whom the mail is shown at first; "": a made-up reader
	Base      string       // what the pages' addresses begin with: "", or "/desk"
	Zone      *time.Location
	Now       func() time.Time
	Logger    *slog.Logger
}

type server struct {
	Deps
	pages   *page.Tool
	support *caniemail.Data
	shown   *shown
	live    *live
}

// A Workbench is the editors' handler. Run keeps its pages up to date.
type Workbench struct {
	http.Handler
	live *live
}

// Run tells open pages of changes until ctx ends.
func (b *Workbench) Run(ctx context.Context) { b.live.run(ctx) }

// New makes the workbench. It guards nothing but against other sites' requests.
func New(d Deps) (*Workbench, error) {
	s := &server{Deps: d, shown: newShown()}
	var err error
	if s.support, err = caniemail.Load(); err != nil {
		return nil, err
	}
	if s.pages, err = s.tool(); err != nil {
		return nil, fmt.Errorf("workbench: %w", err)
	}
	s.live = newLive(d.Library, d.Watched, d.Logger)
	return &Workbench{http.NewCrossOriginProtection().Handler(s.pages.Handler(s.routes())), s.live}, nil
}

func (s *server) tool() (*page.Tool, error) {
	files, err := s.Templates()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, name := range []string{"week", "conflict", "changed", "comparison", "paste", "mail", "calendar"} {
		names[name] = "ui/" + name + ".html"
	}
	tool, err := page.NewTool(
		page.Sources{FS: ui, Shared: []string{"ui/shared.html"}, Pages: names, Funcs: template.FuncMap{"when": s.when, "slugOf": slugOfFile, "dict": func(a, b any) struct{ A, B any } { return struct{ A, B any }{a, b} }}},
		"/workbench.", []page.File{{FS: files, Name: "pages/tokens.css"}, {FS: ui, Name: "ui/workbench.css"}},
		page.Policy{Frame: "'self'", Form: "'self'"}, s.Logger)
	if err != nil {
		return nil, err
	}
	tool.At(s.Base)
	return tool, tool.Script("/workbench.", page.File{FS: ui, Name: "ui/workbench.js"})
}

// routes is the whole surface.
func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	look := func(pattern string, h handler) { mux.Handle("GET "+s.Base+pattern, s.handle(h)) }
	act := func(pattern string, h handler) { mux.Handle("POST "+s.Base+pattern, s.handle(s.writes(h))) }

	look("/{$}", s.start)
	look("/week/{week}", s.week)
	look("/week/{week}/frame", s.frame)
	look("/week/{week}/message.eml", s.message)
	act("/week/{week}/edits", s.saveEdits)
	act("/week/{week}/do", s.do)
	look("/calendar", s.calendar)
	look("/mails/{name}", s.mail)
	look("/mails/{name}/frame", s.mailFrame)
	look("/comparisons/{slug}", s.comparisonPage)
	act("/comparisons/{slug}", s.saveComparison)
	look("/paste", s.pastePage)
	act("/paste", s.paste)
	look("/events", s.events)
	return mux
}

type handler func(http.ResponseWriter, *http.Request) error

// handle turns a handler's error into a page.
func (s *server) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.showError(w, r, err)
		}
	})
}

// maxForm bounds a form in bytes: a pasted page is the largest.
const maxForm = 6 << 20

// writes refuses whoever may only look, and reads the form.
func (s *server) writes(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.Who(r).ReadOnly {
			return errReadOnly
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return fmt.Errorf("%w: %w", errForm, err)
		}
		return h(w, r)
	}
}

var (
	errReadOnly = errors.New("this link is read-only; the person who sent it can change the edition")
	errForm     = errors.New("the form cannot be read")
	errNoPage   = errors.New("there is no such page")
)

// showError answers with what went wrong.
func (s *server) showError(w http.ResponseWriter, r *http.Request, err error) {
	status, heading := http.StatusInternalServerError, "That did not work"
	for kind, as := range map[error]int{
		errReadOnly: http.StatusForbidden, errForm: http.StatusBadRequest, errNoPage: http.StatusNotFound, desk.ErrEmptyNote: http.StatusUnprocessableEntity,
		edition.ErrNoSlot: http.StatusNotFound, edition.ErrState: http.StatusConflict, edition.ErrNotBuilt: http.StatusConflict, edition.ErrNothing: http.StatusConflict,
		subscribers.ErrNotFound: http.StatusNotFound, library.ErrChanged: http.StatusConflict, library.ErrExists: http.StatusConflict, store.ErrBusy: http.StatusServiceUnavailable,
	} {
		if errors.Is(err, kind) {
			status = as
		}
	}
	if errors.Is(err, desk.ErrNoDatabase) {
		status, heading = http.StatusConflict, "There is no database yet"
		err = errors.New("a draft can be looked at without one, but not changed or approved; 'digest edition build' makes it, then open the desk again")
	}
	if status == http.StatusInternalServerError {
		s.Logger.Warn("a request to the workbench failed", "path", r.URL.Path, "error", err)
	}
	s.pages.Notice(w, status, page.Notice{Heading: heading, Text: err.Error(), Back: s.backTo(r), BackTo: "Back"})
}

// backTo is the page that a request belongs to.
func (s *server) backTo(r *http.Request) string {
	if week := r.PathValue("week"); week != "" {
		if w, err := edition.ParseWeek(week); err == nil {
			return s.Base + "/week/" + w.String()
		}
	}
	return s.Base + "/"
}

// start leads to the week that is meant.
func (s *server) start(w http.ResponseWriter, r *http.Request) error {
	week := s.Week
	if week.IsZero() {
		choice, err := s.Desk.DraftWeek(r.Context())
		if err != nil {
			return err
		}
		week = choice.Week
	}
	http.Redirect(w, r, s.Base+"/week/"+week.String(), http.StatusSeeOther)
	return nil
}

func (s *server) weekOf(r *http.Request) (edition.Week, error) {
	w, err := edition.ParseWeek(r.PathValue("week"))
	if err != nil {
		return w, fmt.Errorf("%w: %w", errNoPage, err)
	}
	return w, nil
}

// done leads back to a page, which says what was done.
func (s *server) done(w http.ResponseWriter, r *http.Request, path, what string) {
	at := s.Base + path
	if what != "" {
		at += "?" + url.Values{"done": {what}}.Encode()
	}
	http.Redirect(w, r, at, http.StatusSeeOther)
}

// when words an instant in the list's zone.
func (s *server) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.Zone).Format("Monday 2 January, 15:04 MST")
}
