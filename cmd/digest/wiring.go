package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/library"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
	"verdicts.example/digest/templates"
)

// This file makes the parts and connects them. It reads top to bottom, in the
// order in which one depends on another: settings, database, templates, keys,
// pipeline, desk. Each function makes its part of what it is handed; none fills
// a field for another to find.

// A wiring is the settings, read once, and what is parsed of them.
type wiring struct {
	app     *app
	cfg     *config.Config
	log     *slog.Logger
	sched   *schedule.Schedule
	shelf   *library.Shelf // the comparisons, parsed
	site    render.Site
	headers pipeline.Headers
}

// wire reads the settings.
func (a *app) wire() (*wiring, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	w := &wiring{app: a, cfg: cfg, log: a.logger(cfg)}
	// Only serve, which nobody watches, logs what is wrong with comparisons: a
	// command prints it.
	shelfLog := slog.New(slog.DiscardHandler)
	if a.serving {
		shelfLog = w.log
	}
	w.shelf = library.NewShelf(cfg.Comparisons.Dir, shelfLog)
	w.site = render.Site{Name: cfg.Site.Name, BaseURL: cfg.Site.BaseURL, PostalAddress: cfg.Site.PostalAddress}
	from, replyTo, aerr := cfg.Addresses()
	w.headers = pipeline.Headers{From: from, ReplyTo: replyTo, ListID: cfg.Mail.ListID, BounceDomain: cfg.Mail.BounceDomain}
	var serr error
	w.sched, serr = newSchedule(cfg)
	return w, errors.Join(aerr, serr)
}

// newSchedule parses the two cron expressions.
func newSchedule(cfg *config.Config) (*schedule.Schedule, error) {
	loc, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	draft, derr := schedule.ParseCron(cfg.Schedule.Draft)
	send, serr := schedule.ParseCron(cfg.Schedule.Send)
	if err := errors.Join(cfg.Problem("schedule.draft", derr), cfg.Problem("schedule.send", serr)); err != nil {
		return nil, err
	}
	return schedule.New(draft, send, loc, cfg.Schedule.CatchUp)
}

// need says what a command does where there is no database.
type need int

const (
	makesDatabase need = iota // it makes one
	needsDatabase             // it fails, with the path
	mayLackOne                // it works without
	orEmpty                   // it works on an empty one, which is gone with the command
)

// database opens the database; nil where there is none and none is needed.
func (w *wiring) database(ctx context.Context, n need) (*sqlite.DB, error) {
	open := sqlite.OpenExisting
	if n == makesDatabase {
		open = sqlite.Open
	}
	db, err := open(ctx, w.cfg.Database)
	if n == orEmpty && errors.Is(err, sqlite.ErrNone) {
		db, err = w.emptyDatabase(ctx)
	}
	if n == mayLackOne && errors.Is(err, sqlite.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, warning := range db.Warnings() {
		w.app.say("warning: %s", warning)
	}
	w.app.closers = append(w.app.closers, func() {
		if err := db.Close(); err != nil {
			fmt.Fprintln(w.app.stderr, "digest: close database:", err)
		}
	})
	return db, nil
}

// emptyDatabase is one in a temporary folder.
func (w *wiring) emptyDatabase(ctx context.Context) (*sqlite.DB, error) {
	dir, err := os.MkdirTemp("", "digest-empty-*")
	if err != nil {
		return nil, err
	}
	w.app.closers = append(w.app.closers, func() { _ = os.RemoveAll(dir) }) // after the database, which is opened later
	return sqlite.Open(ctx, filepath.Join(dir, "digest.db"))
}

// readers is the subscribers' list; left is told who leaves by their own link.
func (w *wiring) readers(db *sqlite.DB, left func(via string)) *subscribers.Service {
	return subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: w.app.now, Log: w.log, Left: left})
}

