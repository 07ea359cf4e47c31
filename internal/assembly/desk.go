package assembly

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/version"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/internal/workbench"
	"verdicts.example/digest/subscribers"
)

// settings is what the pipeline is told of editions and mails.
func (m *Maker) settings() pipeline.Settings {
	s := m.in.Edition
	s.Calendar, s.Votes = m.in.Schedule.Calendar(), m.in.Votes
	return s
}

// parts are what every pipeline has; without a database it only drafts.
func (m *Maker) parts(ctx context.Context, db *Database, r pipeline.Renderer) (pipeline.Parts, error) {
	signer, err := m.Signer()
	if err != nil {
		return pipeline.Parts{}, err
	}
	p := pipeline.Parts{Settings: m.settings(), Library: m.Library, Renderer: r, Signer: signer, Now: m.host.Now, Log: m.host.Log}
	if db == nil {
		return p, nil
	}
	secret, err := db.Secret(ctx)
	if err != nil {
		return p, err
	}
	p.Archive, p.Freezer, p.Notices, p.Ballot = db.Editions, db.Deliveries, db.Outbox, db.Votes
	p.Saved = db.Saved
	p.Readers, p.Editors, p.CatchUp = m.readers(db, nil), m.editors, m.in.Schedule.CatchUp()
	p.Links = subscribers.NewLinks(secret)
	p.Tagger, err = message.NewTagger(secret)
	return p, err
}

// taker acts on what comes back.
func (m *Maker) taker(ctx context.Context, db *Database, list *subscribers.Service, counted func(inbound.Kind, inbound.Outcome, subscribers.BounceClass)) (*inbound.Taker, error) {
	tagger, err := tagger(ctx, db)
	if err != nil {
		return nil, err
	}
	return inbound.NewTaker(inbound.Parts{
		Store: db.Inbox, Tagger: tagger, Leave: list.Unsubscribe, LeaveReader: list.UnsubscribeReader,
		Editors: m.editors, Now: m.host.Now, Counted: counted,
	}), nil
}

// InboxDesk makes the desk of a command about what came back: neither templates
// nor a relay are asked for.
func (m *Maker) InboxDesk(ctx context.Context) (*desk.Desk, error) {
	db, err := m.Database(ctx, NeedsDatabase)
	if err != nil {
		return nil, err
	}
	taker, err := m.taker(ctx, db, m.readers(db, nil), nil)
	if err != nil {
		return nil, err
	}
	tags, err := tagger(ctx, db)
	return desk.New(desk.Parts{Editions: db.Editions, Inbox: taker, Shelf: db.Inbox, Settler: db.Inbox, Tags: tags, Now: m.host.Now}), err
}

// desk is what editors and operators work with.
func (m *Maker) desk(ctx context.Context, db *Database, p *pipeline.Pipeline) (*desk.Desk, error) {
	in := desk.Parts{
		Pipeline: p, Calendar: m.in.Schedule.Calendar(), CatchUp: m.in.Schedule.CatchUp(),
		Sender: m.in.Edition.Headers.From.Address, Approvals: m.in.Approvals, Roster: m.roster, Now: m.host.Now,
	}
	if db == nil {
		return desk.New(in), nil
	}
	in.Editions, in.Records, in.Leases = db.Editions, db.Deliveries, db.Leases
	list := m.readers(db, nil)
	in.Readers, in.Book = list, db.Desk
	in.Shelf, in.Aftermath, in.Seen, in.Tallies = db.Inbox, db.Figures, db.Figures, db.Votes.Tallies
	in.Reasons = db.Reasons.Counts
	in.Versions, in.Secret = db.Deliveries.Versions, db.Secret
	taker, terr := m.taker(ctx, db, list, nil)
	ledger, lerr := m.Ledger(db.Deliveries, db.Leases)
	in.Inbox, in.Journals, in.Node, in.Nodes, in.Fleet = taker, ledger.Journals, ledger.Node, db.Nodes, db.Registry
	return desk.New(in), errors.Join(terr, lerr)
}

