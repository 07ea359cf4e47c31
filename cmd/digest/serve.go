package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/sendview"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
	"verdicts.example/digest/templates"
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
	log       *slog.Logger
	web       http.Handler
	metrics   http.Handler
	sends     http.Handler // the operators' page, for a loopback listener only
	list      *subscribers.Service
	courier   *courier.Courier
	scheduler *schedule.Scheduler
	pipeline  *pipeline.Pipeline
	shelf     *library.Shelf
	feed      *library.Poller // nil: no feed is set
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
	p, err := a.sender(ctx)
	if err != nil {
		return nil, err
	}
	p.Transport.Pacing.GiveUp = 0 // serve has time: it tries until the server is back
	cfg := a.cfg
	log := a.logger(cfg)
	sched, err := a.schedule()
	if err != nil {
		return nil, err
	}
	for _, w := range sched.Warnings() {
		log.Warn(w)
	}
	list, err := a.list(ctx)
	if err != nil {
		return nil, err
	}
	s := &service{log: log, list: list, pipeline: p, shelf: a.shelf(cfg)}
	if s.feed, err = a.poller(sched); err != nil {
		return nil, err
	}
	s.scheduler = schedule.NewScheduler(sched, a.db, p, log, a.now)
	s.courier = courier.New(courier.Parts{
		Outbox: a.db, Renderer: p.Renderer, Sender: p.Transport.Single, Signer: p.Signer, Now: a.now, Log: log,
		Sheet: courier.Sheet{
			From: p.Settings.Headers.From, ReplyTo: p.Settings.Headers.ReplyTo, BaseURL: cfg.Site.BaseURL,
			Zone: p.Settings.Calendar.Zone, Next: nextSend(sched),
		},
	})
	count := metrics.New(metricsBuild(), a.deliveryGauge)
	s.metrics = count.Handler()
	if s.sends, err = a.sendPages(sched.Zone()); err != nil {
		return nil, err
	}
	s.web, err = a.webHandler(s, sched, count)
	return s, err
}

// ready says why the service is not up to its work: the database does not
// answer, or the scheduler has stopped.
func (s *service) ready(db *sqlite.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		err := s.scheduler.Health()
		if errors.Is(err, schedule.ErrClockBack) {
			err = fmt.Errorf("%w; if the clock is right now, 'digest schedule reset-clock' goes on", err)
		}
		return errors.Join(db.Ping(ctx), err)
	}
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
func (a *app) webHandler(s *service, sched *schedule.Schedule, rec web.Recorder) (http.Handler, error) {
	cfg := a.cfg
	files, err := templates.Overlay(cfg.Templates)
	if err != nil {
		return nil, err
	}
	next := nextSend(sched)
	h, err := web.New(web.Deps{
		Site:           web.Site{Name: cfg.Site.Name, BaseURL: cfg.Site.BaseURL, PostalAddress: cfg.Site.PostalAddress, Location: sched.Zone()},
		Templates:      files,
		List:           s.list,
		Editions:       a.db.Editions(),
		Library:        s.shelf.Snapshot,
		NextSend:       func() time.Time { return next(a.now()) },
		Ready:          s.ready(a.db),
		Recorder:       rec,
		Logger:         s.log,
		Now:            a.now,
		TrustedProxies: cfg.Signup.TrustedProxies,
		AllowedOrigins: cfg.Signup.AllowedOrigins,
	})
	if err != nil || !cfg.UsesMailbox() {
		return h, err
	}
	mux := http.NewServeMux()
	pages := loopback.Near(mailbox.Handler(mailboxDir(cfg))) // it shows readers' links
	mux.Handle("/mailbox", pages)
	mux.Handle("/mailbox/", pages)
	mux.Handle("/", h)
	return mux, nil
}

// deliveryGauge is the latest edition's deliveries by state.
func (a *app) deliveryGauge(ctx context.Context) (map[string]int, error) {
	list, err := a.db.Editions().List(ctx)
	if err != nil {
		return nil, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		if !list[i].Frozen() {
			continue
		}
		c, err := a.db.DeliveryCounts(ctx, list[i].ID)
		if err != nil {
			return nil, err
		}
		return deliveryCounts(c), nil
	}
	return map[string]int{}, nil
}

const (
	processEvery = 300 * time.Millisecond // how soon a sign-up is decided on
	shutdownTime = 15 * time.Second       // for requests under way
)

// serve opens the listeners and runs the service on them.
func (a *app) serve(ctx context.Context, s *service) error {
	ln, err := listen("listen", a.cfg.Listen)
	if err != nil {
		return err
	}
	var lm net.Listener
	if a.cfg.Metrics != "" {
		if lm, err = listen("metrics", a.cfg.Metrics); err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	url := "http://" + ln.Addr().String()
	a.say("serving %s on %s", a.cfg.Site.BaseURL, url)
	if a.cfg.UsesMailbox() {
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
func (a *app) sendPages(zone *time.Location) (http.Handler, error) {
	files, err := templates.Overlay(a.cfg.Templates)
	if err != nil {
		return nil, err
	}
	return sendview.New(sendview.Deps{
		Editions: a.db.Editions(), Records: a.db, Templates: files, Zone: zone, Logger: a.logger(a.cfg), Now: a.now,
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
	srv := web.NewServer(ln.Addr().String(), h, s.log)
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
