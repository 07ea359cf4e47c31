package subscribers

import (
	"slices"
	"strings"
)

// misspeltEnds are ends of domains that are no top-level domains.
func misspeltEnds() map[string]string {
	return map[string]string{".con": ".com", ".cmo": ".com", ".ocm": ".com", ".vom": ".com", ".xom": ".com", ".comm": ".com", ".ogr": ".org", ".nte": ".net"}
}

// largeProviders are domains that one slip behind the first letter leads to nobody
// else's: with another first letter "mail.com" and "cloud.com" are there.
func largeProviders() []string {
	return []string{
		"gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "protonmail.com", "comcast.net", "verizon.net",
		"t-online.de", "freenet.de", "laposte.net", "wanadoo.fr", "libero.it", "yandex.ru",
	}
}

// shortProviders are domains that are a letter away from others' own; two letters
// exchanged, or one doubled, are still slips.
func shortProviders() []string {
	return []string{"web.de", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "aol.com", "live.com", "msn.com", "proton.me", "mail.ru", "orange.fr"}
}

// slipOf finds the provider's domain that a domain is one slip away from.
func slipOf(domain string) (string, bool) {
	long, short := largeProviders(), shortProviders()
	if slices.Contains(long, domain) || slices.Contains(short, domain) {
		return "", false
	}
	for _, p := range long {
		if domain[0] == p[0] && oneSlip(domain, p) {
			return p, true
		}
	}
	for _, p := range short {
		if exchanged(domain, p) || doubled(domain, p) {
			return p, true
		}
	}
	return "", false
}

// oneSlip reports whether one letter too many, too few or wrong, or two exchanged,
// make the one word the other.
func oneSlip(a, b string) bool {
	i := same(a, b)
	switch len(a) - len(b) {
	case 1:
		return a[i+1:] == b[i:]
	case -1:
		return a[i:] == b[i+1:]
	case 0:
		return i < len(a) && a[i+1:] == b[i+1:] || exchanged(a, b)
	}
	return false
}

// exchanged reports whether two neighbouring letters are exchanged.
func exchanged(a, b string) bool {
	i := same(a, b)
	return len(a) == len(b) && i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// doubled reports whether a is b with one letter doubled.
func doubled(a, b string) bool {
	i := same(a, b)
	return len(a) == len(b)+1 && i > 0 && a[i] == a[i-1] && a[i+1:] == b[i:]
}

// same is how many letters two words have alike from their beginnings.
func same(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Meant gives the address that was most likely meant where the domain is a slip away
// from a large provider's, or ends in no top-level domain. It is a question to ask:
// the address may be right.
func (a Address) Meant() (email string, ok bool) {
	domain, ok := slipOf(a.Domain)
	if !ok {
		end := a.Domain[strings.LastIndexByte(a.Domain, '.'):]
		var right string
		if right, ok = misspeltEnds()[end]; !ok {
			return "", false
		}
		domain = strings.TrimSuffix(a.Domain, end) + right
		if known, twice := slipOf(domain); twice {
			domain = known
		}
	}
	return strings.TrimSuffix(a.Email, a.Domain) + domain, true
}
