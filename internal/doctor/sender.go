package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// A Resolver asks the DNS; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// A Key is a DKIM key that mail is signed with, and the record that publishes it.
type Key struct {
	Selector string
	Record   string // as message.DNSRecord makes it
}

// A Sender is whom the mail is from, as the world can check it. Domains are in
// ASCII.
type Sender struct {
	DNS        Resolver
	From       string // mail.from's address
	Envelope   string // the domain of the envelope sender: mail.bounce_domain, or From's
	DKIMDomain string
	Keys       []Key
	HELO       string       // the name that the program greets the relay with
	Relays     []Host       // smtp.host, or those of smtp.relays
	Addresses  []netip.Addr // smtp.sending_addresses: from which the relays send on; none: the relays' own
}

// A Host is a name and the setting that it is from.
type Host struct{ Setting, Name string }

// Checks are those of a sender.
func (s Sender) Checks() []Check {
	return []Check{
		{"spf", s.spf}, {"dkim", s.dkim}, {"dmarc", s.dmarc}, {"alignment", s.alignment},
		{"bounce-mx", s.bounceMX}, {"ptr", s.ptr}, {"helo", s.helo},
	}
}

const setAddresses = "set smtp.sending_addresses to the addresses from which your relays send on"

// A source is an address that mail comes from for its receivers. Those of a
// relay are a guess, because many a relay sends from others than it takes mail at.
type source struct {
	netip.Addr
	of Host // the relay that it was guessed from; the zero value: it is known
}

func (a source) known() bool { return a.of == Host{} }

// sources gives the addresses that mail comes from, and a finding for each relay
// whose addresses tell nothing.
func (s Sender) sources(ctx context.Context) (list []source, dark []Finding) {
	for _, a := range s.Addresses {
		list = append(list, source{Addr: a})
	}
	if len(list) > 0 {
		return list, nil
	}
	for _, h := range s.Relays {
		ips, err := s.DNS.LookupIPAddr(ctx, h.Name)
		before := len(list)
		for _, ip := range ips {
			if a, ok := netip.AddrFromSlice(ip.IP); ok && isPublic(a) {
				list = append(list, source{a.Unmap(), h})
			}
		}
		switch {
		case err != nil:
			dark = append(dark, warn("see to it that this machine's resolver answers", "look up %s: %s", h.Setting, err))
		case len(list) == before:
			dark = append(dark, skipped(setAddresses, "%s %s is in a private network, so from which address mail reaches the world is not known", h.Setting, h.Name))
		}
	}
	return list, dark
}

func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !sharedSpace().Contains(a)
}

// sharedSpace is RFC 6598: behind a carrier's NAT.
func sharedSpace() netip.Prefix { return netip.MustParsePrefix("100.64.0.0/10") }

// spf evaluates the envelope domain's SPF record (RFC 7208) for each address.
func (s Sender) spf(ctx context.Context) Finding {
	return s.eachSource(ctx, func(a source) Finding { return s.spfOf(ctx, a) })
}

// eachSource checks every address that mail comes from, and gives the gravest
// finding. A relay of which nothing is known leaves no pass.
func (s Sender) eachSource(ctx context.Context, check func(source) Finding) Finding {
	list, dark := s.sources(ctx)
	var found []Finding
	for _, a := range list {
		found = append(found, check(a))
	}
	worst := gravest(append(found, dark...)...)
	if worst.Level == Pass && len(dark) > 0 {
		return gravest(dark...)
	}
	return worst
}

func (s Sender) spfOf(ctx context.Context, a source) Finding {
	result, err := spf.CheckHostWithSender(net.IP(a.AsSlice()), s.HELO, "bounces@"+s.Envelope, spf.WithContext(ctx), spf.WithResolver(s.DNS))
	mechanism := "ip4:"
	if a.Is6() {
		mechanism = "ip6:"
	}
	switch result {
	case spf.Pass:
		return pass("%s may send for %s", a, s.Envelope)
	case spf.TempError:
		return warn("see to it that this machine's resolver answers", "SPF of %s could not be looked up: %v", s.Envelope, err)
	case spf.PermError:
		return fail("correct the TXT record of "+s.Envelope+" that begins with v=spf1: one record, at most 10 lookups", "SPF of %s cannot be evaluated: %v", s.Envelope, err)
	case spf.None:
		return fail(fmt.Sprintf(`publish at %s the TXT record "v=spf1 %s%s -all", or the include that your relay's provider names`, s.Envelope, mechanism, a), "%s has no SPF record", s.Envelope)
	}
	if !a.known() {
		return warn(setAddresses+", so that they are checked", "SPF of %s says %s for %s, an address of %s; the relay may send from others", s.Envelope, result, a, a.of.Setting)
	}
	return fail(fmt.Sprintf("add %s%s, or the include that your relay's provider names, to the v=spf1 record of %s", mechanism, a, s.Envelope), "SPF of %s says %s for %s", s.Envelope, result, a)
}

// dkim compares each key with its published record (RFC 6376 §3.6.1).
func (s Sender) dkim(ctx context.Context) Finding {
	if len(s.Keys) == 0 {
		return warn("make a key with 'digest dkim generate', publish its record and set dkim.domain, dkim.selector and dkim.key_file", "mail is not signed here; Gmail, Yahoo and Outlook ask for DKIM, unless the relay signs")
	}
	var found []Finding
	for _, k := range s.Keys {
		found = append(found, s.dkimKey(ctx, k))
	}
	return gravest(found...)
}

