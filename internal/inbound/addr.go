package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// An address in running text: what can follow it is left to the reader. The
// local part may be quoted or international (RFC 6531).
var address = regexp.MustCompile(`(?:"[^"\s@]{1,64}"|[^\s<>()\[\]:;,"'@\\=]{1,64}(?:[=:][^\s<>()\[\]:;,"'@\\]{1,64})*)@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*[\p{L}\p{N}]`)

// findAddresses gives the addresses in a text, each once.
func findAddresses(s string) (out []string) {
	for _, a := range address.FindAllString(s, maxRecipients) {
		a = cleanAddress(a)
		if strings.Contains(a, "://") {
			continue
		}
		if !containsFold(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// oneAddress gives the first address of a field's value, or "".
func oneAddress(s string) string { return cleanAddress(address.FindString(s)) }

// cleanAddress takes off what a form puts around an address.
func cleanAddress(a string) string {
	a = strings.TrimPrefix(a, "mailto:")
	a = strings.TrimPrefix(a, "rfc822;")
	if strings.HasPrefix(a, `"`) && strings.Count(a, `"`) == 2 && strings.HasSuffix(a[:strings.LastIndexByte(a, '@')], `"`) {
		return a
	}
	return strings.Trim(a, `"'.`)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}

// from is who sent the mail.
func (m *mail) from() string { return oneAddress(word(m.header.get("from"))) }

// addresses are those that the mail was sent to, then those that the returned
// message says it was sent from.
func (m *mail) addresses() (out []string) {
	add := func(h header, names ...string) {
		for _, name := range names {
			for _, v := range h.all(name) {
				for _, a := range findAddresses(v) {
					if len(out) < maxRecipients && !containsFold(out, a) {
						out = append(out, a)
					}
				}
			}
		}
	}
	add(m.header, "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
	add(m.original(), "return-path", "x-envelope-from", "errors-to", "sender", "from")
	return out
}

// original is the header of the message that comes back; empty if none does.
func (m *mail) original() header {
	for _, p := range m.parts {
		switch p.kind {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/rfc822-headers":
			h, _ := splitHeader(trimBlank(p.body))
			return h
		}
	}
	_, rest := m.notice()
	h, _ := splitHeader(trimBlank([]byte(rest)))
	return h
}

func trimBlank(b []byte) []byte {
	for len(b) > 0 && (b[0] == '\n' || b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

func (m *mail) originalID() string {
	id := m.original().get("message-id")
	return strings.Trim(id, "<> \t")
}

// originalRecipients are those whom the returned message was for.
func (m *mail) originalRecipients() (out []string) {
	h := m.original()
	for _, name := range []string{"x-original-to", "to", "cc", "bcc", "x-rcpt-to"} {
		for _, v := range h.all(name) {
			for _, a := range findAddresses(word(v)) {
				if !containsFold(out, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}
