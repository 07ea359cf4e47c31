// Package markdown writes CommonMark (spec.commonmark.org, 0.31) with tables as
// GitHub has them, of texts that others wrote.
//
// The package promises that a text stays a text: whatever a name, a price or a
// review holds, no reader of Markdown takes it for a heading, a link, a picture, a
// tag or a row of its own.
package markdown

import (
	"strings"
	"unicode"
)

// special are the characters that mean something anywhere in a line.
const special = "\\`*_[]<>&|~"

// Text escapes a text for the middle of a line. Line breaks become spaces, and
// control characters go.
func Text(s string) string {
	var b strings.Builder
	for i, word := range strings.FieldsFunc(s, unicode.IsSpace) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			switch {
			case unicode.IsControl(r):
				continue
			case strings.ContainsRune(special, r):
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// Line is Text for the beginning of a line, where "#", "-", "1." and the like mean
// something too.
func Line(s string) string {
	s = Text(s)
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	rest := s[digits:]
	switch {
	case rest == "":
	case digits == 0 && strings.ContainsRune("#-+=", rune(rest[0])):
		return `\` + s
	case digits > 0 && (rest[0] == '.' || rest[0] == ')'):
		return s[:digits] + `\` + rest
	}
	return s
}

// Paragraphs are a text's, which an empty line parts, each behind the prefix: "> "
// makes a quotation.
func Paragraphs(text, prefix string) string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = Line(p); p != "" {
			out = append(out, prefix+p)
		}
	}
	return strings.Join(out, "\n"+strings.TrimSpace(prefix)+"\n")
}

// Link is a link of a text to an absolute address of the web that wording.Link, or
// the program itself, has written; without an address it is the text.
func Link(text, address string) string {
	if address == "" {
		return Text(text)
	}
	return "[" + Text(text) + "](" + destination.Replace(address) + ")"
}

// destination keeps an address together: brackets, spaces and backslashes would end
// it or change it, and "&copy;" would be a sign.
var destination = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", `\`, "%5C", "<", "%3C", ">", "%3E", "&", "&amp;")

// Row is a row of a table.
func Row(cells ...string) string {
	escaped := make([]string, len(cells))
	for i, c := range cells {
		escaped[i] = Text(c)
	}
	return "| " + strings.Join(escaped, " | ") + " |\n"
}

// Head is a table's first row, with the line below it.
func Head(cells ...string) string {
	return Row(cells...) + "|" + strings.Repeat(" --- |", len(cells)) + "\n"
}
