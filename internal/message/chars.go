package message

import (
	"strings"
	"unicode/utf8"
)

// Limits of RFC 5321 §4.5.3.1 and RFC 1035 §2.3.4, in characters.
const (
	maxLocal   = 64
	maxAddress = 254
	maxDomain  = 253
	maxLabel   = 63
)

// A class is a set of bytes.
type class uint8

const (
	alnum      class = 1 << iota
	atext            // RFC 5322 §3.2.3
	unreserved       // RFC 3986 §2.3: what a URL carries without escaping
	plainValue       // what a reader's value has as it is, in text and in HTML; no space
)

// classes has the classes of each byte: each message asks for those of some hundred.
var classes = classify()

func classify() (t [256]class) {
	for c := byte('!'); c <= '~'; c++ {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			t[c] = alnum | atext | unreserved
		case strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0:
			t[c] = atext
		}
		if strings.IndexByte("-_.~", c) >= 0 {
			t[c] |= unreserved
		}
		if c != '=' && htmlEntity(rune(c)) == "" {
			t[c] |= plainValue
		}
	}
	return t
}

func isAlnum(c byte) bool { return classes[c]&alnum != 0 }

func isAtext(c byte) bool { return classes[c]&atext != 0 }

func isUnreserved(c byte) bool { return classes[c]&unreserved != 0 }

// allUnreserved reports whether a URL carries s without escaping.
func allUnreserved(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isUnreserved(s[i]) {
			return false
		}
	}
	return true
}

// validAddress accepts a dot-atom local part at a domain of LDH labels. Quoted
// local parts and address literals are refused, and so is what would need
// SMTPUTF8 (RFC 6531).
func validAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxLocal || len(s) > maxAddress || !validDomain(s[at+1:]) {
		return false
	}
	dot := true // a dot may not come first
	for i := range at {
		switch {
		case s[i] == '.' && !dot:
			dot = true
		case isAtext(s[i]):
			dot = false
		default:
			return false
		}
	}
	return !dot
}

// validDomain accepts a host name of LDH labels; one label will do (localhost).
func validDomain(s string) bool {
	if s == "" || len(s) > maxDomain {
		return false
	}
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if !isAlnum(s[i]) && s[i] != '-' {
				return false
			}
			continue
		}
		if n := i - start; n == 0 || n > maxLabel || s[start] == '-' || s[i-1] == '-' {
			return false
		}
		start = i + 1
	}
	return true
}

// A cleaner reads a reader's value as it may be shown: on one line, without
// control characters, and with nothing that changes the direction of the text
// around it. It allocates nothing, which a strings.Map would.
type cleaner struct {
	rest    string
	started bool // a visible character was given
	space   bool // a space is due before the next one
}

// next gives the following rune; ok is false at the end. White space is a
// single space between two other runes. Invalid UTF-8 is U+FFFD.
func (c *cleaner) next() (r rune, ok bool) {
	for len(c.rest) > 0 {
		r, n := utf8.DecodeRuneInString(c.rest)
		switch {
		case isBidiControl(r):
			c.rest = c.rest[n:]
		case isBreak(r):
			c.space = c.started
			c.rest = c.rest[n:]
		case c.space:
			c.space = false
			return ' ', true
		default:
			c.started = true
			c.rest = c.rest[n:]
			return r, true
		}
	}
	return 0, false
}

// isBreak holds for ASCII white space, every control character, and the line
// and paragraph separators. U+3000 and its like belong to names and stay.
func isBreak(r rune) bool {
	return r <= ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029'
}

// isBidiControl holds for embeddings, overrides and isolates (UAX #9 §2): left
// open in a name they would turn the rest of the sentence round.
func isBidiControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// Clean gives a reader's value as messages show it: on one line, trimmed, with
// single spaces, without control characters and direction overrides.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	c := cleaner{rest: s}
	for r, ok := c.next(); ok; r, ok = c.next() {
		b.WriteRune(r)
	}
	return b.String()
}
