package assembly

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// Checks are all that doctor looks at.
func (m *Maker) Checks(ctx context.Context) ([]doctor.Check, error) {
	outside, err := m.outsideChecks()
	if err != nil {
		return nil, err
	}
	list, err := m.listChecks(ctx)
	return append(outside, list...), err
}

// checksOf are all that doctor looks at, of a database that is open.
func (m *Maker) checksOf(ctx context.Context, db *Database) ([]doctor.Check, error) {
	outside, err := m.outsideChecks()
	if err != nil {
		return nil, err
	}
	list, err := m.recordChecks(ctx, db)
	return append(outside, list...), err
}

// outsideChecks are those of what is not on this machine.
func (m *Maker) outsideChecks() ([]doctor.Check, error) {
	sender, err := m.senderChecks()
	return append(sender, m.siteChecks()...), err
}

const noRelay = "the built-in mailbox is the mail server: nothing leaves this machine"

func (m *Maker) senderChecks() ([]doctor.Check, error) {
	e, r := m.in.Edition, m.in.Relay
	s := doctor.Sender{
		DNS: net.DefaultResolver, From: e.Headers.From.Address, Envelope: e.Headers.BounceDomain,
		DKIMDomain: e.DKIMDomain, HELO: r.HELO, Relays: hosts(r), Addresses: addresses(m.in.Checkup.Addresses),
	}
	_, domain, _ := strings.Cut(s.From, "@")
	if s.Envelope == "" {
		s.Envelope = domain
	}
	if s.HELO == "" {
		s.HELO = domain
	}
	relay := doctor.Relay{Name: r.Name, Login: r.Username != "", Now: m.host.Now}
	if r.Mailbox != "" {
		return doctor.Skip(append(s.Checks(), relay.Checks()...), "set smtp.host to your relay before readers are mailed", noRelay), nil
	}
	var err error
	if s.Keys, err = m.publishedKeys(); err != nil {
		return nil, err
	}
	relays, err := m.relayChecks(relay)
	return append(s.Checks(), relays...), err
}

// hosts are the relays' names, each with its setting.
func hosts(r Relay) []doctor.Host {
	if len(r.Several) == 0 {
		return []doctor.Host{{Setting: "smtp.host", Name: r.Host}}
	}
	var out []doctor.Host
	for i, each := range r.Several {
		out = append(out, doctor.Host{Setting: fmt.Sprintf("smtp.relays[%d].host", i), Name: each.Host})
	}
	return out
}

// relayChecks greet each relay.
func (m *Maker) relayChecks(one doctor.Relay) (checks []doctor.Check, err error) {
	soon := mailer.Timeouts{Connect: 10 * time.Second, Greeting: 20 * time.Second, Command: 10 * time.Second}
	if len(m.in.Relay.Several) == 0 {
		dialer, err := m.relayDialer(soon)
		if err != nil {
			return nil, err
		}
		one.Greet = dialer.Greet
		return one.Checks(), nil
	}
	for i, r := range m.in.Relay.Several {
		dialer, err := m.severalDialer(i, soon)
		if err != nil {
			return nil, err
		}
		each := doctor.Relay{Key: r.Name, Name: r.Name, Login: r.Username != "", Greet: dialer.Greet, Now: one.Now}
		checks = append(checks, each.Checks()...)
	}
	return checks, nil
}

func addresses(list []netip.Prefix) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, p := range list {
		out[i] = p.Addr()
	}
	return out
}

