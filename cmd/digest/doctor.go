package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdicts.example/digest/internal/api"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

const doctorLong = `Check what can be wrong: the sender's DNS (SPF, DKIM, DMARC and alignment, MX of
the bounce domain, PTR, HELO), the relay's login and TLS, the site as readers reach
it and its one-click unsubscription, the clock, the disk, file modes, the database,
the journals, the next slot, stuck editions and unknown deliveries.

Nothing is changed and nobody is mailed. It asks the system's resolver, the relay
and the site at base_url, and nobody else. Each finding comes with its fix. Exit 6
when a check fails.`

func newDoctorCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check DNS, relay, site, machine and records, with a fix for each finding",
		Long:  doctorLong,
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.wire()
			if err != nil {
				return err
			}
			checks, err := w.checks(cmd.Context())
			if err != nil {
				return err
			}
			return a.printCheckup(doctor.Examine(cmd.Context(), checks))
		},
	}
}

func (a *app) printCheckup(found []doctor.Finding) error {
	if a.json {
		if err := a.printJSON(api.Checkups(found)); err != nil {
			return err
		}
	} else {
		a.printFindingsOfDoctor(found)
	}
	if doctor.Failed(found) {
		return exit(exitCheck)
	}
	return nil
}

// printFindingsOfDoctor writes the gravest first, and a total.
func (a *app) printFindingsOfDoctor(found []doctor.Finding) {
	var total []string
	for _, level := range []doctor.Level{doctor.Fail, doctor.Warn, doctor.Skipped, doctor.Pass} {
		n := 0
		for _, f := range found {
			if f.Level != level {
				continue
			}
			n++
			a.printf("%-7s  %-14s  %s\n", f.Level, f.Check, f.Detail)
			if f.Fix != "" {
				a.printf("%25s→ %s\n", "", f.Fix)
			}
		}
		total = append(total, fmt.Sprintf("%d %s", n, level))
	}
	a.printf("%d checks: %s\n", len(found), strings.Join(total, ", "))
}

// checks are all that doctor looks at.
func (w *wiring) checks(ctx context.Context) ([]doctor.Check, error) {
	sender, err := w.senderChecks()
	if err != nil {
		return nil, err
	}
	list, err := w.listChecks(ctx)
	if err != nil {
		return nil, err
	}
	return append(append(sender, w.siteChecks()...), list...), nil
}

const noRelay = "the built-in mailbox is the mail server: nothing leaves this machine"

func (w *wiring) senderChecks() ([]doctor.Check, error) {
	cfg := w.cfg
	s := doctor.Sender{
		DNS: net.DefaultResolver, From: w.headers.From.Address, Envelope: cfg.Mail.BounceDomain,
		DKIMDomain: cfg.DKIM.Domain, HELO: cfg.SMTP.HELO, Relay: cfg.SMTP.Host, Addresses: addresses(cfg.SMTP.SendingAddresses),
	}
	_, domain, _ := strings.Cut(s.From, "@")
	if s.Envelope == "" {
		s.Envelope = domain
	}
	if s.HELO == "" {
		s.HELO = domain
	}
	relay := doctor.Relay{Name: cfg.Relay(), Login: cfg.SMTP.Username != "", Now: w.app.now}
	if cfg.UsesMailbox() {
		return doctor.Skip(append(s.Checks(), relay.Checks()...), "set smtp.host to your relay before readers are mailed", noRelay), nil
	}
	var err error
	if s.Keys, err = w.publishedKeys(); err != nil {
		return nil, err
	}
	dialer, err := w.relayDialer(mailer.Timeouts{Connect: 10 * time.Second, Greeting: 20 * time.Second, Command: 10 * time.Second})
	if err != nil {
		return nil, err
	}
	relay.Greet = dialer.Greet
	return append(s.Checks(), relay.Checks()...), nil
}

func addresses(list []netip.Prefix) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, p := range list {
		out[i] = p.Addr()
	}
	return out
}

