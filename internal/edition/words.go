package edition

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func length(s string) int { return utf8.RuneCountInString(s) }

// toolName is a tool's name as a headline writes it.
func toolName(s string) string {
	if s = cut(plain(s), nameMax); s == "" {
		return "a tool without a name"
	}
	return s
}

// plain makes text safe for a header that people judge a mail by: one line, and
// no characters that cannot be seen or that reorder others. Joiners stay between
// the letters and signs that need them (Persian, Indic scripts, emoji). An
// encoded word (RFC 2047) in it would be decoded by the reader's program, so it
// is broken.
func plain(s string) string {
	var b strings.Builder
	var last rune // written
	joiner := rune(0)
	for _, r := range s {
		switch {
		case isJoiner(r):
			joiner = r
			continue
		case unicode.IsSpace(r):
			r = ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			continue
		}
		if joiner != 0 && joins(last) && joins(r) {
			b.WriteRune(joiner)
		}
		joiner = 0
		b.WriteRune(r)
		last = r
	}
	s = strings.Join(strings.Fields(b.String()), " ")
	return strings.ReplaceAll(s, "=?", "= ?")
}

// isJoiner reports the zero-width joiner and non-joiner.
func isJoiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// joins reports whether a joiner beside r means something: no Latin, Greek or
// Cyrillic letter is shaped by one.
func joins(r rune) bool {
	return r > unicode.MaxASCII && !unicode.IsSpace(r) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// cut shortens s to at most limit characters, at a word where one ends in the
// second half, and marks the cut.
func cut(s string, limit int) string {
	if length(s) <= limit {
		return s
	}
	head := string([]rune(s)[:limit-1])
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
		head = head[:i]
	}
	return strings.TrimRight(head, " ,;:-–—(\u200c\u200d") + "…"
}
