package subscribers

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Lengths in octets (RFC 1035 §2.3.4).
const (
	maxDomain = 253
	maxLabel  = 63
)

// parseDomain gives a mail domain in lower-case A-labels, or why it is none.
func parseDomain(s string) (domain, message string) {
	if s[0] == '[' {
		return "", "After the @ there must be a domain name, not an IP address"
	}
	domain = s
	if !plainASCII(s) || strings.Contains(strings.ToLower(s), "xn--") {
		var ok bool
		if domain, ok = aLabels(s); !ok {
			return "", "The domain has characters that a domain name cannot have"
		}
	} else {
		domain = strings.ToLower(s)
	}
	return domain, checkDomain(domain)
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// aLabels maps an internationalised name for lookup (RFC 5891 §5, UTS 46). A
// result that maps on to another name is refused, so that one address has one
// stored form.
func aLabels(s string) (string, bool) {
	once, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", false
	}
	twice, err := idna.Lookup.ToASCII(once)
	return once, err == nil && once == twice
}

// checkDomain checks the LDH rule (RFC 5890 §2.3.1) label by label.
func checkDomain(domain string) string {
	if len(domain) > maxDomain {
		return "The domain is too long"
	}
	labels := 0
	var label string
	for rest, more := domain, true; more; labels++ {
		label, rest, more = strings.Cut(rest, ".")
		if message := checkLabel(label); message != "" {
			return message
		}
	}
	if labels < 2 {
		return noDot
	}
	if strings.Trim(label, "0123456789") == "" {
		return "The domain ends in a number; it must be a name, not an IP address"
	}
	return ""
}

func checkLabel(label string) string {
	switch {
	case label == "":
		return "A dot in the domain is at its start, at its end or doubled"
	case len(label) > maxLabel:
		return "A part of the domain is longer than 63 characters"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "A part of the domain starts or ends with a hyphen"
	}
	for i := range len(label) {
		if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return "The domain has characters that a domain name cannot have"
		}
	}
	return ""
}