// publishedKeys are the records of the keys that mail is signed with.
func (w *wiring) publishedKeys() ([]doctor.Key, error) {
	keys, err := w.dkimKeys()
	if err != nil {
		return nil, err
	}
	var out []doctor.Key
	for _, k := range keys {
		record, err := message.DNSRecord(k.Key)
		if err != nil {
			return nil, err
		}
		out = append(out, doctor.Key{Selector: k.Selector, Record: strings.Join(record, "")})
	}
	return out, nil
}

func (w *wiring) siteChecks() []doctor.Check {
	const wait = 20 * time.Second
	client := doctor.NewClient(&http.Transport{Proxy: nil, TLSHandshakeTimeout: wait, ResponseHeaderTimeout: wait, DisableKeepAlives: true})
	s := doctor.Site{BaseURL: w.cfg.Site.BaseURL, Client: client, DNS: net.DefaultResolver, Nobody: subscribers.NewToken().String(), Now: w.app.now}
	if w.cfg.UsesMailbox() && w.cfg.BaseIsHere() {
		return doctor.Skip(s.Checks(), "set site.base_url to the address that readers reach you at", s.BaseURL+" is this machine, for a first look")
	}
	return s.Checks()
}

// listChecks are those of the machine and the records. A database that can't be
// opened is a finding.
func (w *wiring) listChecks(ctx context.Context) ([]doctor.Check, error) {
	cfg := w.cfg
	m := doctor.Machine{Now: w.app.now, Synced: doctor.ClockSynced, Files: w.secretFiles()}
	l := doctor.List{
		Next: func() time.Time { return w.sched.NextSend(w.app.now()) }, Notes: w.sched.Warnings(),
		Unready: cfg.ReadyForReaders(), Postal: cfg.Site.PostalAddress, CatchUp: cfg.Schedule.CatchUp, Now: w.app.now,
	}
	db, err := w.database(ctx, mayLackOne)
	if err != nil {
		return append(append(m.Checks(), l.Checks()...), doctor.Broken("integrity", databaseFix(err), err)), nil
	}
	if db == nil {
		missing := doctor.List{Records: noRecords{}}.Checks()[len(l.Checks()):]
		return append(append(m.Checks(), l.Checks()...), doctor.Skip(missing, "'digest serve' or 'digest subscribers import' makes one", "there is no database at "+cfg.Database)...), nil
	}
	d, err := w.desk(ctx, db, pipeline.New(pipeline.Parts{Settings: w.pipelineSettings(), Now: w.app.now, Log: w.log}))
	if err != nil {
		return nil, err
	}
	l.Records, l.Damage = d, db.Damage
	m.Seen, m.Room = db.Schedule().Seen, func() (doctor.Room, error) {
		free, size, wal, err := db.Room()
		return doctor.Room{Free: free, Size: size, WAL: wal}, err
	}
	return append(m.Checks(), l.Checks()...), nil
}

// noRecords names the checks that a database is needed for.
type noRecords struct{ doctor.Records }

func databaseFix(err error) string {
	if errors.Is(err, sqlite.ErrDamaged) {
		return "stop 'digest serve' and restore the newest backup with 'digest restore FILE'"
	}
	if hint := hintFor(err); hint != "" {
		return hint
	}
	return "see docs/operating.md, what a failure means"
}

// secretFiles are those that only the program's user should read.
func (w *wiring) secretFiles() []string {
	cfg := w.cfg
	files := []string{
		cfg.Database, cfg.Database + "-wal", cfg.Database + "-shm", cfg.JournalDir(),
		cfg.SMTP.PasswordFile, cfg.DKIM.KeyFile, cfg.DKIM.KeyFile2,
	}
	if cfg.SMTP.Password != "" && cfg.SMTP.PasswordFile == "" {
		files = append(files, cfg.File())
	}
	return slices.DeleteFunc(files, func(path string) bool { return path == "" })
}
