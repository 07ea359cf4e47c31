package mailer

import (
	"fmt"
	"strings"

	"golang.org/x/net/idna"
)

// Limits of RFC 5321 §4.5.3.1, in bytes.
const (
	maxLocal   = 64
	maxDomain  = 255
	maxAddress = 254 // a path is 256 with its brackets
)

// asciiDomain gives a domain in A-labels (RFC 5890).
func asciiDomain(domain string) (string, error) {
	if ascii(domain) {
		if domain == "" || len(domain) > maxDomain || strings.ContainsAny(domain, " <>()\\\",;:@") || control(domain) {
			return "", fmt.Errorf("%w: domain %q", ErrAddress, domain)
		}
		return domain, nil
	}
	a, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("%w: domain %q: %w", ErrAddress, domain, err)
	}
	return a, nil
}

// appendPath appends an address as a path: in brackets, its domain in
// A-labels. utf8 says that its local part needs SMTPUTF8. The null path is "".
func appendPath(buf []byte, addr string) (out []byte, utf8 bool, err error) {
	if addr == "" {
		return append(buf, "<>"...), false, nil
	}
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at > maxLocal || len(addr) > maxAddress || control(addr) {
		return buf, false, ErrAddress
	}
	local, domain := addr[:at], addr[at+1:]
	if local[0] != '"' && strings.ContainsAny(local, " <>()[]\\\",;:@") {
		return buf, false, ErrAddress
	}
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") && ascii(domain) {
		if strings.ContainsAny(domain, " <>") {
			return buf, false, ErrAddress
		}
	} else if domain, err = asciiDomain(domain); err != nil {
		return buf, false, ErrAddress
	}
	buf = append(buf, '<')
	buf = append(buf, local...)
	buf = append(buf, '@')
	buf = append(buf, domain...)
	return append(buf, '>'), !ascii(local), nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func control(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == 0x7f {
			return true
		}
	}
	return false
}
