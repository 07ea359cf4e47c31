package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/sendview"
	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
)

const serveLong = `Serve the site (sign-up, confirmation, unsubscription, archive, feeds), run the
scheduler, and send what is due, until SIGTERM or SIGINT: then what is in flight
is finished, and the exit code is 0.

With smtp.host mailbox, /mailbox shows what the built-in mail server got.

The address of 'metrics' has /metrics for Prometheus and, when it is a loopback
address, a page that follows the sends: it shows readers' addresses and has no
log-in. From elsewhere: ssh -L 9090:127.0.0.1:9090 HOST.`

// A service is everything that serve runs.
type service struct {
	db        *sqlite.DB
	desk      *desk.Desk
	log       *slog.Logger
	now       func() time.Time
	web       http.Handler
	metrics   http.Handler
	sends     http.Handler // the operators' page, for a loopback listener only
	list      *subscribers.Service
	courier   *courier.Courier
	scheduler *schedule.Scheduler
	pipeline  *pipeline.Pipeline
	shelf     *library.Shelf
	feed      *library.Poller // nil: no feed is set
	trusted   []netip.Prefix  // proxies
}

func newServeCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the site, the scheduler and the sender",
		Long:  serveLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.serving = true
			s, err := a.service(cmd.Context())
			if err != nil {
				return err
			}
			return a.serve(cmd.Context(), s)
		},
	}
}

// service makes all the parts of serve.
func (a *app) service(ctx context.Context) (*service, error) {
	w, err := a.wire()
	if err != nil {
		return nil, err
	}
	for _, warning := range append(w.cfg.Warnings(), w.sched.Warnings()...) {
		w.log.Warn(warning)
	}
	db, err := w.database(ctx, makesDatabase)
	if err != nil {
		return nil, err
	}
	renderer, err := w.renderer()
	if err != nil {
		return nil, err
	}
	parts, err := w.parts(ctx, db, renderer)
	if err != nil {
		return nil, err
	}
	dialer, err := w.dialer(ctx)
	if err != nil {
		return nil, err
	}
	var s *service
	count := metrics.New(metricsBuild(), func(ctx context.Context) (metrics.State, error) { return s.state(ctx) })
	const never = 0 // serve has time: it tries until the server is back
	if parts.Transport, err = w.transport(db, dialer, count.Relay(dialer), never); err != nil {
		return nil, err
	}
	p := pipeline.New(parts)
	s = &service{db: db, log: w.log, list: w.readers(db, count.Unsubscribed), now: a.now, pipeline: p, shelf: w.shelf, feed: w.poller(), trusted: w.cfg.Signup.TrustedProxies}
	if s.desk, err = w.desk(db, p); err != nil {
		return nil, err
	}
	s.scheduler = schedule.NewScheduler(w.sched, db.Schedule(), p, w.log, a.now)
	s.courier = courier.New(courier.Parts{
		Outbox: db.Outbox(), Renderer: renderer, Dialer: count.Relay(dialer), Sessions: parts.Transport.Pacing.Connections, Signer: parts.Signer, Now: a.now, Log: w.log,
		Sheet: courier.Sheet{
			From: w.headers.From, ReplyTo: w.headers.ReplyTo, BaseURL: w.site.BaseURL,
			Zone: w.sched.Zone(), Next: nextSend(w.sched),
		},
	})
	s.metrics = count.Handler()
	if s.sends, err = w.sendPages(db); err != nil {
		return nil, err
	}
	if s.web, err = w.webHandler(s, count); err != nil {
		return nil, err
	}
	return s, s.warn(ctx, w.cfg.ReadyForReaders())
}

// warn says at the start what keeps mail from going out.
func (s *service) warn(ctx context.Context, unready error) error {
	if unready != nil {
		s.log.Warn("the settings are still an example's: no sign-ups are taken and no readers are mailed", "why", unready)
	}
	list, err := s.desk.Editions(ctx)
	for _, e := range list {
		if e.State == edition.Sending && e.PauseReason != "" {
			s.log.Warn("an edition's send is paused; 'digest resume' goes on", "week", e.Week.String(), "reason", e.PauseReason)
		}
	}
	return err
}

