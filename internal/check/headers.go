package check

import (
	"bytes"
	"net/mail"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// headers checks a sample message's headers: what Gmail, Yahoo and Outlook ask
// of bulk mail (RFC 2369, RFC 2919, RFC 8058).
func (r *report) headers(m Mail) {
	if m.Raw == nil {
		return
	}
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		r.fail("headers.parse", "report this: the program made a message that cannot be parsed", "%s", err)
		return
	}
	h := msg.Header
	var missing []string
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"} {
		if h.Get(name) == "" {
			missing = append(missing, name+" is missing")
		}
	}
	r.all("headers.present", Fail, missing, "report this: the program writes them", "From, To, Date, Message-ID and the List- headers are there")
	r.oneClick(h)
	r.alignment(m, h)
}

// oneClick checks RFC 8058 §3.1: an https URI in List-Unsubscribe and the exact
// value in List-Unsubscribe-Post.
func (r *report) oneClick(h mail.Header) {
	post := h.Get("List-Unsubscribe-Post")
	list := h.Get("List-Unsubscribe")
	switch {
	case post != "List-Unsubscribe=One-Click":
		r.fail("headers.one-click", "report this: the program writes it", "List-Unsubscribe-Post is %q", post)
	case strings.HasPrefix(list, "<http://") && !isLocal(strings.TrimLeft(list, "<")):
		r.fail("headers.one-click", "set site.base_url to an https address", "the unsubscribe address is not https; Gmail and Yahoo ignore it")
	case strings.HasPrefix(list, "<http://"):
		r.warn("headers.one-click", "set site.base_url to your https address before you mail anyone", "the unsubscribe address is on this machine")
	case !strings.HasPrefix(list, "<https://"):
		r.fail("headers.one-click", "set site.base_url", "List-Unsubscribe does not start with an https address")
	default:
		r.pass("headers.one-click", "one-click unsubscription by https")
	}
}

// alignment checks that the DKIM domain and From share an organizational domain
// (RFC 7489 §3.1.1, relaxed).
func (r *report) alignment(m Mail, h mail.Header) {
	from, err := mail.ParseAddress(h.Get("From"))
	if err != nil {
		r.fail("headers.from", "set mail.from", "From cannot be parsed: %s", err)
		return
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	switch {
	case domain == "localhost":
		r.warn("headers.from", "set mail.from to an address of your domain", "From is at localhost; no one else will take mail from there")
	case m.DKIMDomain == "":
		r.warn("headers.from", "set dkim in the settings ('digest dkim generate'), unless your relay signs", "the mail is not signed with DKIM here; Gmail, Yahoo and Outlook ask for it")
	case organizational(domain) != organizational(m.DKIMDomain):
		r.fail("headers.from", "sign with the domain of mail.from", "the DKIM domain %s is not aligned with From's %s: DMARC fails", m.DKIMDomain, domain)
	default:
		r.pass("headers.from", "From and the DKIM domain %s are aligned", m.DKIMDomain)
	}
}

func organizational(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(domain))
	if err != nil {
		return strings.ToLower(domain)
	}
	return org
}

// postal checks the physical address that 16 CFR 316.5 (CAN-SPAM) asks for.
func (r *report) postal(m Mail) {
	address := strings.TrimSpace(m.Site.PostalAddress)
	shown := strings.Contains(collapse(m.Rendered.Text), collapse(address))
	switch {
	case address == "":
		r.warn("postal-address", "set site.postal_address", "there is no postal address; the law asks for one in bulk mail")
	case !shown:
		r.fail("postal-address", "put the address into the templates", "the mail does not show the postal address")
	default:
		r.pass("postal-address", "the mail shows the postal address")
	}
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }
