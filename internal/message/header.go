package message

import "strings"

// noMailbox stands for a recipient that no address field can show: the empty
// group of RFC 5322 §3.4.
const noMailbox = "undisclosed-recipients:;"

// mailbox writes "name <address>" (RFC 5322 §3.4), the name in the plainest
// form that is right for it.
func (w *headerWriter) mailbox(name, address string) {
	switch kind := nameForm(name, headerLine-w.col); kind {
	case nameEmpty:
		w.ascii(address)
		return
	case nameAtoms:
		w.cleaned(name, false)
	case nameQuoted:
		w.byte('"')
		w.cleaned(name, true)
		w.byte('"')
	case nameEncoded:
		w.encoded(name)
	}
	w.space(len(address) + len("<>"))
	w.byte('<')
	w.ascii(address)
	w.byte('>')
}

// cleaned writes an ASCII name, as Clean has it.
func (w *headerWriter) cleaned(name string, quote bool) {
	c := cleaner{rest: name}
	for r, ok := c.next(); ok; r, ok = c.next() {
		if quote && (r == '"' || r == '\\') {
			w.byte('\\')
		}
		w.byte(byte(r))
	}
}

// The forms that a display name can take, from the plainest on.
type form uint8

const (
	nameEmpty   form = iota // nothing to show
	nameAtoms               // atoms with spaces between
	nameQuoted              // a quoted string
	nameEncoded             // encoded words
)

// nameForm chooses the form of a name that has room characters left on its
// line; only encoded words can be folded anywhere.
func nameForm(name string, room int) form {
	f, n := nameEmpty, 0
	var before rune
	c := cleaner{rest: name}
	for r, ok := c.next(); ok; r, ok = c.next() {
		switch {
		case r > '~' || before == '=' && r == '?':
			return nameEncoded
		case r == ' ' || isAtext(byte(r)):
			f = max(f, nameAtoms)
		default:
			f = nameQuoted
		}
		if n++; r == '"' || r == '\\' {
			n++
		}
		before = r
	}
	if f != nameEmpty && n+len(`""`) > room {
		return nameEncoded
	}
	return f
}

// unstructured writes free text (RFC 5322 §3.6.5): as it is, folded between
// words, where every reader of mail would show the same; else encoded.
func (w *headerWriter) unstructured(s string) {
	if !plainText(s, headerLine-w.col) {
		w.encoded(s)
		return
	}
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			w.space(len(word))
		}
		w.ascii(word)
	}
}

// plainText reports whether s may stand unencoded: printable ASCII, nothing
// that looks like an encoded word, and no word longer than room.
func plainText(s string, room int) bool {
	word := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			word = 0
		case c < ' ' || c > '~':
			return false
		default:
			word++
		}
		if word > room {
			return false
		}
	}
	return Clean(s) == s && !strings.Contains(s, wordMark)
}