// ready says why the service is not up to its work: the database is gone, locked
// or full, the scheduler has stopped, or the sender hangs.
func (s *service) ready(ctx context.Context) error {
	err := s.scheduler.Health()
	if errors.Is(err, schedule.ErrClockBack) {
		err = fmt.Errorf("%w; if the clock is right now, 'digest schedule reset-clock' goes on", err)
	}
	return errors.Join(s.db.Ping(ctx), err, s.pipeline.Health())
}

func nextSend(s *schedule.Schedule) func(time.Time) time.Time {
	return func(after time.Time) time.Time {
		if next := s.Next(after, 1); len(next) > 0 {
			return next[0].At
		}
		return time.Time{}
	}
}

func metricsBuild() metrics.Build {
	b := thisBuild()
	return metrics.Build{Version: b.Version, Commit: b.Commit, Go: b.Go}
}

// webHandler is the public site, and the mailbox's pages while it is the mail
// server.
func (w *wiring) webHandler(s *service, rec web.Recorder) (http.Handler, error) {
	cfg := w.cfg
	files, err := w.templates()
	if err != nil {
		return nil, err
	}
	next := nextSend(w.sched)
	d := web.Deps{
		Site:      web.Site{Name: cfg.Site.Name, BaseURL: cfg.Site.BaseURL, PostalAddress: cfg.Site.PostalAddress, Location: w.sched.Zone()},
		Templates: files,
		List:      w.siteList(s.list),
		Editions:  s.db.Editions(),
		Library:   s.shelf.Snapshot,
		NextSend:  func() time.Time { return next(w.app.now()) },
		Ready:     s.ready,
		Recorder:  rec,
		Logger:    w.log,
		Now:       w.app.now,
		Limits: web.Limits{
			Address: cfg.Signup.PerAddress, Network: cfg.Signup.PerNetwork, Domain: cfg.Signup.PerDomain,
			All: cfg.Signup.PerHour, Guesses: cfg.Signup.Guesses,
		},
		TrustedProxies: cfg.Signup.TrustedProxies,
		AllowedOrigins: cfg.Signup.AllowedOrigins,
	}
	if cfg.UsesMailbox() {
		pages, err := mailbox.Handler(mailboxDir(cfg), w.log)
		if err != nil {
			return nil, err
		}
		d.Mailbox = loopback.Near(pages) // it shows readers' links
	}
	return web.New(d)
}

// siteList is the list as the site has it: while the settings are an example's it
// takes no sign-ups, because no confirmation would reach anybody.
func (w *wiring) siteList(list web.List) web.List {
	if w.cfg.ReadyForReaders() == nil {
		return list
	}
	return closedList{list}
}

type closedList struct{ web.List }

func (closedList) SignUp(context.Context, subscribers.SignUp) error {
	return fmt.Errorf("%w: %w", store.ErrBusy, pipeline.ErrUnready)
}

// state is how the service stands, for the metrics.
func (s *service) state(ctx context.Context) (metrics.State, error) {
	out := metrics.State{Deliveries: map[string]int{}, LastTick: s.scheduler.LastTick(), Now: s.now()}
	list, err := s.desk.Editions(ctx)
	if err != nil {
		return out, err
	}
	for _, e := range list {
		if e.State == edition.Sending && e.PauseReason != "" {
			out.Paused++
		}
	}
	if out.Outbox, out.Oldest, err = s.db.Outbox().Waiting(ctx); err != nil {
		return out, err
	}
	latest, ok := desk.LatestSend(list)
	if !ok {
		return out, nil
	}
	_, counts, err := s.desk.Standing(ctx, latest.Week)
	for state, n := range counts {
		out.Deliveries[delivery.State(state).String()] = int(n)
	}
	return out, err
}

