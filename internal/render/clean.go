package render

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"

	"verdicts.example/digest/internal/mergefield"
)

// clean makes content safe to stand in a mail: on one line, without control
// characters, without the bidi controls that could turn the text around it,
// and without anything that would be taken for a merge field.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case isBidiControl(r), r == '\uFEFF':
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

// link gives raw as an absolute http or https address, or "" with false: a
// mail must not carry javascript:, data: or an address relative to nothing.
func link(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", true
	}
	if clean(raw) != raw {
		return "", false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.String(), true
}

// rightToLeft reports whether the first strong character of s is one of a
// right-to-left script (UAX #9, rules P2 and P3).
func rightToLeft(s string) bool {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// isolate wraps a right-to-left name in FSI and PDI, so that it cannot reorder
// the sentence that it stands in.
func isolate(s string) string {
	for _, r := range s {
		if p, _ := bidi.LookupRune(r); p.Class() == bidi.R || p.Class() == bidi.AL {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
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
