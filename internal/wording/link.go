package wording

import (
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Link gives raw as an absolute http or https address in the one form that
// pages, both parts of a mail and their checks share: the host in ASCII, every
// byte that HTML or a reader's mail program could take for the end of the
// address percent-encoded. It is false for anything else, and for an address
// with a user or a password in it; the empty string is "" and true.
func Link(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", true
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	if u.Host, err = asciiHost(u); err != nil {
		return "", false
	}
	return escapeURL(u.String()), true
}

func asciiHost(u *url.URL) (string, error) {
	host := u.Hostname()
	if strings.Contains(host, ":") {
		return u.Host, nil // an IPv6 address
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	} else if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return "", err // an ASCII name that is only unusual, such as one with an underscore, stays
	}
	if port := u.Port(); port != "" {
		return net.JoinHostPort(host, port), nil
	}
	return host, nil
}

// escapeURL percent-encodes what html/template would in an attribute, so that
// it changes nothing afterwards: all but unreserved characters, reserved ones
// without quotes and parentheses, and escapes (RFC 3986 §2).
func escapeURL(s string) string {
	const kept = "!#$&*+,/:;=?@[]-._~%"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', strings.IndexByte(kept, c) >= 0:
			b.WriteByte(c)
		default:
			const hex = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