const (
	processEvery = 300 * time.Millisecond // how soon a sign-up is decided on
	shutdownTime = 15 * time.Second       // for requests under way
)

// serve opens the listeners and runs the service on them.
func (a *app) serve(ctx context.Context, s *service) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	ln, err := listen("listen", cfg.Listen)
	if err != nil {
		return err
	}
	var lm net.Listener
	if cfg.Metrics != "" {
		if lm, err = listen("metrics", cfg.Metrics); err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	url := "http://" + ln.Addr().String()
	a.say("serving %s on %s", cfg.Site.BaseURL, url)
	if cfg.UsesMailbox() {
		a.say("mail goes to the built-in mailbox: %s/mailbox", url)
	}
	if lm != nil && loopback.Is(lm.Addr()) {
		a.say("how sends go, for operators: http://%s/", lm.Addr())
	}
	return s.run(ctx, ln, lm)
}

// run serves until ctx ends, then finishes what is in flight. A nil listener
// leaves the metrics out.
func (s *service) run(ctx context.Context, ln, lm net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	s.http(ctx, g, ln, s.web)
	if lm != nil {
		s.http(ctx, g, lm, s.operators(lm.Addr()))
	}
	g.Go(func() error { s.shelf.Run(ctx); return nil })
	g.Go(func() error { return s.processSignUps(ctx) })
	g.Go(func() error { return s.courier.Run(ctx) })
	g.Go(func() error { return s.pipeline.Run(ctx) })
	s.schedule(ctx, g)
	err := g.Wait()
	s.log.Info("stopped")
	return err
}

// operators is what the metrics listener serves. The pages have no log-in, so
// only this machine gets them.
func (s *service) operators(addr net.Addr) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", s.metrics)
	if loopback.Is(addr) {
		mux.Handle("/", s.sends)
	} else {
		s.log.Warn("other machines can reach the metrics' address, so the operators' page is not served there; set metrics to 127.0.0.1:9090 for it",
			"metrics", addr.String())
	}
	return mux
}

// sendPages are the operators' pages.
func (w *wiring) sendPages(db *sqlite.DB) (http.Handler, error) {
	files, err := w.templates()
	if err != nil {
		return nil, err
	}
	return sendview.New(sendview.Deps{
		Editions: db.Editions(), Records: db.Deliveries(), Templates: files, Zone: w.sched.Zone(), Logger: w.log, Now: w.app.now,
	})
}

// schedule runs the scheduler. Where there is a feed, it is asked first, so that
// a send that is due at the start has the feed's newest.
func (s *service) schedule(ctx context.Context, g *errgroup.Group) {
	ready := make(chan struct{})
	if s.feed == nil {
		close(ready)
	} else {
		g.Go(func() error { s.feed.Run(ctx, func() { close(ready) }); return nil })
	}
	g.Go(func() error {
		<-ready
		s.scheduler.Run(ctx)
		return nil
	})
}

// listen opens a listener; a port in use is an error that says which setting.
func listen(setting, addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: %w; is another digest running? --set %s=127.0.0.1:0 takes a free port", setting, err, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; --set %s=HOST:PORT names an address of this machine that this user may use", setting, err, setting)
	}
	return ln, nil
}

// http serves a handler until ctx ends, then lets requests finish.
func (s *service) http(ctx context.Context, g *errgroup.Group, ln net.Listener, h http.Handler) {
	srv := web.NewServer(ln.Addr().String(), h, s.trusted, s.log)
	g.Go(func() error {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		if err := srv.Shutdown(late); err != nil {
			return srv.Close()
		}
		return nil
	})
}

// processSignUps decides on queued sign-ups, apart from the requests that
// brought them, so that an answer's time tells nothing.
func (s *service) processSignUps(ctx context.Context) error {
	for {
		n, err := s.list.Process(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("sign-ups", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(processEvery):
		}
	}
}