// publishedKeys are the records of the keys that mail is signed with.
func (m *Maker) publishedKeys() ([]doctor.Key, error) {
	keys, err := m.keys()
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

func (m *Maker) siteChecks() []doctor.Check {
	const wait = 20 * time.Second
	client := doctor.NewClient(&http.Transport{Proxy: nil, TLSHandshakeTimeout: wait, ResponseHeaderTimeout: wait, DisableKeepAlives: true})
	s := doctor.Site{BaseURL: m.in.Edition.Site.BaseURL, Client: client, DNS: net.DefaultResolver, Nobody: subscribers.NewToken().String(), Now: m.host.Now}
	if m.in.Relay.Mailbox != "" && m.in.Checkup.BaseIsHere {
		return doctor.Skip(s.Checks(), "set site.base_url to the address that readers reach you at", s.BaseURL+" is this machine, for a first look")
	}
	return s.Checks()
}

// listChecks are those of the machine and the records. A database that can't be
// opened is a finding.
func (m *Maker) listChecks(ctx context.Context) ([]doctor.Check, error) {
	machine, l := m.machine(), m.listed()
	db, err := m.Database(ctx, MayLackOne)
	if err != nil {
		found := append(append(machine.Checks(), l.Checks()...), doctor.Broken("integrity", m.databaseFix(err), err))
		return append(found, m.backupChecks()...), nil
	}
	if db == nil {
		missing := append(doctor.List{Records: noRecords{}}.Checks()[len(l.Checks()):], doctor.Returned{}.Checks()...)
		missing = append(missing, m.backupChecks()...)
		return append(append(machine.Checks(), l.Checks()...), doctor.Skip(missing, "another folder? -C DIR or --config FILE names it; 'digest serve', 'digest edition build', 'digest send' or 'digest subscribers import' makes one", "there is no database at "+m.in.Database)...), nil
	}
	return m.recordChecks(ctx, db)
}

func (m *Maker) machine() doctor.Machine {
	return doctor.Machine{Now: m.host.Now, Synced: doctor.ClockSynced, Files: m.in.Checkup.Private, RelayLog: m.in.Inbound.RelayLog}
}

func (m *Maker) listed() doctor.List {
	e, sched := m.in.Edition, m.in.Schedule
	return doctor.List{
		Next: func() time.Time { return m.in.Schedule.NextSend(m.host.Now()) }, Notes: sched.Warnings(), Unready: e.Unready, Postal: e.Site.PostalAddress, CatchUp: sched.CatchUp(), Now: m.host.Now,
	}
}

// recordChecks are those of the machine and of an open database.
func (m *Maker) recordChecks(ctx context.Context, db *Database) ([]doctor.Check, error) {
	machine, l, e := m.machine(), m.listed(), m.in.Edition
	d, err := m.desk(ctx, db, pipeline.New(pipeline.Parts{Settings: m.settings(), Now: m.host.Now, Log: m.host.Log}))
	if err != nil {
		return nil, err
	}
	l.Records, l.Damage, l.Server = d, db.Damage, db.Server != nil
	if machine.Seen = db.Schedule.Seen; db.Room != nil {
		machine.Room = func() (doctor.Room, error) {
			free, size, wal, err := db.Room()
			return doctor.Room{Free: free, Size: size, WAL: wal}, err
		}
	} else {
		machine.Journals = func() (uint64, error) { return sqlite.Free(m.in.Journals) }
	}
	back := doctor.Returned{Shelf: db.Inbox, Own: addresses(m.in.Checkup.Addresses), Expect: e.Headers.LeaveByMail || m.in.Inbound.Topic != "" || m.in.Inbound.PostmarkUser != "", Now: m.host.Now}
	found := append(append(machine.Checks(), l.Checks()...), back.Checks()...)
	found = append(found, m.backupChecks()...)
	if db.Server != nil {
		found = append(found, db.Server.Checks()...)
	}
	return found, nil
}

// noRecords names the checks that a database is needed for.
type noRecords struct{ doctor.Records }

func (m *Maker) databaseFix(err error) string {
	if errors.Is(err, sqlite.ErrDamaged) {
		return "stop 'digest serve' and restore the newest backup with 'digest restore FILE'"
	}
	if hint := m.host.Hint(err); hint != "" {
		return hint
	}
	return "see docs/operating.md, what a failure means"
}
