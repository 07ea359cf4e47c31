package check

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
)

// from checks who the mail says it is from: readable, itself, and aligned with
// the signature.
func (r *report) from(m Mail, h mail.Header) {
	from, err := mail.ParseAddress(h.Get("From"))
	if err != nil {
		r.addFail("headers.from", "set mail.from", "From cannot be parsed: %s", err)
		return
	}
	if m.From != "" && !strings.EqualFold(m.From, from.Address) {
		r.addFail("headers.from", "report this: the program writes it", "From is %s, not %s", from.Address, m.From)
		return
	}
	domain := domainOf(from.Address)
	switch {
	case domain == "localhost":
		r.addWarn("headers.from", "set mail.from to an address of your domain", "From is at localhost; no one else will take mail from there")
	case m.DKIMDomain == "":
		r.addWarn("headers.from", "make a DKIM key and set dkim in the settings, unless your relay signs", "the mail is not signed with DKIM here; Gmail, Yahoo and Outlook ask for it")
	case organizational(domain) != organizational(m.DKIMDomain):
		r.addFail("headers.from", "sign with the domain of mail.from", "the DKIM domain %s is not aligned with From's %s: DMARC fails", m.DKIMDomain, domain)
	default:
		r.addPass("headers.from", "From and the DKIM domain %s are aligned", m.DKIMDomain)
	}
	r.displayName(from)
	id := strings.Trim(h.Get("Message-ID"), "<>")
	if idDomain := domainOf(id); organizational(idDomain) != organizational(domain) {
		r.addWarn("headers.message-id", "set mail.from to an address of the sending domain", "the Message-ID names %s, and From %s", idDomain, domain)
	} else {
		r.addPass("headers.message-id", "the Message-ID names From's domain")
	}
}

// displayName checks the name before the address: filters take another address
// or domain in it for an attempt to deceive.
func (r *report) displayName(from *mail.Address) {
	const check, fix = "headers.name", "write the newsletter's plain name into mail.from"
	hard, soft := spoofed(from.Name)
	if len(hard) > 0 {
		r.addAll(check, Fail, says(hard...), fix, "")
		return
	}
	if from.Name == "" {
		soft = append(soft, "there is no name before the address; inboxes show the bare address")
	}
	for _, word := range strings.FieldsFunc(from.Name, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("<>()[],;:\"", c) }) {
		switch {
		case strings.Contains(word, "@") && !strings.EqualFold(word, from.Address):
			soft = append(soft, "the name has another address, "+word)
		case !strings.Contains(word, "@") && isDomain(word) && organizational(word) != organizational(domainOf(from.Address)):
			soft = append(soft, "the name has another domain, "+word)
		}
	}
	r.addAll(check, Warn, says(soft...), fix, "the sender's name is plain")
}

// isDomain reports whether a word is a host name below a suffix that ICANN
// knows.
func isDomain(word string) bool {
	word = strings.ToLower(strings.Trim(word, "."))
	suffix, icann := publicsuffix.PublicSuffix(word)
	return icann && strings.Contains(word, ".") && suffix != word
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// organizational is the registered domain that DMARC compares (RFC 7489 §3.2).
func organizational(domain string) string {
	domain = strings.ToLower(domain)
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}
