package picture

import (
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/text/unicode/norm"
)

// longest is how many letters of a text are looked at: more never fit.
const longest = 300

// clean makes a text one line: white space becomes a space, what controls writing
// goes.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// wrap breaks a text into at most most lines that are not wider than width pixels.
// What does not fit is cut, and a word that is wider than a line is broken.
func wrap(face font.Face, text string, width, most int) []string {
	letters := []rune(clean(text))
	cut := len(letters) > longest
	words := strings.Fields(string(letters[:min(len(letters), longest)]))
	fits := func(s string) bool { return font.MeasureString(face, s).Ceil() <= width }
	var lines []string
	line := ""
	for len(words) > 0 {
		word := words[0]
		switch longer := strings.TrimSpace(line + " " + word); {
		case fits(longer):
			line, words = longer, words[1:]
			continue
		case line == "":
			head := prefix(word, fits)
			line, words[0] = head, word[len(head):]
		}
		if len(lines) == most-1 {
			cut = true
			break
		}
		lines, line = append(lines, line), ""
	}
	if cut {
		line = strings.TrimSpace(line)
		line = strings.TrimRight(prefix(line, func(s string) bool { return fits(s + "…") }), " ") + "…"
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// prefix is the longest beginning of s that fits, and at least one letter.
func prefix(s string, fits func(string) bool) string {
	end := 0
	for i, r := range s {
		next := i + len(string(r))
		if end > 0 && !fits(s[:next]) {
			break
		}
		end = next
	}
	return s[:end]
}
