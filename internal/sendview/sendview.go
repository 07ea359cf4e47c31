// Package sendview shows operators how a send goes: which editions there are,
// and of one how far it is, how fast, and who did not get it.
//
// The package promises that it changes nothing, that it has no script, and that
// it is cheap however often it is asked and however long the list is: what is
// counted is kept for at least a second and ten times as long as the counting
// took; counts by domain and lists of readers for at least ten seconds, unless
// they are quick. Everything comes from the
// records, so it holds whichever process sends. The pages show addresses and have
// no login: they answer on loopback only (see package loopback), and no browser
// keeps them.
package sendview

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/page"
	"verdicts.example/digest/subscribers"
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
	Info(ctx context.Context, edition int64) (delivery.SendInfo, error)
	delivery.Tallies
	List(ctx context.Context, edition int64, state delivery.State, after int64, limit int) ([]delivery.Delivery, error)
	NextDeferred(ctx context.Context, edition int64) (time.Time, error)
	RelayStands(ctx context.Context, edition int64, at time.Time) ([]delivery.RelayStand, error)
}

// Nodes are the processes that share the database; see node.Registry.
type Nodes interface {
	Nodes(ctx context.Context) ([]node.Node, error)
}

// Deps is what the pages work with.
type Deps struct {
	Editions  Editions
	Records   Records
	Nodes     Nodes          // the processes that share the database; nil: there are none
	Templates fs.FS          // holds pages/tokens.css
	Zone      *time.Location // that times are shown in
	// SignUps tells of a surge of sign-ups; nil: there is nobody to ask.
	SignUps func(context.Context) (subscribers.SurgeState, error)
	Logger  *slog.Logger
	Now     func() time.Time
}

type server struct {
	Deps
	watch    *Watcher
	pages    *page.Tool
	problems *kepts[problemKey, []delivery.Delivery]
}

// New makes the handler of GET / and GET /send/{week}.
func New(d Deps) (http.Handler, error) {
	s := &server{Deps: d, watch: NewWatcher(d.Records, d.Now), problems: newKepts[problemKey, []delivery.Delivery](d.Now, true)}
	var err error
	s.pages, err = page.NewTool(
		page.Sources{FS: ui, Shared: []string{"ui/parts.html"}, Pages: map[string]string{"list": "ui/list.html", "send": "ui/send.html"}, Funcs: funcs(d.Zone)},
		"/sendview.", []page.File{{FS: d.Templates, Name: "pages/tokens.css"}, {FS: ui, Name: "ui/sendview.css"}},
		page.Policy{}, d.Logger)
	if err != nil {
		return nil, fmt.Errorf("operators' pages: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /send/{week}", s.send)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		s.notice(w, http.StatusNotFound, "No such page", "The editions are on the first page.")
	})
	return loopback.Only(s.pages.Handler(mux)), nil
}

func (s *server) notice(w http.ResponseWriter, status int, heading, text string) {
	s.pages.Notice(w, status, page.Notice{Heading: heading, Text: text, Back: "/", BackTo: "All sends"})
}

// showError answers an error; the reader is the machine's operator, so it is told.
func (s *server) showError(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, edition.ErrNotFound):
		s.notice(w, http.StatusNotFound, "No such edition", err.Error())
	case r.Context().Err() != nil: // the browser has gone
	default:
		s.Logger.Error("the operators' page failed", "error", err)
		s.notice(w, http.StatusInternalServerError, "The records cannot be read", err.Error())
	}
}
