package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A zone is what the test's own DNS server knows: records in the form of zone
// files. A name "broken.example." is answered SERVFAIL.
type zone []string

// serve starts a DNS server on loopback, over UDP and TCP, and gives the system's
// kind of resolver that asks it and nobody else.
func (z zone) serve(t *testing.T) *net.Resolver {
	t.Helper()
	records := map[string][]dns.RR{}
	for _, text := range z {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ToLower(rr.Header().Name)
		records[name] = append(records[name], rr)
	}
	answer := func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		name := strings.ToLower(q.Question[0].Name)
		if strings.HasSuffix(name, "broken.example.") {
			m.Rcode = dns.RcodeServerFailure
		} else if len(records[name]) == 0 {
			m.Rcode = dns.RcodeNameError
		}
		for _, rr := range records[name] {
			if rr.Header().Rrtype == q.Question[0].Qtype {
				m.Answer = append(m.Answer, rr)
			}
		}
		_ = w.WriteMsg(m)
	}
	ln, pc := bothPorts(t)
	for _, srv := range []*dns.Server{{PacketConn: pc, Handler: dns.HandlerFunc(answer)}, {Listener: ln, Handler: dns.HandlerFunc(answer)}} {
		go srv.ActivateAndServe()
		t.Cleanup(func() { _ = srv.Shutdown() })
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, pc.LocalAddr().String())
	}}
}

// bothPorts listens on one port over TCP and UDP; one that is free over one may be
// taken over the other.
func bothPorts(t *testing.T) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 50 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		pc, err := net.ListenPacket("udp", ln.Addr().String())
		if err == nil {
			return ln, pc
		}
		_ = ln.Close()
	}
	t.Fatal("got no port that is free over TCP and UDP")
	return nil, nil
}

// good is a sender that is in order.
func good() zone {
	return zone{
		"news.example. TXT \"v=spf1 ip4:192.0.2.10 -all\"",
		"news.example. TXT \"some-verification=1\"",
		"bounce.news.example. TXT \"v=spf1 ip4:192.0.2.0/28 include:relay.example -all\"",
		"relay.example. TXT \"v=spf1 ip4:198.51.100.7 ~all\"",
		"bounce.news.example. MX 10 mx.news.example.",
		"mx.news.example. A 192.0.2.11",
		"_dmarc.news.example. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@news.example\"",
		"s1._domainkey.news.example. TXT \"v=DKIM1; k=rsa; p=MIIBIjANBg\" \"kqhkiG9w0B\"",
		"10.2.0.192.in-addr.arpa. PTR out.news.example.",
		"out.news.example. A 192.0.2.10",
		"smtp.news.example. A 192.0.2.10",
	}
}

