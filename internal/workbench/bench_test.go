package workbench_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/internal/workbench"
	"verdicts.example/digest/subscribers"
	"verdicts.example/digest/templates"
)

// A bench is a workbench over a real folder, database and templates.
type bench struct {
	t      testing.TB
	url    string
	dir    string // of the comparisons
	data   string // of the database
	tpl    string // the operator's templates
	db     *sqlite.DB
	desk   *desk.Desk
	door   *editors.Service // nil: whoever comes is b.who
	outbox relay

	mu     sync.Mutex
	now    time.Time
	who    workbench.Editor
	roster editors.Roster
}

// relay is a mail server that takes everything.
type relay struct {
	mu   sync.Mutex
	sent []string // to whom
}

func (o *relay) SendOne(_ context.Context, env delivery.Envelope, _ []byte) delivery.Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, env.To)
	return delivery.Result{Phase: delivery.PhaseDot, Code: 250}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) as(e workbench.Editor) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.who = e
}

// editors are those of the settings as they are now.
func (b *bench) editors() editors.Roster {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.roster
}

func (b *bench) setEditors(addresses ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.roster = editors.NewRoster(addresses)
}

// newBench is the desk of 'digest preview'.
func newBench(t testing.TB, approvals int) *bench {
	return newBenchWith(t, approvals, func(_ *bench, d *workbench.Deps, _ string) func(http.Handler) http.Handler { return loopback.Only })
}

// newBenchWith makes a desk as change has it, which is told the server's URL and
// gives what goes around the handler.
func newBenchWith(t testing.TB, approvals int, change func(b *bench, d *workbench.Deps, url string) func(http.Handler) http.Handler) *bench {
	t.Helper()
	return newBenchOf(t, approvals, 5, change)
}

// newBenchOf features as many comparisons as most, where there are so many.
func newBenchOf(t testing.TB, approvals, most int, change func(b *bench, d *workbench.Deps, url string) func(http.Handler) http.Handler) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), tpl: t.TempDir(), data: t.TempDir(), now: friday, who: workbench.Editor{Name: "ada@example.com", Mail: "ada@example.com"}}
	b.setEditors("ada@example.com", "bob@example.com")
	files := must(filepath.Glob("../../comparisons/*.yaml"))
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(b.dir, filepath.Base(f)), must(os.ReadFile(f)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.db = must(sqlite.Open(t.Context(), filepath.Join(b.data, "digest.db")))
	t.Cleanup(func() { _ = b.db.Close() })
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	shelf := library.NewShelf(b.dir, log)
	site := render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: "https://digest.example.com", PostalAddress: "1 Example Street"}
	var parser render.Parser
	mails := func() (*render.Renderer, error) {
		files, err := templates.Overlay(b.tpl)
		if err != nil {
			return nil, err
		}
		return parser.Parse(files, site)
	}
	cal := must(schedule.New(must(schedule.ParseCron("0 12 * * FRI")), must(schedule.ParseCron("0 9 * * MON")), time.UTC, 36*time.Hour)).Calendar()
	readers := subscribers.New(b.db.Subscribers(), b.db.SignUps(), subscribers.Options{Now: b.clock})
	p := pipeline.New(pipeline.Parts{
		Settings: pipeline.Settings{
			Site: site, Headers: pipeline.Headers{From: mail.Address{Name: site.Name, Address: "verdicts@example.com"}}, Calendar: cal,
			Options: edition.Options{Max: most, Min: 1}, ApprovalRequired: true,
		},
		Library: func() (comparison.Library, error) {
			s, err := shelf.Refresh()
			return s.Library, err
		},
		Renderer: render.Reparsing(mails),
		Archive:  b.db.Editions(), Freezer: b.db.Deliveries(), Notices: b.db.Outbox(),
		Tagger: must(message.NewTagger(must(b.db.Secret(t.Context())))), Signer: must(message.NewSigner(b.clock)),
		Transport: pipeline.Transport{Single: &b.outbox},
		Now:       b.clock, Log: log,
	})
	b.desk = desk.New(desk.Parts{
		Pipeline: p, Editions: b.db.Editions(), Records: b.db.Deliveries(), Readers: readers, Book: b.db.Desk(), Aftermath: b.db.Figures(), Seen: b.db.Figures(), Reasons: b.db.LeaveReasons().Counts, Tallies: b.db.Votes().Tallies, Approvals: approvals, Roster: b.editors,
		Calendar: cal, CatchUp: 36 * time.Hour, Sender: "verdicts@example.com", Now: b.clock,
	})
	deps := workbench.Deps{
		Desk: b.desk, Library: shelf, Templates: func() (fs.FS, error) { return templates.Overlay(b.tpl) },
		Mails: mails,
		Site: func(address string, e edition.Edition, c edition.Build) (http.Handler, error) {
			return web.Ahead(web.Deps{
				Site: web.Site{Name: site.Name, BaseURL: address}, Templates: rendertest.Templates(), Library: shelf.Snapshot,
				Logger: log, Now: func() time.Time { return e.Slot },
			}, e, c)
		},
		Watched: []string{b.tpl}, Zone: time.UTC, Now: b.clock, Logger: log,
		Who: func(*http.Request) workbench.Editor {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.who
		},
	}
	srv := httptest.NewUnstartedServer(nil)
	b.url = "http://" + srv.Listener.Addr().String()
	around := change(b, &deps, b.url)
	h := must(workbench.New(deps))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { shelf.Run(ctx) })
	running.Go(func() { h.Run(ctx) })
	if b.door != nil {
		running.Go(func() { b.door.Run(ctx) })
	}
	srv.Config.Handler = around(h)
	srv.Start()
	t.Cleanup(func() {
		cancel()
		running.Wait()
		srv.CloseClientConnections()
		srv.Close()
	})
	return b
}

func (b *bench) get(path string) (*http.Response, string) {
	b.t.Helper()
	return b.ask(must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url+path, nil)))
}

func (b *bench) post(path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	req := must(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode())))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.ask(req)
}

func (b *bench) ask(req *http.Request) (*http.Response, string) {
	b.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp, string(must(io.ReadAll(resp.Body)))
}

// form reads the hidden values of the first form that posts to an address.
func form(body, action string) url.Values {
	v := url.Values{}
	_, body, _ = strings.Cut(body, `action="`+action+`"`)
	body, _, _ = strings.Cut(body, "</form>")
	for _, part := range strings.Split(body, "<input ")[1:] {
		tag, _, _ := strings.Cut(part, ">")
		if strings.Contains(tag, "checkbox") {
			continue
		}
		name, value := attribute(tag, "name"), attribute(tag, "value")
		v.Add(name, value)
	}
	return v
}

func attribute(tag, name string) string {
	_, rest, _ := strings.Cut(tag, " "+name+`="`)
	if strings.HasPrefix(tag, name+`="`) {
		rest = strings.TrimPrefix(tag, name+`="`)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#39;", "'", "&#34;", `"`, "&lt;", "<").Replace(value)
}
