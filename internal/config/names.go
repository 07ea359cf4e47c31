package config

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// asciiHost gives a host's name in ASCII and small letters (RFC 5891).
func asciiHost(host string) (string, bool) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), true
	}
	ascii := strings.ToLower(host)
	if strings.ContainsFunc(host, func(r rune) bool { return r > '~' }) {
		var err error
		if ascii, err = idna.Lookup.ToASCII(host); err != nil {
			return "", false
		}
	}
	ascii = strings.TrimSuffix(ascii, ".")
	return ascii, isDomain(strings.ReplaceAll(ascii, "_", "x")) // underscores happen in names of hosts inside
}

// isDomain is for names of letters, digits and hyphens (RFC 1035 §2.3.1); one
// label will do.
func isDomain(s string) bool {
	const longest, longestLabel = 253, 63
	if len(s) > longest {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > longestLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// domain gives a setting's domain its ASCII form, or says that it is none.
func (c *Config) domain(path string, value *string) {
	if *value == "" {
		return
	}
	ascii, ok := asciiHost(*value)
	if !ok || !isDomain(ascii) {
		c.problemf(path, "%q is not a domain; write it as example.org", *value)
		return
	}
	*value = ascii
}

// webAddress parses an http or https address and gives its host the ASCII form.
func webAddress(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is not a URL", s)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q does not start with https:// or http://", s)
	case u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("%q names no host", s)
	case u.User != nil:
		return nil, fmt.Errorf("the address at %s has a user name or a password in it; leave them out", u.Hostname())
	}
	host, ok := asciiHost(u.Hostname())
	if !ok {
		return nil, fmt.Errorf("%q is not a host", u.Hostname())
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("%s is not a port", port)
		}
		host += ":" + port
	}
	u.Host = host
	u.RawPath = ""
	return u, nil
}

// mailAddress parses an address with or without a name and gives its domain
// the ASCII form.
func mailAddress(s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return "", fmt.Errorf("%q is not an address; write it as Name <name@example.org>", s)
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	ascii, ok := asciiHost(domain)
	switch {
	case !ok || !isDomain(ascii):
		return "", fmt.Errorf("%q is not a domain; write the address as name@example.org", domain)
	case strings.ContainsFunc(local, func(r rune) bool { return r > '~' }):
		return "", fmt.Errorf("%q has letters before the @ that not every mail server takes; use an address in ASCII", s)
	case !isDotAtom(local) || len(local)+1+len(ascii) > 254:
		return "", fmt.Errorf("%q is not a plain address; write it as name@example.org", s)
	}
	if ascii == domain {
		return s, nil
	}
	i := strings.LastIndex(s, "@"+domain)
	return s[:i+1] + ascii + s[i+1+len(domain):], nil
}

// isDotAtom is RFC 5322 §3.2.3, within RFC 5321's length.
func isDotAtom(s string) bool {
	if len(s) > 64 {
		return false
	}
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool {
			return r <= ' ' || r > '~' || strings.ContainsRune(`()<>[]:;@\,"`, r)
		}) {
			return false
		}
	}
	return true
}

// listID reads a list's identity (RFC 2919) in its three forms, id.example.org,
// <id.example.org> and Name <id.example.org>, and gives the header's form.
func listID(s string) (string, error) {
	name, id := "", strings.TrimSpace(s)
	if open := strings.LastIndexByte(id, '<'); open >= 0 && strings.HasSuffix(id, ">") {
		name, id = strings.TrimSpace(id[:open]), strings.TrimSpace(id[open+1:len(id)-1])
	}
	ascii, ok := asciiHost(id)
	if !ok || !isDomain(ascii) || strings.ContainsAny(name, "<>") {
		return "", fmt.Errorf("%q is not a list's identity; write it as digest.example.org or Name <digest.example.org>", s)
	}
	return strings.TrimSpace(name + " <" + ascii + ">"), nil
}