func (s Sender) dkimKey(ctx context.Context, k Key) Finding {
	name := k.Selector + "._domainkey." + s.DKIMDomain
	publish := fmt.Sprintf("publish at %s the TXT record %s", name, k.Record)
	list, err := s.DNS.LookupTXT(ctx, name)
	if isMissing(err) || err == nil && len(list) == 0 {
		return fail(publish, "%s has no TXT record", name)
	}
	if err != nil {
		return warn("see to it that this machine's resolver answers", "look up %s: %s", name, err)
	}
	if len(list) > 1 {
		return fail("leave one TXT record at "+name, "%s has %d TXT records, and what a receiver takes is not defined", name, len(list))
	}
	got, want := tags(list[0]), tags(k.Record)
	switch {
	case got["p"] == "":
		return fail(publish, "the key at %s is revoked (p= is empty)", name)
	case got["p"] != want["p"] || orRSA(got["k"]) != orRSA(want["k"]):
		return fail(publish, "the key at %s is not that of the key file, so every signature fails", name)
	case strings.Contains(":"+got["t"]+":", ":y:"):
		return warn("take t=y out of the record at "+name, "the key at %s is marked as a test (t=y), so receivers may not count its signatures", name)
	}
	return pass("%s publishes the key of the key file", name)
}

func orRSA(k string) string {
	if k == "" {
		return "rsa"
	}
	return k
}

// tags reads tag=value; tag=value (RFC 6376 §3.2), white space left out.
func tags(record string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(record, ";") {
		if tag, value, ok := strings.Cut(part, "="); ok {
			out[strings.TrimSpace(tag)] = strings.Join(strings.Fields(value), "")
		}
	}
	return out
}

func isMissing(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// policy is the DMARC record of From's domain or of its organization's (RFC 7489
// §6.6.3), and where it is.
func (s Sender) policy(ctx context.Context) (*dmarc.Record, string, error) {
	domain := domainOf(s.From)
	look := dmarc.LookupOptions{LookupTXT: func(name string) ([]string, error) { return s.DNS.LookupTXT(ctx, name) }}
	r, err := dmarc.LookupWithOptions(domain, &look)
	if org := organization(domain); errors.Is(err, dmarc.ErrNoPolicy) && org != domain {
		domain = org
		r, err = dmarc.LookupWithOptions(domain, &look)
	}
	return r, "_dmarc." + domain, err
}

func (s Sender) dmarc(ctx context.Context) Finding {
	r, at, err := s.policy(ctx)
	switch {
	case errors.Is(err, dmarc.ErrNoPolicy):
		return fail(fmt.Sprintf(`publish at %s the TXT record "v=DMARC1; p=none; rua=mailto:ADDRESS"`, at), "%s has no DMARC record; Gmail and Yahoo ask those who mail many for one", domainOf(s.From))
	case dmarc.IsTempFail(err):
		return warn("see to it that this machine's resolver answers", "look up %s: %s", at, err)
	case err != nil:
		return fail("correct the TXT record at "+at, "DMARC at %s cannot be read: %s", at, err)
	case len(r.ReportURIAggregate) == 0:
		return warn("add rua=mailto:ADDRESS to the record at "+at, "DMARC at %s says p=%s and asks for no reports, so nobody tells you who fails it", at, r.Policy)
	}
	return pass("%s says p=%s", at, r.Policy)
}

// alignment looks whether what is signed and what the envelope says belong to
// the domain that the reader sees (RFC 7489 §3.1).
func (s Sender) alignment(ctx context.Context) Finding {
	r, _, err := s.policy(ctx)
	if err != nil {
		r = &dmarc.Record{DKIMAlignment: dmarc.AlignmentRelaxed, SPFAlignment: dmarc.AlignmentRelaxed}
	}
	from := domainOf(s.From)
	signs := len(s.Keys) > 0 && aligned(from, s.DKIMDomain, r.DKIMAlignment)
	bounces := aligned(from, s.Envelope, r.SPFAlignment)
	switch {
	case signs && bounces:
		return pass("DKIM (d=%s) and the envelope sender (%s) are aligned with %s", s.DKIMDomain, s.Envelope, from)
	case signs:
		return pass("DKIM (d=%s) is aligned with %s; the envelope sender (%s) is not, and need not be", s.DKIMDomain, from, s.Envelope)
	case bounces:
		return warn("sign with a key of "+from, "only the envelope sender (%s) is aligned with %s, and that does not survive forwarding", s.Envelope, from)
	}
	return fail("sign with a key of "+from+": dkim.domain "+from, "neither DKIM (d=%s) nor the envelope sender (%s) is aligned with %s, so DMARC fails", s.DKIMDomain, s.Envelope, from)
}

func aligned(from, other string, mode dmarc.AlignmentMode) bool {
	if mode == dmarc.AlignmentStrict {
		return strings.EqualFold(from, other)
	}
	return other != "" && organization(from) == organization(other)
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// organization is a domain's registrable part; the domain itself where it has
// none.
func organization(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(domain)); err == nil {
		return org
	}
	return strings.ToLower(domain)
}
