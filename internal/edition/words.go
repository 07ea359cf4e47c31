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
// no characters that cannot be seen or that reorder others. An encoded word
// (RFC 2047) in it would be decoded by the reader's program, so it is broken.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	return strings.ReplaceAll(s, "=?", "= ?")
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
	return strings.TrimRight(head, " ,;:-–—(") + "…"
}
