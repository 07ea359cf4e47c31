package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/sendview"
	"verdicts.example/digest/internal/server"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/version"
	"verdicts.example/digest/internal/votes"
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

// A service is everything that serve runs, and the pages that it serves.
type service struct {
	*server.Server
	pages server.Pages
	desk  *desk.Desk
	list  *subscribers.Service
	db    *sqlite.DB
}

// records are what the server asks the database.
type records struct {
	*sqlite.DB
	sqlite.Outbox
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
	s := &service{}
	if s.db, err = w.database(ctx, makesDatabase); err != nil {
		return nil, err
	}
	renderer, err := w.renderer()
	if err != nil {
		return nil, err
	}
	parts, err := w.parts(ctx, s.db, renderer)
	if err != nil {
		return nil, err
	}
	dialer, err := w.dialer(ctx)
	if err != nil {
		return nil, err
	}
	count := metrics.New(version.This(), func(ctx context.Context) (metrics.State, error) { return s.State(ctx) })
	const never = 0 // serve has time: it tries until the server is back
	if parts.Transport, err = w.transport(s.db, dialer, count.Relay(dialer), never); err != nil {
		return nil, err
	}
	p := pipeline.New(parts)
	s.list = w.readers(s.db, count.Unsubscribed)
	if s.desk, err = w.desk(ctx, s.db, p); err != nil {
		return nil, err
	}
	s.Server = server.New(server.Parts{
		Desk: s.desk, Records: records{s.db, s.db.Outbox()}, List: s.list, Pipeline: p, Shelf: w.shelf, Feed: w.poller(),
		Scheduler: schedule.NewScheduler(w.sched, s.db.Schedule(), p, w.log, a.now),
		Courier: courier.New(courier.Parts{
			Outbox: s.db.Outbox(), Renderer: renderer, Dialer: count.Relay(dialer), Sessions: parts.Transport.Pacing.Connections, Signer: parts.Signer, Editors: parts.Editors, Now: a.now, Log: w.log,
			Sheet: courier.Sheet{
				From: w.headers.From, ReplyTo: w.headers.ReplyTo, BaseURL: w.site.BaseURL,
				Zone: w.sched.Zone(), Next: w.sched.NextSend,
			},
		}),
		Unready: w.cfg.ReadyForReaders(), Trusted: w.cfg.Signup.TrustedProxies, Log: w.log, Now: a.now,
	})
	s.pages.Metrics = count.Handler()
	if s.pages.Operators, err = w.sendPages(s.db); err != nil {
		return nil, err
	}
	if s.pages.Site, err = w.webHandler(s, count); err != nil {
		return nil, err
	}
	return s, s.Warn(ctx)
}

// poller keeps the folder up to date with the feed; nil when no feed is set.
func (w *wiring) poller() *library.Poller {
	p := library.NewPuller(w.shelf, w.cfg.Comparisons.Feed, w.cfg.Comparisons.AllowPrivate)
	if p == nil {
		return nil
	}
	return &library.Poller{Puller: p, Due: w.sched.NextDue, Log: w.log, Now: w.app.now}
}

// ready is Ready with what an operator can do about it.
func (s *service) ready(ctx context.Context) error {
	err := s.Ready(ctx)
	if hint := hintFor(err); hint != "" {
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return err
}

// webHandler is the public site, and the mailbox's pages while it is the mail
// server.
func (w *wiring) webHandler(s *service, rec web.Recorder) (http.Handler, error) {
	cfg := w.cfg
	files, err := w.templates()
	if err != nil {
		return nil, err
	}
	d := web.Deps{
		Site:      web.Site{Name: cfg.Site.Name, BaseURL: cfg.Site.BaseURL, PostalAddress: cfg.Site.PostalAddress, Location: w.sched.Zone()},
		Templates: files,
		List:      s.SiteList(),
		Editions:  s.db.Editions(),
		Library:   w.shelf.Snapshot,
		NextSend:  func() time.Time { return w.sched.NextSend(w.app.now()) },
		Votes:     s.db.Votes(),
		VoteRules: votes.Rules{Least: cfg.Votes.Least, Close: cfg.Votes.Close},
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
		pages, err := mailbox.Handler(cfg.MailboxDir(), w.log)
		if err != nil {
			return nil, err
		}
		d.Mailbox = loopback.Near(pages) // it shows readers' links
	}
	return web.New(d)
}

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
	return s.Run(ctx, s.pages, ln, lm)
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
