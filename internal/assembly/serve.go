package assembly

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/loopback"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/outage"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/sendview"
	"verdicts.example/digest/internal/server"
	"verdicts.example/digest/internal/version"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/internal/workbench"
	"verdicts.example/digest/subscribers"
)

// A Service is everything that serve runs, and the pages that it serves.
type Service struct {
	*server.Server
	Pages server.Pages
	Desk  *desk.Desk
	List  *subscribers.Service
	DB    *Database
	bench *workbench.Workbench
	feed  *library.Poller // nil: none is set
	door  *editors.Service
}

// records are what the server asks the database.
type records struct {
	Keeper
	Outbox
	Inbox
}

// Service makes all the parts of serve, and logs what keeps mail from going out. A
// database that does not answer is waited for, so that this program may start beside it.
func (m *Maker) Service(ctx context.Context) (s *Service, err error) {
	m.host.Log = outage.Log(m.host.Log)
	for _, warning := range append(m.in.Warnings, m.in.Schedule.Warnings()...) {
		m.host.Log.Warn(warning)
	}
	err = outage.Start(ctx, m.host.Log, func() (err error) {
		s, err = m.service(ctx)
		return err
	})
	return s, err
}

// service makes the parts, of which those that were made before are kept.
func (m *Maker) service(ctx context.Context) (_ *Service, err error) {
	s := &Service{}
	if s.DB, err = m.Database(ctx, MakesDatabase); err != nil {
		return nil, err
	}
	renderer, err := m.Renderer()
	if err != nil {
		return nil, err
	}
	count := metrics.New(version.This(), func(ctx context.Context) (metrics.State, error) { return s.State(ctx) })
	s.feed = m.poller()
	parts, err := m.serving(ctx, s, renderer, count)
	if err != nil {
		return nil, err
	}
	p := pipeline.New(parts)
	s.List = m.readers(s.DB, count.Unsubscribed)
	if s.Desk, err = m.desk(ctx, s.DB, p); err != nil {
		return nil, err
	}
	if err := m.openDesk(s, renderer); err != nil {
		return nil, err
	}
	in, err := m.wayIn(ctx, s, count)
	if err != nil {
		return nil, err
	}
	ways, err := m.ways(in, s.DB)
	if err != nil {
		return nil, err
	}
	s.Server = m.server(s, p, m.courier(s.DB, renderer, parts), m.listener(in), ways)
	if s.Pages, err = m.pages(s, count, m.webhooks(in)); err != nil {
		return nil, err
	}
	return s, s.Warn(ctx)
}

// serving is what serve's pipeline is made of: its commits and its relay are counted.
func (m *Maker) serving(ctx context.Context, s *Service, r pipeline.Renderer, count *metrics.Metrics) (pipeline.Parts, error) {
	parts, err := m.parts(ctx, s.DB, r)
	if err != nil {
		return parts, err
	}
	dialer, err := m.dialer(ctx)
	if err != nil {
		return parts, err
	}
	if parts.Transport, err = m.transport(ctx, s.DB, dialer, count.Relay(dialer)); err != nil {
		return parts, err
	}
	parts.Transport.Store = count.Commits(parts.Transport.Store)
	parts.Transport.Pacing.GiveUp = 0 // serve has time: it tries until the server is back
	if s.feed != nil {
		parts.Behind = s.feed.Failed
	}
	parts.Proof = func(ctx context.Context, w edition.Week) (string, error) {
		return s.Desk.Digest(ctx, w, version.This().String())
	}
	return parts, nil
}

// server connects what runs together.
func (m *Maker) server(s *Service, p *pipeline.Pipeline, c *courier.Courier, mail server.MailServer, ways []func(context.Context)) *server.Server {
	upkeep := m.upkeep(s.DB)
	return server.New(server.Parts{
		Desk: s.Desk, Records: records{s.DB.Keeper, s.DB.Outbox, s.DB.Inbox}, List: s.List, Pipeline: p, Courier: c, Shelf: m.shelf, Feed: s.feed,
		Scheduler: schedule.NewScheduler(m.in.Schedule, s.DB.Schedule, p, m.host.Log, m.host.Now),
		Mail:      mail, Background: []func(context.Context){s.bench.Run, s.door.Run}, Ways: ways,
		Upkeep: []func(context.Context){upkeep.Run}, Roles: m.in.Roles,
		Stand:   func() (*metrics.Backups, error) { return backupsStand(upkeep) },
		Unready: m.in.Edition.Unready, Trusted: m.in.Signup.TrustedProxies, Log: m.host.Log, Now: m.host.Now,
	})
}

