// Package workbench is the editors' desk in the browser: the mail as readers
// will get it in every kind of client, what is wrong with it and where, what an
// editor may change of it, and its approval.
//
// The package promises that a page changes nothing and builds anew, so that it
// shows what would go out now; that an approval is of what was shown, by its
// hash; that of two editors the second is told what the first has saved; and
// that a mail that is shown can run nothing: its frame has no scripts. It works
// without JavaScript, but for changes that show by themselves and for dragging.
// Who comes in is decided around it where Deps.Who says so (package loopback); in
// serve it is behind the editors' login (Deps.Door): without it there is no page
// but the login's own.
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
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/check/caniemail"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/spelling"
)

//go:embed ui
var ui embed.FS

// An Editor is who works at the desk.
type Editor struct {
	Name     string       // an address, or the machine's user
	Mail     string       // where a test mail goes; "" where it is not known
	ReadOnly bool         // a reviewer: looks, and changes nothing
	Week     edition.Week // the only one that a reviewer sees
	session  int64        // in serve, of an editor
}

// Deps is what the workbench works with.
type Deps struct {
	Desk      *desk.Desk
	Library   *library.Shelf
	Mails     func() (*render.Renderer, error) // the templates as they are now, for the other mails
	Templates func() (fs.FS, error)            // their sources, as they are now
	// Site makes the public pages as they will be once an edition with this content is
	// out, at this address; nil: they are not shown.
	Site     func(address string, e edition.Edition, b edition.Build) (http.Handler, error)
	Watched  []string                   // folders and files whose change shows by itself
	Standing func() Standing            // how the settings' file stands against what is in use; nil: nobody knows
	Who      func(*http.Request) Editor // where there is no Door
	Door     *Door                      // how editors log in; nil: whoever comes is the editor
	Week     edition.Week               // which / leads to; zero: the desk's
	Reader   string                     // as whom the mail is shown at first; "": a made-up reader
	Base     string                     // what the addresses begin with that the pages name: "", or "/desk"; the handler is reached without it
	Zone     *time.Location
	Now      func() time.Time
	Logger   *slog.Logger
}

// A Standing is how the settings' file stands against what is in use.
type Standing struct {
	Err     error    // the file as it is now cannot be used; what was read last is in use
	Waiting []string // settings, and files of templates, that a restart takes
	Restart string   // of what: "serve"
}

type server struct {
	Deps
	pages   *page.Tool
	support *caniemail.Data
	shown   *shown
	sites   *sites
	samples *samples
	live    *live
	limits  limits
}

// A Workbench is the editors' handler. Run keeps its pages up to date.
type Workbench struct {
	server *server
	now    atomic.Pointer[generation]
}

// A generation is the handler over the settings as they were read once.
type generation struct {
	http.Handler
	standing func() Standing
}

// Run tells open pages of changes until ctx ends.
func (b *Workbench) Run(ctx context.Context) { b.server.live.run(ctx) }

// ServeHTTP serves the pages, over the settings as they are now.
func (b *Workbench) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if standing := b.now.Load().standing; standing != nil {
		standing() // which may call Use
	}
	b.now.Load().ServeHTTP(w, r)
}

// New makes the workbench. It guards nothing but against other sites' requests.
func New(d Deps) (*Workbench, error) {
	s := &server{Deps: d, shown: newShown(), sites: newSites(), samples: &samples{good: map[string]render.Rendered{}}, limits: newLimits(), live: newLive(d.Library, d.Watched, d.Logger)}
	var err error
	if s.support, err = caniemail.Load(); err != nil {
		return nil, err
	}
	b := &Workbench{server: s}
	return b, b.use(s)
}

// Use has the pages work with other parts from now on, made of other settings:
// desk, templates, zone. What was shown is remembered, and open pages go on. The
// library, the door and the base stay those of New.
func (b *Workbench) Use(d Deps) error {
	was := b.server
	d.Library, d.Door, d.Base = was.Library, was.Door, was.Base
	if err := b.use(&server{Deps: d, shown: was.shown, sites: newSites(), samples: was.samples, limits: was.limits, live: was.live, support: was.support}); err != nil {
		return err
	}
	was.live.watch(d.Watched)
	return nil
}

func (b *Workbench) use(s *server) error {
	var err error
	if s.pages, err = s.tool(); err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	protect, err := s.Door.protection()
	if err != nil {
		return fmt.Errorf("workbench: %w", err)
	}
	protect.SetDenyHandler(s.pages.Handler(s.foreign()))
	b.now.Store(&generation{protect.Handler(s.pages.Handler(s.routes())), s.Standing})
	return nil
}

