package render

import (
	"unicode"

	"golang.org/x/text/width"
)

// runeWidth is the number of columns that r takes in a terminal or a plain-text
// mail: 0 for combining marks and format characters, 2 for East Asian wide and
// fullwidth characters and for emoji (UAX #11), 1 for the rest. An emoji joined
// from several counts as all of them, which can only make a line shorter.
func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if r >= 0x1F000 && r <= 0x1FAFF {
		return 2
	}
	return 1
}

// columns is the display width of s.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}