// courier tells the outbox's events through the server that editions go through.
func (m *Maker) courier(db *Database, r *render.Renderer, p pipeline.Parts) *courier.Courier {
	h := m.in.Edition.Headers
	return courier.New(courier.Parts{
		Outbox: db.Outbox, Renderer: r, Dialer: p.Transport.Dialer, Sessions: p.Transport.Pacing.Connections,
		Signer: p.Signer, Links: p.Links, Editors: p.Editors, Now: m.host.Now, Log: m.host.Log,
		Sheet: courier.Sheet{
			From: h.From, ReplyTo: h.ReplyTo, BaseURL: m.in.Edition.Site.BaseURL,
			Zone: m.in.Schedule.Zone(), Next: m.nextOpen(db), Desk: m.hasDesk(),
			BounceDomain: h.BounceDomain, UnsubscribeMailto: h.UnsubscribeMailto(), Tagger: p.Tagger,
		},
	})
}

// nextOpen tells new readers when their first digest goes out.
func (m *Maker) nextOpen(db *Database) func(context.Context, time.Time) time.Time {
	return func(ctx context.Context, after time.Time) time.Time {
		all, err := db.Editions.List(ctx)
		if err != nil {
			m.host.Log.Warn("can't read the editions; the welcome mail names the schedule's next slot", "err", err)
		}
		return edition.NextOpen(m.in.Schedule.NextSend, after, all)
	}
}

// poller keeps the folder up to date with the feed; nil when no feed is set.
func (m *Maker) poller() *library.Poller {
	p := m.Puller()
	if p == nil {
		return nil
	}
	return &library.Poller{Puller: p, Due: m.in.Schedule.NextDue, Log: m.host.Log, Now: m.host.Now}
}

// pages are what the listeners serve.
func (m *Maker) pages(s *Service, count *metrics.Metrics, inbound http.Handler) (server.Pages, error) {
	files, err := m.templates()
	if err != nil {
		return server.Pages{}, err
	}
	out := server.Pages{Metrics: count.Handler()}
	out.Operators, err = sendview.New(sendview.Deps{
		Nodes: s.DB.Registry, Editions: s.DB.Editions, Records: s.DB.Deliveries, Templates: files, Zone: m.in.Schedule.Zone(), Logger: m.host.Log, Now: m.host.Now,
		SignUps: s.List.SurgeState,
	})
	if err != nil {
		return out, err
	}
	site := m.site(s)
	site.Templates, site.Recorder, site.Desk, site.Inbound = files, count, s.bench, inbound
	if m.in.Relay.Mailbox != "" { // its pages, while it is the mail server
		pages, err := mailbox.Handler(m.in.Relay.Mailbox, m.host.Log)
		if err != nil {
			return out, err
		}
		site.Mailbox = loopback.Near(pages) // it shows readers' links
	}
	out.Site, err = web.New(site)
	return out, err
}

// site is what the public site works with.
func (m *Maker) site(s *Service) web.Deps {
	e := m.in.Edition.Site
	return web.Deps{
		Site:           web.Site{Name: e.Name, BaseURL: e.BaseURL, PostalAddress: e.PostalAddress, Location: m.in.Schedule.Zone()},
		List:           s.SiteList(),
		Editions:       s.DB.Editions,
		Library:        m.shelf.Snapshot,
		NextSend:       m.in.Schedule.NextSend,
		Votes:          s.DB.Votes,
		VoteRules:      m.in.Votes,
		Saved:          s.DB.Saved,
		Reasons:        s.DB.Reasons,
		Mails:          s.DB.Editions,
		Ready:          func(ctx context.Context) error { return m.hinted(s.Ready(ctx)) },
		Warnings:       m.warnings,
		Logger:         m.host.Log,
		Now:            m.host.Now,
		Limits:         m.in.Signup.Limits,
		TrustedProxies: m.in.Signup.TrustedProxies,
		AllowedOrigins: m.in.Signup.AllowedOrigins,
	}
}

// hinted is err with what an operator can do about it.
func (m *Maker) hinted(err error) error {
	if hint := m.host.Hint(err); hint != "" {
		return fmt.Errorf("%w; %s", err, hint)
	}
	return err
}
