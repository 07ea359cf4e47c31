package comparison

import (
	"strings"
	"unicode"
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

// badRuneAdvice says what is wrong with the character and how to mend it.
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
