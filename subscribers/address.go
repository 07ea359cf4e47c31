package subscribers

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths in octets (RFC 5321 §4.5.3.1; the path of 256 has two angle brackets).
const (
	maxAddress = 254
	maxLocal   = 64
)

// An Address is a mail address that was parsed, in the only form that is stored.
type Address struct {
	Email  string   // as it is mailed: the local part as typed, the domain in lower-case A-labels
	Key    string   // Email in lower case: the identity on the list
	Domain string   // lower-case A-labels
	SHA256 [32]byte // of Key
	Hash   int64    // the first 8 bytes of SHA256, big-endian
}

// ParseAddress reads one mail address as a person types it, with spaces around
// it allowed. It takes a dot-atom (RFC 5322 §3.2.3) at a domain name of at least
// two labels; internationalised domain names become A-labels (RFC 5891).
//
// It refuses what net/mail takes or rewrites: display names, comments, quoted
// local parts, domain literals, lists. Local parts beyond ASCII are refused
// too: they need SMTPUTF8 (RFC 6531) at every relay on the way, so that mail to
// them is often lost. "%" and "!" in the local part are refused because relays
// take them for routes. The error is an *AddressError.
func ParseAddress(s string) (Address, error) {
	s = strings.Trim(s, " \t\u00a0")
	at, message := checkText(s)
	if message == "" {
		message = checkLocal(s[:at])
	}
	var domain string
	if message == "" {
		if domain, message = parseDomain(s[at+1:]); message == noDot {
			message = incomplete(s, noDot)
		}
	}
	if message == "" && at+1+len(domain) > maxAddress {
		message = fmt.Sprintf("It is longer than the %d characters that mail allows", maxAddress)
	}
	if message != "" {
		return Address{}, &AddressError{Field: "email", Message: message}
	}
	email := s
	if domain != s[at+1:] {
		email = s[:at+1] + domain
	}
	return newAddress(email, domain), nil
}

func newAddress(email, domain string) Address {
	a := Address{Email: email, Key: strings.ToLower(email), Domain: domain}
	a.SHA256 = sha256.Sum256([]byte(a.Key))
	a.Hash = int64(binary.BigEndian.Uint64(a.SHA256[:8])) // the bits are what counts
	return a
}

// checkText finds the "@" and refuses what can be in no address; the message is
// empty when it is in order.
func checkText(s string) (at int, message string) {
	switch {
	case s == "":
		return 0, "It is empty"
	case len(s) > 4*maxAddress:
		return 0, fmt.Sprintf("It is longer than the %d characters that mail allows", maxAddress)
	case !utf8.ValidString(s):
		return 0, "It is not UTF-8 text"
	}
	if message := refusedText(s); message != "" {
		return 0, message
	}
	at = strings.IndexByte(s, '@')
	switch {
	case at < 0:
		return 0, incomplete(s, "an address has an @ in it, as in name@example.org")
	case strings.IndexByte(s[at+1:], '@') >= 0:
		return 0, "There is more than one @ in it; give one address"
	case at == 0:
		return 0, incomplete(s, "there is nothing before the @")
	case at == len(s)-1:
		return 0, incomplete(s, "there is nothing after the @")
	}
	return at, ""
}

// noDot is what is wrong with a domain of one label.
const noDot = "what follows the @ needs a dot, as in example.org"

// incomplete says that part of an address is missing.
func incomplete(s, what string) string {
	if len(s) > maxLocal {
		s = "The address"
	}
	return s + " is not complete: " + what
}

// refusedText names the first mistake in what makes an address more than one
// plain address, the likeliest first.
func refusedText(s string) string {
	switch {
	case strings.ContainsAny(s, "<>"):
		return "Give the address only, without a name or < >"
	case strings.ContainsAny(s, `"`):
		return "Quoted addresses cannot be used"
	case strings.ContainsAny(s, "()"):
		return "Give the address only, without a comment in brackets"
	case strings.ContainsAny(s, ",;"):
		return "Give one address only"
	}
	for _, r := range s {
		switch {
		case r > ' ' && r < 0x7f:
		case unicode.IsSpace(r):
			return "There is a space or a line break in it"
		case !unicode.IsGraphic(r) || r == utf8.RuneError:
			return "There is an invisible character in it; type it by hand"
		}
	}
	return ""
}

// atext are the characters of an atom (RFC 5322 §3.2.3) but for "%" and "!".
const atext = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#$&'*+-/=?^_`{|}~"

func checkLocal(local string) string {
	if len(local) > maxLocal {
		return fmt.Sprintf("The part before the @ is longer than %d characters", maxLocal)
	}
	for i := range len(local) {
		switch c := local[i]; {
		case c >= utf8.RuneSelf:
			return "The part before the @ has letters other than a to z, which many mail servers refuse"
		case c == '.':
			if i == 0 || i == len(local)-1 || local[i-1] == '.' {
				return "A dot in the part before the @ is at its start, at its end or doubled"
			}
		case strings.IndexByte(atext, c) < 0:
			return fmt.Sprintf("The part before the @ has a %q, which cannot be used", c)
		}
	}
	if strings.Contains(local, "=?") {
		return "It is encoded text, not an address"
	}
	return ""
}

// Throttle identifies the mailbox for limits: SHA-256 of the key without dots
// and without what follows "+" in the local part. Some mailboxes take all those
// spellings, so that one person could be mailed under each; that elsewhere two
// people share a limit costs little.
func (a Address) Throttle() [32]byte {
	local, _, _ := strings.Cut(a.Key, "@")
	bare, _, _ := strings.Cut(local, "+")
	if bare = strings.ReplaceAll(bare, ".", ""); bare != "" {
		local = bare
	}
	domain := a.Domain
	if domain == "googlemail.com" {
		domain = "gmail.com" // one mailbox under both
	}
	return sha256.Sum256([]byte(local + "@" + domain))
}
