package comparison

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// NormalURL gives a URL the one spelling that every part of a mail carries: an
// international host in its ASCII form (RFC 5891), and percent-encoded whatever
// an HTML escaper would encode in a link: letters beyond ASCII, quotes and
// round brackets (html/template's rules, a superset of RFC 3986 §2). A text that
// is no URL, or has what nobody sees, comes back as it is.
func NormalURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.ContainsFunc(text, hiddenInURL) {
		return text
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil || strings.Contains(u.Host, "[") {
		host = strings.ToLower(u.Hostname())
	}
	if start := strings.Index(text, u.Host); host != "" && start >= 0 {
		whole := u.Host
		text = text[:start] + strings.Replace(whole, u.Hostname(), host, 1) + text[start+len(whole):]
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; staysInURL(c) && (c != '%' || isEscape(text[i:])) {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// staysInURL reports whether html/template writes a byte into a link as it is:
// the unreserved characters, and the reserved ones without quotes and brackets.
func staysInURL(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("!#$&*+,/:;=?@[]-._~%", c) >= 0
}

func isEscape(s string) bool {
	const hex = "0123456789ABCDEFabcdef"
	return len(s) > 2 && strings.IndexByte(hex, s[1]) >= 0 && strings.IndexByte(hex, s[2]) >= 0
}

// isHost refuses empty and over-long labels (RFC 1035 §2.3.4); a literal address
// is a host, too.
func isHost(host string) bool {
	if strings.Contains(host, ":") {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return len(host) <= 253
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}