func sender(r Resolver) Sender {
	return Sender{
		DNS: r, From: "verdicts@news.example", Envelope: "bounce.news.example", DKIMDomain: "news.example",
		Keys: []Key{{"s1", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0B"}}, HELO: "out.news.example", Relays: []Host{{"smtp.host", "smtp.news.example"}},
		Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.10")},
	}
}

func (z zone) without(prefix string) zone {
	var out zone
	for _, r := range z {
		if !strings.HasPrefix(r, prefix) {
			out = append(out, r)
		}
	}
	if len(out) == len(z) {
		panic("the zone has no " + prefix)
	}
	return out
}

func (z zone) with(records ...string) zone { return append(z[:len(z):len(z)], records...) }

func look(t *testing.T, checks []Check) map[string]Finding {
	t.Helper()
	found := map[string]Finding{}
	for _, f := range Examine(t.Context(), checks) {
		if (f.Fix == "") != (f.Level == Pass) {
			t.Errorf("%s: got %s with the fix %q, want one for all but a pass", f.Check, f.Level, f.Fix)
		}
		if f.Detail == "" {
			t.Errorf("%s: got no detail, want one", f.Check)
		}
		found[f.Check] = f
	}
	return found
}

func TestSenderInOrder(t *testing.T) {
	t.Parallel()
	for name, f := range look(t, sender(good().serve(t)).Checks()) {
		if f.Level != Pass {
			t.Errorf("%s: got %s: %s, want a pass", name, f.Level, f.Detail)
		}
	}
}

// Each fault makes its own check fail, in words that name it, and no other.
func TestSenderFaults(t *testing.T) {
	t.Parallel()
	const bounceSPF = "bounce.news.example. TXT"
	relays := func(names ...string) func(*Sender) {
		return func(s *Sender) {
			s.Addresses, s.Relays = nil, nil
			for i, name := range names {
				s.Relays = append(s.Relays, Host{fmt.Sprintf("smtp.relays[%d].host", i), name})
			}
		}
	}
	for name, tc := range map[string]struct {
		zone   zone
		change func(*Sender)
		check  string
		level  Level
		want   string // in detail or fix
		also   string // another check that says so
	}{
		"no SPF":                                {zone: good().without(bounceSPF), check: "spf", level: Fail, want: "has no SPF record"},
		"SPF of another server":                 {zone: good().without(bounceSPF).with(bounceSPF + ` "v=spf1 ip4:203.0.113.1 -all"`), check: "spf", level: Fail, want: "add ip4:192.0.2.10"},
		"two SPF records":                       {zone: good().with(bounceSPF + ` "v=spf1 mx -all"`), check: "spf", level: Fail, want: "one record"},
		"SPF that includes itself":              {zone: good().without(bounceSPF).with(bounceSPF + ` "v=spf1 include:bounce.news.example -all"`), check: "spf", level: Fail, want: "at most 10 lookups"},
		"SPF with an unknown word":              {zone: good().without(bounceSPF).with(bounceSPF + ` "v=spf1 ipv4:192.0.2.10 -all"`), check: "spf", level: Fail, want: "cannot be evaluated"},
		"SPF through an include":                {zone: good().with("7.100.51.198.in-addr.arpa. PTR out7.news.example.", "out7.news.example. A 198.51.100.7"), change: func(s *Sender) { s.Addresses = []netip.Addr{netip.MustParseAddr("198.51.100.7")} }, check: "spf", level: Pass, want: "198.51.100.7 may send"},
		"SPF, relay's address guessed":          {zone: good().with("other.example. A 203.0.113.9", "9.113.0.203.in-addr.arpa. PTR other.example."), change: func(s *Sender) { s.Addresses, s.Relays = nil, []Host{{"smtp.host", "other.example"}} }, check: "spf", level: Warn, want: "smtp.sending_addresses"},
		"relay in a private network":            {zone: good().with("inside.example. A 10.0.0.3"), change: func(s *Sender) { s.Addresses, s.Relays = nil, []Host{{"smtp.host", "inside.example"}} }, check: "spf", level: Skipped, want: "private network", also: "ptr"},
		"both relays in SPF":                    {zone: good().with("other.example. A 192.0.2.12", "12.2.0.192.in-addr.arpa. PTR other.example."), change: relays("smtp.news.example", "other.example"), check: "spf", level: Pass, want: "192.0.2.12 may send"},
		"the second relay is not in SPF":        {zone: good().with("other.example. A 203.0.113.9", "9.113.0.203.in-addr.arpa. PTR other.example."), change: relays("smtp.news.example", "other.example"), check: "spf", level: Warn, want: "203.0.113.9, an address of smtp.relays[1].host"},
		"the second relay has no PTR":           {zone: good().with("other.example. A 192.0.2.12"), change: relays("smtp.news.example", "other.example"), check: "ptr", level: Warn, want: "it is an address of smtp.relays[1].host"},
		"the second relay in a private network": {zone: good().with("inside.example. A 10.0.0.3"), change: relays("smtp.news.example", "inside.example"), check: "spf", level: Skipped, want: "smtp.relays[1].host inside.example is in a private network", also: "ptr"},
		"the second relay is not found":         {zone: good(), change: relays("smtp.news.example", "broken.example"), check: "spf", level: Warn, want: "look up smtp.relays[1].host", also: "ptr"},
		"resolver fails":                        {zone: good(), change: func(s *Sender) { s.Envelope = "broken.example" }, check: "spf", level: Warn, want: "resolver", also: "bounce-mx alignment"},
		"no DKIM record":                        {zone: good().without("s1._domainkey"), check: "dkim", level: Fail, want: "publish at s1._domainkey.news.example the TXT record v=DKIM1"},
		"another DKIM key":                      {zone: good().without("s1._domainkey").with(`s1._domainkey.news.example. TXT "v=DKIM1; p=AAAA"`), check: "dkim", level: Fail, want: "not that of the key file"},
		"DKIM key without k=":                   {zone: good().without("s1._domainkey").with(`s1._domainkey.news.example. TXT "v=DKIM1; p=MIIBIjANBg kqhkiG9w0B"`), check: "dkim", level: Pass, want: "publishes"},
		"DKIM key of another kind":              {zone: good().without("s1._domainkey").with(`s1._domainkey.news.example. TXT "v=DKIM1; k=ed25519; p=MIIBIjANBgkqhkiG9w0B"`), check: "dkim", level: Fail, want: "not that of the key file"},
		"DKIM key revoked":                      {zone: good().without("s1._domainkey").with(`s1._domainkey.news.example. TXT "v=DKIM1; p="`), check: "dkim", level: Fail, want: "revoked"},
		"DKIM in test":                          {zone: good().without("s1._domainkey").with(`s1._domainkey.news.example. TXT "v=DKIM1; t=s:y; p=MIIBIjANBgkqhkiG9w0B"`), check: "dkim", level: Warn, want: "t=y"},
		"two DKIM records":                      {zone: good().with(`s1._domainkey.news.example. TXT "v=DKIM1; p=BBBB"`), check: "dkim", level: Fail, want: "2 TXT records"},
		"second key not published":              {zone: good(), change: func(s *Sender) { s.Keys = append(s.Keys, Key{"s2", "v=DKIM1; k=ed25519; p=CCCC"}) }, check: "dkim", level: Fail, want: "s2._domainkey"},
		"not signed":                            {zone: good(), change: func(s *Sender) { s.Keys, s.DKIMDomain = nil, "" }, check: "dkim", level: Warn, want: "dkim generate", also: "alignment"},
		"no DMARC":                              {zone: good().without("_dmarc"), check: "dmarc", level: Fail, want: "_dmarc.news.example"},
		"DMARC of the organization":             {zone: good(), change: func(s *Sender) { s.From = "verdicts@weekly.news.example" }, check: "dmarc", level: Pass, want: "_dmarc.news.example"},
		"DMARC without reports":                 {zone: good().without("_dmarc").with(`_dmarc.news.example. TXT "v=DMARC1; p=reject"`), check: "dmarc", level: Warn, want: "rua="},
		"DMARC broken":                          {zone: good().without("_dmarc").with(`_dmarc.news.example. TXT "v=DMARC1; p=maybe"`), check: "dmarc", level: Fail, want: "cannot be read"},
		"signed for another domain":             {zone: good().with(`s1._domainkey.other.example. TXT "v=DKIM1; p=MIIBIjANBgkqhkiG9w0B"`), change: func(s *Sender) { s.DKIMDomain = "other.example" }, check: "alignment", level: Warn, want: "forwarding"},
		"nothing aligned":                       {zone: good().with(`s1._domainkey.other.example. TXT "v=DKIM1; p=MIIBIjANBgkqhkiG9w0B"`, `bounce.other.example. TXT "v=spf1 +all"`, "bounce.other.example. MX 0 mx.news.example."), change: func(s *Sender) { s.DKIMDomain, s.Envelope = "other.example", "bounce.other.example" }, check: "alignment", level: Fail, want: "DMARC fails"},
		"strict alignment":                      {zone: good().without("_dmarc").with(`_dmarc.news.example. TXT "v=DMARC1; p=none; adkim=s; aspf=s; rua=mailto:a@news.example"`), change: func(s *Sender) { s.From = "verdicts@weekly.news.example" }, check: "alignment", level: Fail, want: "aligned with weekly.news.example"},
		"null MX":                               {zone: good().without("bounce.news.example. MX").with("bounce.news.example. MX 0 ."), check: "bounce-mx", level: Fail, want: "null MX"},
		"no MX":                                 {zone: good().without("bounce.news.example. MX"), check: "bounce-mx", level: Fail, want: "neither an MX nor an address"},
		"MX implied by an address":              {zone: good().without("bounce.news.example. MX").with("bounce.news.example. A 192.0.2.12"), check: "bounce-mx", level: Warn, want: "no MX record"},
		"MX without an address":                 {zone: good().without("mx.news.example."), check: "bounce-mx", level: Fail, want: "has an address"},
		"no PTR":                                {zone: good().without("10.2.0.192"), check: "ptr", level: Fail, want: "no PTR record"},
		"PTR that leads elsewhere":              {zone: good().without("out.news.example.").with("out.news.example. A 192.0.2.99"), check: "ptr", level: Fail, want: "does not lead back"},
		"HELO without an address":               {zone: good(), change: func(s *Sender) { s.HELO = "nowhere.news.example" }, check: "helo", level: Warn, want: "no address record"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sender(tc.zone.serve(t))
			if tc.change != nil {
				tc.change(&s)
			}
			found := look(t, s.Checks())
			f := found[tc.check]
			if f.Level != tc.level || !strings.Contains(f.Detail+" → "+f.Fix, tc.want) {
				t.Errorf("%s: got %s: %s → %s, want %s with %q", tc.check, f.Level, f.Detail, f.Fix, tc.level, tc.want)
			}
			for _, other := range found {
				if other.Check != tc.check && other.Level != Pass && !strings.Contains(tc.also+" "+guessed(tc.want), other.Check) {
					t.Errorf("%s: got %s: %s, want a pass: the fault is none of its own", other.Check, other.Level, other.Detail)
				}
			}
		})
	}
}

// guessed: an address that is a guess leaves a warning on PTR too.
func guessed(want string) string {
	if want == "smtp.sending_addresses" {
		return "ptr"
	}
	return ""
}

// A check that hangs ends, and its time is not the others'.
func TestResolverThatNeverAnswers(t *testing.T) {
	t.Parallel()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0") // reads nothing
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	silent := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	for _, f := range Examine(ctx, sender(silent).Checks()) {
		if f.Level == Pass && f.Check != "alignment" {
			t.Errorf("%s: got a pass with a resolver that never answers: %s", f.Check, f.Detail)
		}
	}
}
