// Package sendview shows operators how a send goes: which editions there are,
// and of one how far it is, how fast, and who did not get it.
//
// The package promises that it changes nothing, that it has no script, and that
// it is cheap however often it is asked and however long the list is: what is
// counted is kept for at least a second and ten times as long as the counting
// took; counts by domain and lists of readers for at least ten seconds, unless
// they are quick. Everything comes from the
// records, so it holds whichever process sends. The pages show addresses and have
// no log-in: they answer on loopback only (see package loopback), and no browser
// keeps them.
package sendview

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
)

//go:embed ui
var ui embed.FS

// Editions are the recorded editions.
type Editions interface {
	// Find fails with edition.ErrNotFound.
	Find(ctx context.Context, w edition.Week) (edition.Edition, error)
	// List gives all, the oldest first.
	List(ctx context.Context) ([]edition.Edition, error)
}

// Records are the deliveries as recorded; see delivery.Records.
type Records interface {
	SendInfo(ctx context.Context, edition int64) (delivery.SendInfo, error)
	DeliveryCounts(ctx context.Context, edition int64) (delivery.Counts, error)
	DeliveryDomains(ctx context.Context, edition int64, limit int) ([]delivery.DomainCounts, error)
	DeliveriesIn(ctx context.Context, edition int64, state delivery.State, after int64, limit int) ([]delivery.Delivery, error)
	NextDeferred(ctx context.Context, edition int64) (time.Time, error)
}

// Deps is what the pages work with.
type Deps struct {
	Editions  Editions
	Records   Records
	Templates fs.FS          // holds pages/tokens.css
	Zone      *time.Location // that times are shown in
	Logger    *slog.Logger
	Now       func() time.Time
}

type server struct {
	Deps
	watch    *Watcher
	pages    *template.Template
	css      []byte
	cssPath  string // holds the content's hash, so that it may be kept
	problems *kepts[problemKey, []delivery.Delivery]
}

// New makes the handler of GET / and GET /send/{week}.
func New(d Deps) (http.Handler, error) {
	s := &server{Deps: d, watch: NewWatcher(d.Records, d.Now), problems: newKepts[problemKey, []delivery.Delivery](d.Now, true)}
	var err error
	if s.pages, err = template.New("ui").Funcs(funcs(d.Zone)).ParseFS(ui, "ui/*.html"); err != nil {
		return nil, fmt.Errorf("operators' pages: %w", err)
	}
	tokens, err := fs.ReadFile(d.Templates, "pages/tokens.css")
	if err != nil {
		return nil, fmt.Errorf("operators' style sheet: %w", err)
	}
	own, err := fs.ReadFile(ui, "ui/sendview.css")
	if err != nil {
		return nil, fmt.Errorf("operators' style sheet: %w", err)
	}
	s.css = append(tokens, own...)
	sum := sha256.Sum256(s.css)
	s.cssPath = "/sendview." + hex.EncodeToString(sum[:6]) + ".css"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /send/{week}", s.send)
	mux.HandleFunc("GET "+s.cssPath, s.style)
	mux.HandleFunc("GET /", s.missing)
	return loopback.Only(mux), nil
}

// page is what the layout shows around a view.
type page struct {
	Title   string
	View    string // the template
	CSS     string
	Refresh int // seconds until the page asks for itself again; 0: not
	Data    any
}

func (s *server) write(w http.ResponseWriter, status int, p page) {
	p.CSS = s.cssPath
	var b strings.Builder
	if err := s.pages.ExecuteTemplate(&b, "layout", p); err != nil {
		s.Logger.Error("the operators' page failed", "view", p.View, "error", err)
		http.Error(w, "The page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	header(w, "text/html", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String()))
}

func (s *server) style(w http.ResponseWriter, _ *http.Request) {
	header(w, "text/css", "private, max-age=31536000, immutable")
	_, _ = w.Write(s.css)
}

func header(w http.ResponseWriter, contentType, cache string) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Content-Type", contentType+"; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", cache)
}

// notice is a page with a message only.
type notice struct{ Heading, Text string }

func (s *server) missing(w http.ResponseWriter, _ *http.Request) {
	s.write(w, http.StatusNotFound, page{Title: "No such page", View: "notice", Data: notice{"No such page", "The editions are on the first page."}})
}

// fail answers an error; the reader is the machine's operator, so it is told.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, edition.ErrNotFound):
		s.write(w, http.StatusNotFound, page{Title: "No such edition", View: "notice", Data: notice{"No such edition", err.Error()}})
	case r.Context().Err() != nil: // the browser has gone
	default:
		s.Logger.Error("the operators' page failed", "error", err)
		s.write(w, http.StatusInternalServerError, page{Title: "Not readable", View: "notice", Data: notice{"The records cannot be read", err.Error()}})
	}
}