// list is the subscribers' list, for commands that need no more.
func (a *app) list(ctx context.Context, n need) (*subscribers.Service, *wiring, error) {
	w, err := a.wire()
	if err != nil {
		return nil, nil, err
	}
	db, err := w.database(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	return w.readers(db, nil), w, nil
}

// templates are the operator's over the built-in ones.
func (w *wiring) templates() (fs.FS, error) { return templates.Overlay(w.cfg.Templates) }

// renderer parses the templates.
func (w *wiring) renderer() (*render.Renderer, error) {
	files, err := w.templates()
	if err != nil {
		return nil, err
	}
	return render.New(files, w.site)
}

// signer signs with the DKIM keys that the settings name, if there are any.
func (w *wiring) signer() (*message.Signer, error) {
	keys, err := w.dkimKeys()
	if err != nil {
		return nil, err
	}
	return message.NewSigner(w.app.now, keys...)
}

func (w *wiring) dkimKeys() ([]message.DKIMKey, error) {
	var keys []message.DKIMKey
	for _, k := range []struct{ setting, selector, file string }{
		{"dkim.key_file", w.cfg.DKIM.Selector, w.cfg.DKIM.KeyFile},
		{"dkim.key_file2", w.cfg.DKIM.Selector2, w.cfg.DKIM.KeyFile2},
	} {
		if k.file == "" {
			continue
		}
		key, err := message.LoadKey(k.file)
		if err != nil {
			return nil, w.cfg.Problem(k.setting, err)
		}
		if warning := key.Warning(); warning != "" {
			w.app.say("%s: %s", k.file, warning)
		}
		keys = append(keys, message.DKIMKey{Domain: w.cfg.DKIM.Domain, Selector: k.selector, Key: key})
	}
	return keys, nil
}

// tagger tells the list's own deliveries.
func tagger(ctx context.Context, db *sqlite.DB) (*message.Tagger, error) {
	secret, err := db.Secret(ctx)
	if err != nil {
		return nil, err
	}
	return message.NewTagger(secret)
}

// taker acts on what comes back.
func (w *wiring) taker(ctx context.Context, db *sqlite.DB, list *subscribers.Service) (*inbound.Taker, error) {
	tagger, err := tagger(ctx, db)
	if err != nil {
		return nil, err
	}
	return inbound.NewTaker(inbound.Parts{
		Store: db.Inbox(), Tagger: tagger, Leave: list.Unsubscribe, Editors: w.cfg.Editors, Now: w.app.now,
	}), nil
}

// inboxDesk makes the desk of a command about what came back: neither templates
// nor a relay are asked for.
func (a *app) inboxDesk(ctx context.Context) (*desk.Desk, error) {
	w, err := a.wire()
	if err != nil {
		return nil, err
	}
	db, err := w.database(ctx, needsDatabase)
	if err != nil {
		return nil, err
	}
	taker, err := w.taker(ctx, db, w.readers(db, nil))
	if err != nil {
		return nil, err
	}
	tags, err := tagger(ctx, db)
	return desk.New(desk.Parts{Inbox: taker, Shelf: db.Inbox(), Settler: db.Inbox(), Tags: tags, Now: a.now}), err
}

// parts are what every pipeline has; without a database it only drafts.
func (w *wiring) parts(ctx context.Context, db *sqlite.DB, r pipeline.Renderer) (pipeline.Parts, error) {
	signer, err := w.signer()
	if err != nil {
		return pipeline.Parts{}, err
	}
	p := pipeline.Parts{
		Settings: w.pipelineSettings(), Library: w.library, Renderer: r, Signer: signer, Now: w.app.now, Log: w.log,
	}
	if db == nil {
		return p, nil
	}
	secret, err := db.Secret(ctx)
	if err != nil {
		return p, err
	}
	p.Archive, p.Freezer, p.Notices = db.Editions(), db.Deliveries(), db.Outbox()
	p.Readers, p.Editors, p.CatchUp = w.readers(db, nil), w.cfg.Editors, w.cfg.Schedule.CatchUp
	p.Links = subscribers.NewLinks(secret)
	p.Tagger, err = message.NewTagger(secret)
	return p, err
}

// pipelineSettings is what the settings say of editions and mails.
func (w *wiring) pipelineSettings() pipeline.Settings {
	e := w.cfg.Edition
	return pipeline.Settings{
		Site: w.site, Headers: w.headers, Calendar: w.sched.Calendar(),
		Options:          edition.Options{Max: e.Max, Min: e.Min, Order: edition.Order(e.Order)},
		ApprovalRequired: e.Approval == config.ApprovalRequired,
		DKIMDomain:       w.cfg.DKIM.Domain,
		Detail:           render.Detail(e.Detail),
		Unready:          w.cfg.ReadyForReaders(),
	}
}

// desk is what editors and operators work with.
func (w *wiring) desk(ctx context.Context, db *sqlite.DB, p *pipeline.Pipeline) (*desk.Desk, error) {
	in := desk.Parts{
		Pipeline: p, Calendar: w.sched.Calendar(), CatchUp: w.cfg.Schedule.CatchUp,
		Sender: w.headers.From.Address, Approvals: w.cfg.Edition.Approvals, Now: w.app.now,
	}
	if db == nil {
		return desk.New(in), nil
	}
	in.Editions, in.Records, in.Leases = db.Editions(), db.Deliveries(), db.Leases()
	list := w.readers(db, nil)
	in.Readers, in.Book = list, db.Desk()
	in.Shelf = db.Inbox()
	in.Versions, in.Secret = db.Deliveries().Versions, db.Secret
	var terr, jerr error
	in.Inbox, terr = w.taker(ctx, db, list)
	in.Journals, jerr = w.journals()
	return desk.New(in), errors.Join(terr, jerr)
}

// A deskKind says what a command does at its desk.
type deskKind int

const (
	decides  deskKind = iota // it changes or shows records
	sends                    // it also sends
	previews                 // it shows the mail again and again, while templates change
)

// desk makes the desk of a command.
func (a *app) desk(ctx context.Context, n need, kind deskKind) (*desk.Desk, error) {
	w, err := a.wire()
	if err != nil {
		return nil, err
	}
	db, err := w.database(ctx, n)
	if err != nil {
		return nil, err
	}
	var renderer pipeline.Renderer = render.Reparsing(w.renderer)
	if kind != previews {
		if renderer, err = w.renderer(); err != nil {
			return nil, err
		}
	}
	p, err := w.parts(ctx, db, renderer)
	if err != nil {
		return nil, err
	}
	if db != nil { // what looks at a week asks the journals too
		if p.Transport.Ledger, err = w.ledger(db); err != nil {
			return nil, err
		}
	}
	if kind == previews {
		p.Transport.Single = &lateDialer{wiring: w}
	}
	if kind == sends {
		dialer, err := w.dialer(ctx)
		if err != nil {
			return nil, err
		}
		if p.Transport, err = w.transport(db, dialer, dialer, w.cfg.SMTP.GiveUp); err != nil {
			return nil, err
		}
	}
	return w.desk(ctx, db, pipeline.New(p))
}
