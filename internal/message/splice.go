package message

import (
	"strings"
	"unicode/utf8"
)

// noMessageID is written for a reader without a valid Message-ID.
const noMessageID = "unidentified@invalid"

// appendHead appends pieces of the head with the reader's values.
func appendHead(dst []byte, pieces []piece, r *Reader) []byte {
	for _, p := range pieces {
		dst = append(dst, p.lit...)
		switch p.op {
		case opTo:
			dst = appendRecipient(dst, r)
		case opMessageID:
			if validMessageID(r.MessageID) {
				dst = append(dst, r.MessageID...)
			} else {
				dst = append(dst, noMessageID...)
			}
		case opTokenURL:
			dst = appendURL(dst, r.token())
		case opLeave:
			dst = append(dst, r.leave()...)
		}
	}
	return dst
}

func appendRecipient(dst []byte, r *Reader) []byte {
	if !validAddress(r.Email) {
		return append(dst, noMailbox...)
	}
	w := headerWriter{dst: dst, col: len("To: ")}
	w.mailbox(r.Name, r.Email)
	return w.dst
}

// bodyValues are the values of one message's body: each is encoded where it
// first stands and copied from there, since its encoded form, which always
// starts a line, is the same everywhere: that of a token in both parts, that of
// another value in each part.
type bodyValues struct {
	at [2 * opKinds]span
}

// A span is a part of the message being made; it is written when end > 0.
type span struct{ start, end int }

// append appends the value that o asks for. The piece before ends its line.
func (v *bodyValues) append(dst []byte, f *Frozen, o op, r *Reader, line int) []byte {
	i := o.kind()
	switch i {
	case opNone, opIfChanges, opEachChange, opNextChange, opEndChanges:
		return dst
	case opChange:
		return appendChange(dst, o, r.Changes[line])
	}
	if o&opHTML != 0 && !o.inURL() {
		i += opKinds
	}
	start := len(dst)
	if s := v.at[i]; s.end > 0 {
		dst = append(dst, dst[s.start:s.end]...)
	} else {
		dst = f.appendQuoted(dst, o, r)
		v.at[i] = span{start, len(dst)}
	}
	if o&opSoft != 0 && len(dst) > start {
		dst = append(dst, softBreak...)
	}
	return dst
}

// appendQuoted encodes a value of the body for the start of a line.
func (f *Frozen) appendQuoted(dst []byte, o op, r *Reader) []byte {
	w := qpWriter{dst: dst}
	switch o.kind() {
	case opToken:
		w.urlValue(r.token())
	case opVote, opSave, opSaved, opPreferences:
		w.urlValue(r.link(o.kind()))
	case opEmail:
		w.value(r.Email, o&opHTML != 0)
	case opName:
		name := r.Name
		if f.nameless(r) {
			name = f.fallback
		}
		w.value(name, o&opHTML != 0)
	}
	return w.dst
}

// nameless reports whether the reader's name has nothing to show.
func (f *Frozen) nameless(r *Reader) bool {
	c := cleaner{rest: r.Name}
	_, ok := c.next()
	return !ok
}

// changeColumns is how wide a line of the text part is, in characters.
const changeColumns = 76

// appendChange encodes a line of the block of what changed. In the text part it is
// wrapped, with its later lines one space in.
func appendChange(dst []byte, o op, line string) []byte {
	w := qpWriter{dst: dst}
	start := len(dst)
	if o&opHTML != 0 {
		w.value(line, true)
	} else {
		w.wrapped(line)
	}
	if o&opSoft != 0 && len(w.dst) > start {
		w.soft()
	}
	return w.dst
}

// wrapped writes a value of the text part behind an item's mark.
func (w *qpWriter) wrapped(line string) {
	width := len("- ")
	for i, word := range strings.Fields(Clean(line)) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > changeColumns:
			w.hard()
			w.plain(' ')
			width = 1
		default:
			w.plain(' ')
			width++
		}
		w.value(word, false)
		width += n
	}
}

// A walker goes through the pieces of a body as a reader's message has them: a
// block's only for who has lines, and what is repeated in it once for each line.
type walker struct {
	body  []piece
	lines int
	at    int // the next piece
	line  int // of a block
	each  int // the first piece of what is repeated
}

// next gives the next piece to write; ok is false after the last.
func (w *walker) next() (i int, ok bool) {
	if w.at >= len(w.body) {
		return 0, false
	}
	i = w.at
	w.at++
	switch w.body[i].op.kind() {
	case opIfChanges:
		w.line = 0
		for w.lines == 0 && w.at < len(w.body) && w.body[w.at-1].op.kind() != opEndChanges {
			w.at++
		}
	case opEachChange:
		w.each = w.at
	case opNextChange:
		if w.line+1 < w.lines {
			w.line++
			w.at = w.each
		}
	}
	return i, true
}
