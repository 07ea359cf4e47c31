package main

import (
	"cmp"
	"context"
	"errors"

	"verdicts.example/digest/internal/assembly"
	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/votes"
	"verdicts.example/digest/internal/web"
	"verdicts.example/digest/subscribers"
)

// This file says in the packages' terms what the settings say in the file's.
// Package assembly makes the parts of it and connects them.

// A wiring makes the parts of a command from the settings, which are read once.
type wiring struct {
	*assembly.Maker
	cfg   *config.Config
	sched *schedule.Schedule
}

// wire reads the settings. With an error it gives what could be made of them.
func (a *app) wire() (*wiring, error) {
	if a.wired != nil {
		return a.wired, nil
	}
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	s, err := settings(cfg)
	log := a.logger(cfg)
	host := assembly.Host{Now: a.now, Log: log, Warn: a.say, Hint: hintFor}
	if a.serving { // a command prints what is wrong with comparisons; nobody watches serve
		host.ShelfLog = log
	}
	s.Again = again(config.Follow(a.sources(), cfg), cfg)
	w := &wiring{assembly.New(s, host), cfg, s.Schedule}
	if err == nil {
		a.wired = w
	}
	return w, err
}

// again reads the settings again once their file has changed.
func again(f *config.Follower, start *config.Config) func() assembly.Later {
	return func() assembly.Later {
		cfg, err := f.Now()
		s, wrong := settings(cfg)
		return assembly.Later{Settings: s, Version: f.Version(), Changed: config.Differences(start, cfg), Err: errors.Join(err, wrong)}
	}
}

// settings are the settings as the parts take them.
func settings(cfg *config.Config) (assembly.Settings, error) {
	ed, aerr := editionSettings(cfg)
	pace, perr := pacing(cfg)
	sched, serr := newSchedule(cfg)
	backup, berr := schedule.ParseCron(cfg.Backup.Schedule)
	v, up := cfg.Votes, cfg.Signup
	return assembly.Settings{
		Database: cfg.DatabaseName(), Server: databaseServer(cfg), Journals: cfg.JournalDir(), Node: cfg.Node.Name, Roles: cfg.Node.Roles, Templates: cfg.Templates, Schedule: sched,
		Comparisons: assembly.Comparisons(cfg.Comparisons),
		Edition:     ed, Approvals: cfg.Edition.Approvals, Editors: cfg.Editors,
		Relay: relay(cfg), Pacing: pace,
		Keys: []assembly.KeyFile{
			{Setting: "dkim.key_file", Selector: cfg.DKIM.Selector, File: cfg.DKIM.KeyFile},
			{Setting: "dkim.key_file2", Selector: cfg.DKIM.Selector2, File: cfg.DKIM.KeyFile2},
		},
		Votes: votes.Rules{Least: v.Least, Close: v.Close},
		Signup: assembly.Signup{
			Limits:         web.Limits{Address: up.PerAddress, Network: up.PerNetwork, Domain: up.PerDomain, All: up.PerHour, Guesses: up.Guesses},
			TrustedProxies: up.TrustedProxies, AllowedOrigins: up.AllowedOrigins,
			Surge: subscribers.SurgeRule{Floor: up.SurgeFloor, Times: up.SurgeTimes},
		},
		Inbound: assembly.Inbound{
			Maildir: cfg.Inbound.Maildir, RelayLog: cfg.Inbound.RelayLog, Topic: cfg.Inbound.SES.Topic,
			PostmarkUser: cfg.Inbound.Postmark.Username, PostmarkPassword: cfg.Inbound.Postmark.Password,
		},
		Checkup: assembly.Checkup{Addresses: cfg.SMTP.SendingAddresses, BaseIsHere: cfg.BaseIsHere(), Private: cfg.PrivateFiles(), State: cfg.UpkeepFile()},
		Backup:  assembly.Backup{Dir: cfg.Backup.Dir, Keep: cfg.Backup.Keep, Schedule: backup},
		File:    cfg.File(), Warnings: cfg.Warnings("database"), // the database says so itself
		Problem: cfg.Problem,
	}, errors.Join(aerr, perr, serr, cfg.Problem("backup.schedule", berr))
}

