package doctor

import (
	"context"
	"net/netip"
	"strings"
)

// bounceMX looks whether mail to the envelope sender reaches a server: bounces go
// there, and some receivers refuse a sender that can't be answered.
func (s Sender) bounceMX(ctx context.Context) Finding {
	list, err := s.DNS.LookupMX(ctx, s.Envelope)
	if err != nil && !isMissing(err) && len(list) == 0 {
		return warn("see to it that this machine's resolver answers", "look up MX of %s: %s", s.Envelope, err)
	}
	publish := "publish an MX record for " + s.Envelope + " that names the server which takes its mail"
	if len(list) == 0 {
		if _, err := s.DNS.LookupIPAddr(ctx, s.Envelope); err != nil {
			return fail(publish, "%s has neither an MX nor an address record, so bounces are lost", s.Envelope)
		}
		return warn(publish, "%s has no MX record; mail goes to its address record, where perhaps no mail server is", s.Envelope)
	}
	for _, mx := range list {
		if mx.Host == "." {
			return fail("publish an MX record that names a server, or set mail.bounce_domain to a domain that takes mail",
				"%s has a null MX (RFC 7505): it takes no mail, bounces are lost and some receivers refuse its mail", s.Envelope)
		}
		if _, err := s.DNS.LookupIPAddr(ctx, mx.Host); err == nil {
			return pass("mail to %s goes to %s", s.Envelope, strings.TrimSuffix(mx.Host, "."))
		}
	}
	return fail("give the host of the MX record an address record", "no MX of %s (%s) has an address", s.Envelope, strings.TrimSuffix(list[0].Host, "."))
}

// ptr wants for each sending address a name that leads back to it: Gmail refuses
// others (4.7.23, 5.7.25).
func (s Sender) ptr(ctx context.Context) Finding {
	return s.eachSource(ctx, func(a source) Finding {
		f := s.ptrOf(ctx, a.Addr)
		if f.Level == Fail && !a.known() {
			f = warn(setAddresses+", so that they are checked", "%s; it is an address of %s, and the relay may send from others", f.Detail, a.of.Setting)
		}
		return f
	})
}

func (s Sender) ptrOf(ctx context.Context, a netip.Addr) Finding {
	fix := "have whoever gave you " + a.String() + " set its PTR record to a name whose address record is " + a.String()
	names, err := s.DNS.LookupAddr(ctx, a.String())
	if err != nil && !isMissing(err) {
		return warn("see to it that this machine's resolver answers", "look up PTR of %s: %s", a, err)
	}
	if len(names) == 0 {
		return fail(fix, "%s has no PTR record; Gmail refuses mail from it", a)
	}
	for _, name := range names {
		ips, _ := s.DNS.LookupIPAddr(ctx, name) // a name without an address does not lead back
		for _, ip := range ips {
			if back, ok := netip.AddrFromSlice(ip.IP); ok && back.Unmap() == a.Unmap() {
				return pass("%s is %s, which leads back to it", a, strings.TrimSuffix(name, "."))
			}
		}
	}
	return fail(fix, "PTR of %s is %s, which does not lead back to it", a, strings.TrimSuffix(names[0], "."))
}

// helo wants the name in the greeting to exist. The relay greets the world with
// a name of its own; a relay on this network looks at ours.
func (s Sender) helo(ctx context.Context) Finding {
	if strings.HasPrefix(s.HELO, "[") {
		return pass("the program greets with the address literal %s", s.HELO)
	}
	_, err := s.DNS.LookupIPAddr(ctx, s.HELO)
	switch {
	case err == nil:
		return pass("the program greets with %s, which has an address", s.HELO)
	case isMissing(err):
		return warn("set smtp.helo to a name with an address record, best the machine's own", "the program greets with %s, which has no address record; strict relays refuse that", s.HELO)
	}
	return warn("see to it that this machine's resolver answers", "look up %s: %s", s.HELO, err)
}
