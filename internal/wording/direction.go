package wording

import "golang.org/x/text/unicode/bidi"

// The isolates of UAX #9: what stands between FSI and PDI cannot reorder what
// stands around it.
const (
	fsi = "\u2068"
	pdi = "\u2069"
)

// RightToLeft reports whether most letters of s are of right-to-left scripts. A
// Latin product name at the start does not turn an Arabic sentence, nor the
// other way round.
func RightToLeft(s string) bool {
	left, right := directions(s)
	return right > left
}

func directions(s string) (left, right int) {
	for _, r := range s {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.L:
			left++
		case bidi.R, bidi.AL:
			right++
		}
	}
	return left, right
}

// Isolate wraps a name that has right-to-left letters in FSI and PDI, so that
// it cannot reorder the sentence or the columns that it stands in.
func Isolate(s string) string {
	if _, right := directions(s); right > 0 {
		return fsi + s + pdi
	}
	return s
}