// databaseServer is where a server has the database; nil where that is a file.
func databaseServer(cfg *config.Config) *postgres.Options {
	if !cfg.UsesServer() {
		return nil
	}
	return &postgres.Options{URL: cfg.Database, Password: cfg.DatabasePassword()}
}

// editionSettings are what the settings say of editions and mails.
func editionSettings(cfg *config.Config) (pipeline.Settings, error) {
	e, m := cfg.Edition, cfg.Mail
	from, replyTo, err := cfg.Addresses()
	return pipeline.Settings{
		Site:             render.Site(cfg.Site),
		Headers:          pipeline.Headers{From: from, ReplyTo: replyTo, ListID: m.ListID, BounceDomain: m.BounceDomain, LeaveByMail: cfg.Inbound.ReadsMail()},
		Options:          edition.Options{Max: e.Max, Min: e.Min, Order: edition.Order(e.Order)},
		ApprovalRequired: e.Approval == config.ApprovalRequired,
		DKIMDomain:       cfg.DKIM.Domain,
		Detail:           render.Detail(e.Detail),
		Unready:          cfg.ReadyForReaders(),
	}, err
}

// relay is the mail server that the settings name.
func relay(cfg *config.Config) assembly.Relay {
	s := cfg.SMTP
	out := assembly.Relay{CAFile: s.CAFile, Name: cfg.Relay(), Mailbox: cfg.MailboxUsed(), Auto: s.Connections == config.Auto, Config: mailer.Config{
		Host: s.Host, Port: s.Port, TLS: mailer.TLSMode(s.TLS), Username: s.Username, Password: s.Password,
		HELO: s.HELO, From: cfg.Mail.From, MaxMessages: s.PerSession,
	}}
	for _, r := range s.Relays {
		out.Add(mailer.Config{Host: r.Host, Port: r.Port, TLS: mailer.TLSMode(r.TLS), Username: r.Username, Password: r.Password()},
			assembly.RelayServer{CAFile: r.CAFile, Name: r.Name, Weight: r.Weight, Connections: r.Connections.Most(), Auto: r.Connections == config.Auto, Rate: r.Rate})
	}
	return out
}

// pacing is how fast a send may go, and how long without an answer it goes on.
func pacing(cfg *config.Config) (delivery.Pacing, error) {
	s := cfg.SMTP
	start, err := cfg.WarmUpFrom()
	return delivery.Pacing{
		Connections: cfg.Connections(), Rate: s.Rate, GiveUp: s.GiveUp,
		Domain: delivery.DomainLimit{AtOnce: s.PerDomain, Rate: s.DomainRate},
		Warmup: delivery.Warmup{Start: start, PerDay: s.WarmUp},
		Canary: delivery.Canary{Readers: cfg.Canary.Readers, Wait: cfg.Canary.Wait, Editors: cfg.Editors},
	}, err
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

// desk makes the desk of a command.
func (a *app) desk(ctx context.Context, n assembly.Need, purpose assembly.Purpose) (*desk.Desk, error) {
	w, err := a.wire()
	if err != nil {
		return nil, err
	}
	d, err := w.Desk(ctx, n, purpose)
	if err != nil {
		return nil, err
	}
	return d.By(cmp.Or(a.by, currentUser())), nil
}

// inboxDesk makes the desk of a command about what came back.
func (a *app) inboxDesk(ctx context.Context) (*desk.Desk, error) {
	w, err := a.wire()
	if err != nil {
		return nil, err
	}
	return w.InboxDesk(ctx)
}

// list is the subscribers' list, for commands that need no more.
func (a *app) list(ctx context.Context, n assembly.Need) (*subscribers.Service, *wiring, error) {
	w, err := a.wire()
	if err != nil {
		return nil, nil, err
	}
	list, err := w.List(ctx, n)
	return list, w, err
}
