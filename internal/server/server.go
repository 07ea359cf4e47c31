// Package server is what runs together in serve: the site, the sign-ups, the
// courier, the scheduler and the sender, and the listener for operators.
//
// The package promises that everything it starts ends with the context, after
// what is in flight is finished; that a send that is due at the start has the
// feed's newest comparisons; and that the operators' page, which has no login,
// is served to this machine only.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
)

const (
	processEvery = 300 * time.Millisecond // how soon a sign-up is decided on
	shutdownTime = 15 * time.Second       // for requests under way
)

// Records are what the database says of itself and of the outbox.
type Records interface {
	// Ping reports whether the database can be read and written.
	Ping(ctx context.Context) error
	// Waiting counts the outbox's events that wait, and says since when.
	Waiting(ctx context.Context) (n int, since time.Time, err error)
	// Tallies counts the mails that came back since then.
	Tallies(ctx context.Context, since time.Time) ([]inbound.Tally, error)
}

// Parts are what runs.
type Parts struct {
	Desk      *desk.Desk
	Records   Records
	List      *subscribers.Service
	Courier   *courier.Courier
	Scheduler *schedule.Scheduler
	Pipeline  *pipeline.Pipeline
	Shelf     *library.Shelf
	Feed      *library.Poller // nil: no feed is set
	Mail      MailServer      // what comes back; nil when there is no listener for it
	// Background runs beside the pages, Ways with what comes back, and Upkeep beside the
	// scheduler; each ends with its context.
	Background []func(context.Context)
	Ways       []func(context.Context)
	Upkeep     []func(context.Context)
	Roles      []string                         // what of it runs; none: all
	Stand      func() (*metrics.Backups, error) // how backups are; nil where none are scheduled
	Unready    error                            // why no readers are mailed; nil when they are
	Trusted    []netip.Prefix                   // proxies
	Log        *slog.Logger
	Now        func() time.Time
}

// A MailServer answers on the listener for mail until its context ends.
type MailServer interface {
	Serve(ctx context.Context, ln net.Listener) error
}

// Listeners are what serve listens on; only Site is needed.
type Listeners struct {
	Site      net.Listener
	Operators net.Listener // for the pages that only operators may see, and metrics
	Mail      net.Listener // for what comes back
}

// A Server runs its parts.
type Server struct{ in Parts }

// New makes a server.
func New(p Parts) *Server { return &Server{in: p} }

// Pages are what the listeners serve.
type Pages struct {
	Site      http.Handler
	Metrics   http.Handler
	Operators http.Handler
}

// Run serves until ctx ends, then finishes what is in flight.
func (s *Server) Run(ctx context.Context, pages Pages, on Listeners) error {
	g, ctx := errgroup.WithContext(ctx)
	s.serve(ctx, g, on.Site, s.site(pages.Site))
	if on.Operators != nil {
		s.serve(ctx, g, on.Operators, s.operators(pages, on.Operators.Addr()))
	}
	s.work(ctx, g, on)
	err := g.Wait()
	s.in.Log.Info("stopped")
	return err
}

// work runs what the node's roles say.
func (s *Server) work(ctx context.Context, g *errgroup.Group, on Listeners) {
	beside := func(runs ...func(context.Context)) {
		for _, run := range runs {
			g.Go(func() error { run(ctx); return nil })
		}
	}
	if s.has(Inbound) {
		beside(s.in.Ways...)
		if on.Mail != nil {
			g.Go(func() error { return s.in.Mail.Serve(ctx, on.Mail) })
		}
	}
	if s.has(Web) || s.has(Schedule) { // who only sends needs no comparisons
		beside(s.in.Shelf.Run)
	}
	if s.has(Web) {
		beside(s.in.Background...)
		g.Go(func() error { return s.processSignUps(ctx) })
	}
	if s.has(Courier) {
		g.Go(func() error { return s.in.Courier.Run(ctx) })
	}
	if s.has(Send) {
		g.Go(func() error { return s.in.Pipeline.Run(ctx) })
	}
	if s.has(Schedule) {
		beside(s.in.Upkeep...)
		s.schedule(ctx, g)
	}
}

// How much the heap may grow between two collections, in percent of what is in use.
const (
	// ServeGrowth: visitors who trickle thousands of requests decide how much is in
	// use, and a send costs about a hundredth more.
	ServeGrowth = 50
	// ImportGrowth: a million rows in less than 64 MiB, for a fifth more time of a CPU.
	ImportGrowth = 25
)

// CollectOften makes the garbage collector let the heap grow by so many percent of what
// is in use in place of doubling it. A GOGC of the operator's counts.
func CollectOften(percent int) {
	if was := debug.SetGCPercent(percent); was != 100 {
		debug.SetGCPercent(was)
	}
}

// operators is what the listener for operators serves.
func (s *Server) operators(pages Pages, addr net.Addr) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", pages.Metrics)
	if loopback.Is(addr) {
		mux.Handle("/", pages.Operators)
	} else {
		s.in.Log.Warn("other machines can reach the metrics' address, so the operators' page is not served there; set metrics to 127.0.0.1:9090 for it",
			"metrics", addr.String())
	}
	return mux
}

// schedule runs the scheduler. Where there is a feed, it is asked first.
func (s *Server) schedule(ctx context.Context, g *errgroup.Group) {
	ready := make(chan struct{})
	if s.in.Feed == nil {
		close(ready)
	} else {
		g.Go(func() error { s.in.Feed.Run(ctx, func() { close(ready) }); return nil })
	}
	g.Go(func() error {
		<-ready
		s.in.Scheduler.Run(ctx)
		return nil
	})
}

// serve answers on a listener until ctx ends, then lets requests finish.
func (s *Server) serve(ctx context.Context, g *errgroup.Group, ln net.Listener, h http.Handler) {
	srv := web.NewServer(ln.Addr().String(), h, s.in.Trusted, s.in.Log)
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
func (s *Server) processSignUps(ctx context.Context) error {
	for {
		began := time.Now()
		n, err := s.in.List.Process(ctx)
		if err != nil && ctx.Err() == nil {
			s.in.Log.Error("can't decide on the sign-ups that wait; trying again", "error", err)
		}
		pause := processEvery
		if n > 0 && err == nil { // those who are signing up now have their turn with the database
			pause = min(2*time.Since(began), processEvery)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
