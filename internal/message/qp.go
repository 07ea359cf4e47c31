package message

import (
	"strings"
	"unicode/utf8"
)

// qpLine is the longest line before the "=" of a soft line break; with it a
// line has the 76 characters that RFC 2045 §6.7 (5) allows.
const qpLine = 75

// softBreak ends a line of the encoded form only.
const softBreak = "=\r\n"

const upperHex = "0123456789ABCDEF"

// A qpWriter writes quoted-printable at the end of dst. Both kinds of content
// share it: the frozen text, and the values spliced into it.
type qpWriter struct {
	dst []byte
	col int // characters on the current line
}

// soft breaks the line where the decoded text does not.
func (w *qpWriter) soft() {
	w.dst = append(w.dst, softBreak...)
	w.col = 0
}

// hard ends the line in the decoded text too.
func (w *qpWriter) hard() {
	w.dst = append(w.dst, '\r', '\n')
	w.col = 0
}

// plain writes c as it is.
func (w *qpWriter) plain(c byte) {
	if w.col >= qpLine {
		w.soft()
	}
	w.dst = append(w.dst, c)
	w.col++
}

// quoted writes c as =XX, on one line.
func (w *qpWriter) quoted(c byte) {
	if w.col+3 > qpLine {
		w.soft()
	}
	w.dst = append(w.dst, '=', upperHex[c>>4], upperHex[c&15])
	w.col += 3
}

// char writes c in its shortest form. At the start of a line a "." is quoted,
// so that SMTP has no dot to stuff (RFC 5321 §4.5.2), and an "F", so that no
// mbox writer turns "From " into ">From " and breaks the signature.
func (w *qpWriter) char(c byte, mayStartFrom bool) {
	atStart := w.col == 0 || w.col >= qpLine
	switch {
	case c == '=' || c < ' ' && c != '\t' || c > '~':
		w.quoted(c)
	case atStart && (c == '.' || c == 'F' && mayStartFrom):
		w.quoted(c)
	default:
		w.plain(c)
	}
}

// text writes one piece of the frozen text, whose line ends are "\n". At the
// end of the part (last) nothing follows, so that white space there is quoted
// as at the end of a line; elsewhere a soft line break protects it.
func (w *qpWriter) text(s string, last bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\n' {
			w.hard()
			continue
		}
		atEnd := i+1 == len(s) && last || i+1 < len(s) && s[i+1] == '\n'
		if atEnd && (c == ' ' || c == '\t') {
			w.quoted(c)
			continue
		}
		w.char(c, c == 'F' && strings.HasPrefix(s[i:], "From "))
	}
}

// value writes a reader's value at the start of a line, HTML-escaped when it
// stands in HTML. The result is its own relaxed DKIM canonical form
// (RFC 6376 §3.4.4): single spaces, and none at the end of a line.
func (w *qpWriter) value(s string, html bool) {
	if w.col+len(s) <= qpLine && asItIs(s) {
		w.verbatim(s)
		return
	}
	w.encodedValue(s, html)
}

// encodedValue is value for whatever s is.
func (w *qpWriter) encodedValue(s string, html bool) {
	c := cleaner{rest: s}
	for r, ok := c.next(); ok; r, ok = c.next() {
		if html {
			if entity := htmlEntity(r); entity != "" {
				w.ascii(entity)
				continue
			}
		}
		if r < utf8.RuneSelf {
			w.char(byte(r), true)
			continue
		}
		var b [utf8.UTFMax]byte
		for _, c := range b[:utf8.EncodeRune(b[:], r)] {
			w.quoted(c)
		}
	}
}

// verbatim writes what needs no encoding and fits into the line.
func (w *qpWriter) verbatim(s string) {
	w.dst = append(w.dst, s...)
	w.col += len(s)
}

// asItIs reports whether s, at the start of a line or within one, is its own encoding
// in text and in HTML: most names and addresses are.
func asItIs(s string) bool {
	if s == "" || s[0] == '.' || s[0] == 'F' {
		return false
	}
	before := byte(' ')
	for i := 0; i < len(s); i++ {
		if classes[s[i]]&plainValue == 0 && (s[i] != ' ' || before == ' ') {
			return false
		}
		before = s[i]
	}
	return before != ' '
}

func (w *qpWriter) ascii(s string) {
	for i := 0; i < len(s); i++ {
		w.char(s[i], true)
	}
}

// htmlEntity escapes as html/template does, for text and quoted attributes.
func htmlEntity(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&#34;"
	case '\'':
		return "&#39;"
	}
	return ""
}

// urlValue writes s as part of a URL. A well-formed token is unchanged.
func (w *qpWriter) urlValue(s string) {
	if w.col+len(s) <= qpLine && s != "" && s[0] != '.' && allUnreserved(s) {
		w.verbatim(s)
		return
	}
	w.escapedURL(s)
}

// escapedURL is urlValue for whatever s is.
func (w *qpWriter) escapedURL(s string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; isUnreserved(c) {
			w.char(c, false)
		} else {
			w.char('%', false)
			w.char(upperHex[c>>4], false)
			w.char(upperHex[c&15], false)
		}
	}
}

// appendURL writes s as part of a URL in a header field.
func appendURL(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; isUnreserved(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}
