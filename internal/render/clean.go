package render

import (
	"strings"
	"unicode"

	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/wording"
)

// clean makes content safe to stand in a mail: on one line, without control
// characters, without the bidi controls that could turn the text around it,
// and without anything that would be taken for a merge field.
func clean(s string) string { return cleaned(s, isBidiControl) }

// cleanSentence is clean for a sentence of the program's own: the isolates stay
// that it sets around names.
func cleanSentence(s string) string {
	return cleaned(s, func(r rune) bool { return isBidiControl(r) && r != '\u2068' && r != '\u2069' })
}

func cleaned(s string, drop func(rune) bool) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case drop(r), r == '\uFEFF':
			return -1
		}
		return r
	}, s)
	for _, place := range mergefield.All() {
		s = strings.ReplaceAll(s, string(place), "…")
	}
	return strings.Join(strings.Fields(s), " ")
}

// isBidiControl reports the embeddings, overrides and isolates of UAX #9; the
// marks LRM, RLM and ALM stay, they cannot reach beyond themselves.
func isBidiControl(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// link gives raw as wording.Link does. An address with a merge field in it would
// carry a reader's own value to whoever it leads to: it is none.
func link(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if clean(raw) != raw {
		return "", false
	}
	return wording.Link(raw)
}

// scripts that tell a language well enough for fonts and screen readers, the
// more telling first. Latin and Cyrillic tell none.
func languages() []struct {
	table *unicode.RangeTable
	lang  string
} {
	return []struct {
		table *unicode.RangeTable
		lang  string
	}{
		{unicode.Hiragana, "ja"}, {unicode.Katakana, "ja"}, {unicode.Hangul, "ko"}, {unicode.Han, "zh"},
		{unicode.Hebrew, "he"}, {unicode.Arabic, "ar"}, {unicode.Thai, "th"}, {unicode.Greek, "el"},
		{unicode.Devanagari, "hi"},
	}
}

// language names the language of a text that is mostly in a script of its own,
// or "".
func language(s string) string {
	letters := 0
	counts := make(map[string]int)
	first := ""
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		for _, l := range languages() {
			if unicode.Is(l.table, r) {
				counts[l.lang]++
				break
			}
		}
	}
	foreign := 0
	for _, l := range languages() {
		foreign += counts[l.lang]
		if first == "" && counts[l.lang] > 0 {
			first = l.lang
		}
	}
	if 2*foreign <= letters {
		return ""
	}
	return first
}