// siteAhead makes the site's pages as they will be once an edition is out.
func (m *Maker) siteAhead(address string, e edition.Edition, b edition.Build) (http.Handler, error) {
	files, err := m.templates()
	if err != nil {
		return nil, err
	}
	in := m.in.Edition.Site
	d := web.Deps{
		Site:      web.Site{Name: in.Name, BaseURL: address, PostalAddress: in.PostalAddress, Location: m.in.Schedule.Zone()},
		Templates: files, Library: m.shelf.Snapshot, NextSend: func(time.Time) time.Time { return m.in.Schedule.NextSend(e.Slot) },
		VoteRules: m.in.Votes, Logger: m.host.Log,
		Now: func() time.Time {
			if now := m.host.Now(); now.After(e.Slot) {
				return now
			}
			return e.Slot
		},
	}
	if db := m.database(); db != nil {
		d.Votes, d.Saved, d.Reasons = db.Votes, db.Saved, db.Reasons
	}
	return web.Ahead(d, e, b)
}

// A Purpose says what a command does at its desk.
type Purpose int

// The purposes.
const (
	Decides  Purpose = iota // it changes or shows records
	Sends                   // it also sends
	Previews                // it shows the mail again and again, while templates change
)

// Desk makes the desk of a command.
func (m *Maker) Desk(ctx context.Context, n Need, purpose Purpose) (*desk.Desk, error) {
	db, err := m.Database(ctx, n)
	if err != nil {
		return nil, err
	}
	var renderer pipeline.Renderer = render.Reparsing(m.Renderer)
	if purpose != Previews {
		if renderer, err = m.Renderer(); err != nil {
			return nil, err
		}
	}
	p, err := m.parts(ctx, db, renderer)
	if err != nil {
		return nil, err
	}
	if p.Transport, err = m.transportFor(ctx, db, purpose); err != nil {
		return nil, err
	}
	var d *desk.Desk
	p.Proof = func(ctx context.Context, w edition.Week) (string, error) {
		return d.Digest(ctx, w, version.This().String())
	}
	d, err = m.desk(ctx, db, pipeline.New(p))
	return d, err
}

// transportFor is as much of a transport as a purpose needs. What looks at a week
// asks the journals too.
func (m *Maker) transportFor(ctx context.Context, db *Database, purpose Purpose) (t pipeline.Transport, err error) {
	if purpose == Sends && (db != nil || m.in.Relay.Mailbox == "") {
		dialer, err := m.dialer(ctx)
		if err != nil {
			return t, err
		}
		return m.transport(ctx, db, dialer, dialer)
	}
	if purpose == Previews || purpose == Sends {
		t.Single = &lateDialer{maker: m}
	}
	if db != nil {
		t.Ledger, err = m.Ledger(db.Deliveries, db.Leases)
	}
	return t, err
}

// Workbench makes the editors' pages over a desk, for the editor, week and reader
// that in names. It follows the settings' file until ctx ends.
func (m *Maker) Workbench(ctx context.Context, d *desk.Desk, in workbench.Deps) (bench *workbench.Workbench, err error) {
	if m.in.Again != nil {
		in.Standing = m.followed(ctx, func() *workbench.Workbench { return bench }, in)
	}
	bench, err = workbench.New(m.previewDeps(d, in))
	return bench, err
}

// benchDeps are what every workbench over a desk works with.
func (m *Maker) benchDeps(d *desk.Desk) workbench.Deps {
	in := workbench.Deps{
		Desk: d, Library: m.shelf, Logger: m.host.Log, Zone: m.in.Schedule.Zone(), Now: m.host.Now,
		Templates: func() (fs.FS, error) { return m.templates() },
		Mails:     func() (*render.Renderer, error) { return m.Renderer() },
		Site:      m.siteAhead,
	}
	for _, path := range []string{m.in.Templates, m.in.File} {
		if path != "" {
			in.Watched = append(in.Watched, path)
		}
	}
	return in
}
