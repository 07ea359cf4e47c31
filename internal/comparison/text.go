package comparison

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// normalParagraphs gives text the form that every consumer can rely on:
// paragraphs separated by exactly one empty line, each on one line, without
// white space around it. A single line break inside a paragraph is a space, as
// in HTML.
func normalParagraphs(text string) string {
	var out strings.Builder
	gap := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" && out.Len() > 0:
			gap = "\n\n"
		case line != "":
			out.WriteString(gap)
			out.WriteString(line)
			gap = " "
		}
	}
	return out.String()
}

// badRune finds the first character that no text of a comparison may hold:
// controls, line breaks in a text of one line, and what makes text look like
// another (bidirectional embeddings, overrides and isolates: UAX #9, CVE-2021-42574).
func badRune(text string, breaks bool) (r rune, found bool) {
	for _, r := range text {
		switch {
		case r == '\n' && breaks:
		case unicode.IsControl(r), // Cc, so also tab, NEL and the line break where it may not be
			r == '\u2028' || r == '\u2029', // line and paragraph separator
			r >= '\u202a' && r <= '\u202e',
			r >= '\u2066' && r <= '\u2069',
			r == '\ufeff': // a byte order mark in the middle
			return r, true
		}
	}
	return 0, false
}

// badRuneAdvice says what is wrong with the character and how to fix it.
func badRuneAdvice(r rune) string {
	switch {
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return "has a line break; write it on one line"
	case r == '\t':
		return "has a tab; write spaces"
	case r >= '\u202a' && r <= '\u2069':
		return "has an invisible character that changes the direction of text; delete it"
	case r == '\ufeff':
		return "has an invisible byte order mark; delete it"
	}
	return "has a control character; delete it"
}

// isUnseen is for characters without a shape of their own: white space, format
// characters (Cf), variation selectors and the fillers that are drawn empty.
func isUnseen(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0':
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// isJoiner is for what may end an emoji or a word: variation selectors, the tags
// of a flag, and the joiners of scripts that need them.
func isJoiner(r rune) bool {
	return unicode.Is(unicode.Variation_Selector, r) || r >= 0xe0020 && r <= 0xe007f || r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f'
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

// sameSpelling reports whether two names differ in case, accents, spaces, marks
// and invisible characters only.
func sameSpelling(a, b string) bool {
	visible := func(s string) string {
		return strings.Map(func(r rune) rune {
			if isUnseen(r) && !unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.Join(nameFields(visible(a)), "") == strings.Join(nameFields(visible(b)), "")
}
