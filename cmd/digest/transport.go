package main

import (
	"context"
	"fmt"
	"time"

	"verdicts.example/digest/internal/config"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/mailbox"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/store/sqlite"
)

// dialer connects to the relay, or to a built-in mailbox that it starts.
func (w *wiring) dialer(ctx context.Context) (*mailer.Dialer, error) {
	if !w.cfg.UsesMailbox() {
		return w.relayDialer(mailer.Timeouts{})
	}
	box, err := w.startMailbox(ctx)
	if err != nil {
		return nil, err
	}
	mc := w.mailerConfig()
	mc.Host, mc.Port, mc.TLS = box.Host(), box.Port(), mailer.NoTLS
	return mailer.New(mc, w.log)
}

// relayDialer connects to the relay.
func (w *wiring) relayDialer(t mailer.Timeouts) (*mailer.Dialer, error) {
	mc := w.mailerConfig()
	mc.Timeouts = t
	if file := w.cfg.SMTP.CAFile; file != "" {
		var err error
		if mc.RootCAs, err = mailer.Certificates(file); err != nil {
			return nil, w.cfg.Problem("smtp.ca_file", err)
		}
	}
	return mailer.New(mc, w.log)
}

func (w *wiring) mailerConfig() mailer.Config {
	s := w.cfg.SMTP
	return mailer.Config{
		Host: s.Host, Port: s.Port, TLS: mailer.TLSMode(s.TLS), Username: s.Username, Password: s.Password,
		HELO: s.HELO, From: w.cfg.Mail.From, MaxMessages: s.PerSession,
	}
}

// startMailbox starts the built-in mail server. It outlives ctx, so that what
// is in flight when the program is told to stop still arrives.
func (w *wiring) startMailbox(ctx context.Context) (*mailbox.Mailbox, error) {
	box, err := mailbox.Start(context.WithoutCancel(ctx), w.cfg.MailboxDir(), w.log)
	if err != nil {
		return nil, err
	}
	w.app.closers = append(w.app.closers, func() {
		if err := box.Close(); err != nil {
			fmt.Fprintln(w.app.stderr, "digest: close mailbox:", err)
		}
	})
	return box, nil
}

// journals is the record beside the database of what may have left.
func (w *wiring) journals() (*journal.Folder, error) {
	return journal.OpenFolder(w.cfg.JournalDir())
}

// pacing is how fast the settings let a send go. It ends when no server has
// answered for giveUp; 0: it tries until one does.
func pacing(cfg *config.Config, giveUp time.Duration) (delivery.Pacing, error) {
	s := cfg.SMTP
	p := delivery.Pacing{
		Connections: s.Connections,
		Rate:        s.Rate,
		Domain:      delivery.DomainLimit{AtOnce: s.PerDomain, Rate: s.DomainRate},
		GiveUp:      giveUp,
	}
	start, err := cfg.WarmUpFrom()
	p.Warmup = delivery.Warmup{Start: start, PerDay: s.WarmUp}
	return p, err
}

// transport is what editions are sent through; without a database there is no
// record of a send, and only single messages can be sent.
func (w *wiring) transport(db *sqlite.DB, single *mailer.Dialer, dialer delivery.Dialer, giveUp time.Duration) (pipeline.Transport, error) {
	t := pipeline.Transport{Dialer: dialer, Single: single}
	if db == nil {
		return t, nil
	}
	var err error
	if t.Pacing, err = pacing(w.cfg, giveUp); err != nil {
		return t, err
	}
	if t.Ledger, err = w.ledger(db); err != nil {
		return t, err
	}
	t.Notices = db.Notices()
	t.Holder = delivery.ThisProcess()
	return t, nil
}

// ledger is where sends are kept.
func (w *wiring) ledger(db *sqlite.DB) (delivery.Ledger, error) {
	journals, err := w.journals()
	return delivery.Ledger{Store: db.Deliveries(), Leases: db.Leases(), Journals: journals}, err
}
