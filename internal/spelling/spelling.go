// Package spelling is for messages about what somebody wrote: it finds the word
// that was meant (a setting's key, a comparison's field, a template's file),
// quotes a value, and counts.
package spelling

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Clip quotes a value for a message: at most 60 characters, on one line.
func Clip(s string) string {
	const most = 60
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return strconv.Quote(s)
}

// Count is "1 reader" or "2 readers".
func Count[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Changed says what became of a text: “Free” → “$7 a month”. Of long ones it shows
// the words that differ, with a few around them. None is what stands for "".
func Changed(was, now, none string) string {
	a, b := strings.Fields(was), strings.Fields(now)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	end := 0
	for end < min(len(a), len(b))-same && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return cmp.Or(excerpt(a, same, end), none) + " → " + cmp.Or(excerpt(b, same, end), none)
}

// excerpt quotes words without most of those that a text shares with another at
// its beginning and its end.
func excerpt(words []string, same, end int) string {
	const whole, around, most = 12, 3, 160 // words, words, characters
	if len(words) == 0 {
		return ""
	}
	from, to, opening, closing := 0, len(words), "“", "”"
	if len(words) > whole && same > around {
		from, opening = same-around, "“… "
	}
	if len(words) > whole && end > around {
		to, closing = len(words)-end+around, " …”"
	}
	text := []rune(strings.Join(words[from:to], " "))
	if len(text) > most {
		text, closing = text[:most-1], "…”"
	}
	return opening + string(text) + closing
}

// Thousands writes a number for people: "102,000".
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// Nearest gives the candidate with the fewest edits from a word, in any case of
// letters, and how many: the first of equals, "" of none.
func Nearest(word string, candidates []string) (best string, edits int) {
	edits = -1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); edits < 0 || d < edits {
			best, edits = c, d
		}
	}
	return best, edits
}

// Meant gives the candidate that a mistyped word is likely to be: two slips away
// at most, and not all of the candidate is slips.
func Meant(word string, candidates []string) (string, bool) {
	const slips = 2
	if len(word) > 1<<10 { // no slip of a finger
		return "", false
	}
	best, edits := Nearest(word, candidates)
	return best, best != "" && edits <= slips && edits < len(best)
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