func (s *server) tool() (*page.Tool, error) {
	files, err := s.Templates()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, name := range []string{"week", "conflict", "changed", "comparison", "paste", "mail", "calendar", "login", "asked", "enter", "sessions", "share", "approve", "outcome", "failed", "spot"} {
		names[name] = "ui/" + name + ".html"
	}
	tool, err := page.NewTool(
		page.Sources{FS: ui, Shared: []string{"ui/shared.html"}, Pages: names, Funcs: template.FuncMap{"when": s.when, "slugOf": slugOfFile, "thousands": spelling.Thousands, "capital": capital, "dict": func(a, b any) struct{ A, B any } { return struct{ A, B any }{a, b} }}},
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
	look := func(pattern string, h handler) { mux.Handle("GET "+pattern, s.handle(s.inside(editorsOnly, h))) }
	review := func(pattern string, h handler) { mux.Handle("GET "+pattern, s.handle(s.inside(reviewersToo, h))) }
	act := func(pattern string, h handler) {
		mux.Handle("POST "+pattern, s.handle(s.inside(editorsOnly, s.writes(h))))
	}

	review("/{$}", s.start)
	review("/week/{week}", s.week)
	review("/week/{week}/frame", s.frame)
	review("/week/{week}/site/{path...}", s.site)
	review("/events", s.events)
	look("/week/{week}/message.eml", s.message)
	act("/week/{week}/edits", s.saveEdits)
	act("/week/{week}/do", s.do)
	look("/week/{week}/edits", s.toWeek) // after a reload, or from the browser's history
	look("/week/{week}/do", s.toWeek)
	look("/week/{week}/spot", s.spot)
	look("/alive", s.isAlive)
	look("/approve/{week}/{hash}", s.approvePage)
	look("/calendar", s.calendar)
	look("/outcome", s.outcome)
	look("/mails/{name}", s.mail)
	look("/mails/{name}/frame", s.mailFrame)
	act("/mails/{name}", s.testOther)
	look("/comparisons/{slug}", s.comparisonPage)
	act("/comparisons/{slug}", s.saveComparison)
	look("/paste", s.pastePage)
	act("/paste", s.paste)
	mux.Handle("/", s.handle(s.inside(reviewersToo, func(http.ResponseWriter, *http.Request) error { return errNoPage })))
	if s.Door != nil {
		s.doorRoutes(mux)
		look("/sessions", s.sessions)
		act("/sessions", s.endSession)
		act("/logout", s.logOut)
		act("/week/{week}/share", s.share)
	}
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

// writes reads the form.
func (s *server) writes(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		var large *http.MaxBytesError
		switch err := r.ParseForm(); {
		case errors.As(err, &large):
			return errLarge
		case err != nil:
			return fmt.Errorf("%w: %w", errForm, err)
		}
		return h(w, r)
	}
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
	if who := s.who(r); who.ReadOnly && !who.Week.IsZero() {
		week = who.Week
	}
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

// desk is the desk of who asks.
func (s *server) desk(r *http.Request) *desk.Desk { return s.Desk.By(s.who(r).Name) }

func (s *server) weekOf(r *http.Request) (edition.Week, error) {
	w, err := edition.ParseWeek(r.PathValue("week"))
	if err != nil {
		return w, fmt.Errorf("%w: %w", errNoPage, err)
	}
	return w, nil
}

// done leads back to a page, which says what was done, at the place of what was
// acted on (an element's id) and in the way in which the page was looked at.
func (s *server) done(w http.ResponseWriter, r *http.Request, path, what, place string) {
	q := looked(r.PostForm)
	if what != "" {
		q.Set("done", what)
	}
	to := url.URL{Path: s.Base + path, RawQuery: q.Encode(), Fragment: place}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// toWeek leads from the address of a week's forms to its page.
func (s *server) toWeek(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, s.backTo(r), http.StatusSeeOther)
	return nil
}

// isAlive tells a page that it can send what was typed: the desk is there, and its
// editor is logged in.
func (s *server) isAlive(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// foreign answers what another site's page has a browser send.
func (s *server) foreign() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", s.handle(func(http.ResponseWriter, *http.Request) error { return errForeign }))
	return mux
}

// when words an instant in the list's zone.
func (s *server) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.Zone).Format("Monday 2 January, 15:04 MST")
}
