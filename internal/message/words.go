package message

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// headerLine is the longest line that this package folds header fields at:
// what RFC 2047 §2 allows a line with an encoded word, and below the 78 of
// RFC 5322 §2.1.1.
const headerLine = 76

const (
	wordQ    = "=?utf-8?q?"
	wordB    = "=?utf-8?b?"
	wordEnd  = "?="
	wordMark = "=?" // what a decoder takes for the start of an encoded word
	wordCost = len(wordQ) + len(wordEnd)
)

// A headerWriter writes one field at the end of dst, folding as it goes.
type headerWriter struct {
	dst []byte
	col int // characters on the current line
}

func (w *headerWriter) ascii(s string) {
	w.dst = append(w.dst, s...)
	w.col += len(s)
}

func (w *headerWriter) byte(c byte) {
	w.dst = append(w.dst, c)
	w.col++
}

// space separates what was written from the next n characters: by a space, or
// by a fold when they would not fit.
func (w *headerWriter) space(n int) {
	if w.col+1+n > headerLine {
		w.fold()
		return
	}
	w.byte(' ')
}

// fold starts a continuation line (RFC 5322 §2.2.3).
func (w *headerWriter) fold() {
	w.dst = append(w.dst, "\r\n "...)
	w.col = 1
}

// encoded writes s, as Clean has it, in encoded words (RFC 2047 §2), in the
// shorter of the two encodings. No character is split between words.
func (w *headerWriter) encoded(s string) {
	if q, b := encodedLengths(s); q <= b {
		w.encodedQ(s)
	} else {
		w.encodedB(s)
	}
}

func encodedLengths(s string) (q, b int) {
	c := cleaner{rest: s}
	for r, ok := c.next(); ok; r, ok = c.next() {
		q += lengthQ(r)
		b += utf8.RuneLen(r)
	}
	return q, (b + 2) / 3 * 4
}

// plainQ is what may stand for itself in an encoded word within a phrase
// (RFC 2047 §5 (3)), the strictest place.
func plainQ(r rune) bool {
	return r < utf8.RuneSelf && (isAlnum(byte(r)) || strings.IndexByte("!*+-/", byte(r)) >= 0)
}

func lengthQ(r rune) int {
	if plainQ(r) || r == ' ' {
		return 1
	}
	return 3 * utf8.RuneLen(r)
}

func (w *headerWriter) encodedQ(s string) {
	w.ascii(wordQ)
	c := cleaner{rest: s}
	for r, ok := c.next(); ok; r, ok = c.next() {
		if w.col+lengthQ(r)+len(wordEnd) > headerLine {
			w.ascii(wordEnd)
			w.fold()
			w.ascii(wordQ)
		}
		switch {
		case plainQ(r):
			w.byte(byte(r))
		case r == ' ':
			w.byte('_')
		default:
			var u [utf8.UTFMax]byte
			for _, c := range u[:utf8.EncodeRune(u[:], r)] {
				w.dst = append(w.dst, '=', upperHex[c>>4], upperHex[c&15])
				w.col += 3
			}
		}
	}
	w.ascii(wordEnd)
}

func (w *headerWriter) encodedB(s string) {
	var buf [headerLine]byte
	word := buf[:0]
	flush := func() {
		start := len(w.dst)
		w.dst = append(w.dst, wordB...)
		w.dst = base64.StdEncoding.AppendEncode(w.dst, word)
		w.dst = append(w.dst, wordEnd...)
		w.col += len(w.dst) - start
		word = word[:0]
	}
	c := cleaner{rest: s}
	for r, ok := c.next(); ok; r, ok = c.next() {
		if w.col+wordCost+base64.StdEncoding.EncodedLen(len(word)+utf8.RuneLen(r)) > headerLine {
			flush()
			w.fold()
		}
		word = utf8.AppendRune(word, r)
	}
	flush()
}
