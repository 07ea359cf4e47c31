package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/store/sqlite"
)

// dataDir is the folder of the database, where the journal and the built-in
// mailbox are too.
func dataDir(cfg *config.Config) string { return filepath.Dir(cfg.Database) }

func mailboxDir(cfg *config.Config) string { return filepath.Join(dataDir(cfg), "mailbox") }

// dialer connects to the relay, or to a built-in mailbox that it starts.
func (a *app) dialer(ctx context.Context) (*mailer.Dialer, error) {
	if a.smtp != nil {
		return a.smtp, nil
	}
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	s := cfg.SMTP
	mc := mailer.Config{
		Host: s.Host, Port: s.Port, TLS: mailer.TLSMode(s.TLS), Username: s.Username, Password: s.Password,
		HELO: s.HELO, From: cfg.Mail.From, MaxMessages: s.PerSession,
	}
	if cfg.UsesMailbox() {
		box, err := a.startMailbox(ctx, cfg)
		if err != nil {
			return nil, err
		}
		mc.Host, mc.Port, mc.TLS = box.Host(), box.Port(), mailer.NoTLS
	}
	if s.CAFile != "" {
		if mc.RootCAs, err = certificates(s.CAFile); err != nil {
			return nil, cfg.Problem("smtp.ca_file", err)
		}
	}
	a.smtp, err = mailer.New(mc, a.logger(cfg))
	return a.smtp, err
}

// startMailbox starts the built-in mail server. It outlives ctx, so that what
// is in flight when the program is told to stop still arrives.
func (a *app) startMailbox(ctx context.Context, cfg *config.Config) (*mailbox.Mailbox, error) {
	box, err := mailbox.Start(context.WithoutCancel(ctx), mailboxDir(cfg), a.logger(cfg))
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() {
		if err := box.Close(); err != nil {
			fmt.Fprintln(a.stderr, "digest: close mailbox:", err)
		}
	})
	return box, nil
}

func certificates(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", file)
	}
	return pool, nil
}

// journals is the record beside the database of what may have left.
func (a *app) journals() (*journal.Folder, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	return journal.OpenFolder(filepath.Join(dataDir(cfg), "journal"))
}

// pacing is how fast the settings let a send go.
func pacing(cfg *config.Config) (delivery.Pacing, error) {
	s := cfg.SMTP
	p := delivery.Pacing{
		Connections: s.Connections,
		Rate:        s.Rate,
		Domain:      delivery.DomainLimit{AtOnce: s.PerDomain, Rate: s.DomainRate},
		GiveUp:      s.GiveUp,
	}
	if len(s.WarmUp) > 0 {
		loc, err := cfg.Location()
		if err != nil {
			return p, err
		}
		start, err := time.ParseInLocation(time.DateOnly, s.WarmUpStart, loc)
		if err != nil {
			return p, err
		}
		p.Warmup = delivery.Warmup{Start: start, PerDay: s.WarmUp}
	}
	return p, nil
}

// transport is what editions are sent through.
func (a *app) transport(ctx context.Context, db *sqlite.DB) (pipeline.Transport, error) {
	cfg, err := a.config()
	if err != nil {
		return pipeline.Transport{}, err
	}
	dialer, err := a.dialer(ctx)
	if err != nil {
		return pipeline.Transport{}, err
	}
	t := pipeline.Transport{Dialer: dialer, Single: dialer}
	if db == nil { // a test send needs no record
		return t, nil
	}
	if t.Pacing, err = pacing(cfg); err != nil {
		return t, err
	}
	if t.Journals, err = a.journals(); err != nil {
		return t, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	t.Store = db
	t.Holder = fmt.Sprintf("pid %d on %s", os.Getpid(), host)
	return t, nil
}

// sender is the pipeline with all it needs to send.
func (a *app) sender(ctx context.Context) (*pipeline.Pipeline, error) {
	p, err := a.pipeline(ctx)
	if err != nil {
		return nil, err
	}
	if p.Transport, err = a.transport(ctx, a.db); err != nil {
		return nil, err
	}
	return p, nil
}
