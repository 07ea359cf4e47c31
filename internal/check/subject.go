package check

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths that inboxes show, in characters.
const (
	subjectShown   = 60 // desktop; phones show about 40
	subjectMost    = 78 // RFC 5322 §2.1.1: a line's recommended length
	preheaderLeast = 30
	preheaderMost  = 130
)

func (r *report) subject(m Mail) {
	s := m.Rendered.Subject
	n := utf8.RuneCountInString(s)
	switch {
	case strings.TrimSpace(s) == "":
		r.fail("subject.length", "write a subject", "the subject is empty")
	case n > subjectMost:
		r.fail("subject.length", "shorten it", "the subject has %d characters, more than %d", n, subjectMost)
	case n > subjectShown:
		r.warn("subject.length", "say what matters in the first words", "the subject has %d characters; inboxes show about %d", n, subjectShown)
	default:
		r.pass("subject.length", "the subject has %d characters", n)
	}
	both := s + m.Rendered.Preheader
	r.all("subject.spoofing", Fail, spoofing(both), "remove these characters", "no hidden or reordering characters")
	r.all("subject.shouting", Warn, shouting(s), "write it as a sentence", "no shouting")
	switch n := utf8.RuneCountInString(m.Rendered.Preheader); {
	case n < preheaderLeast:
		r.warn("preheader.length", "write a line that complements the subject", "the preheader has %d characters; clients fill the rest with the mail's first words", n)
	case n > preheaderMost:
		r.warn("preheader.length", "shorten it", "the preheader has %d characters; clients show at most about %d", n, preheaderMost)
	default:
		r.pass("preheader.length", "the preheader has %d characters", n)
	}
}

// spoofing names characters that make a text look like another (Unicode TR 36):
// controls, reordering, zero width, and words that mix scripts.
func spoofing(s string) []string {
	var out []string
	for _, c := range s {
		switch {
		case c == utf8.RuneError:
			out = append(out, "an invalid character")
		case unicode.IsControl(c):
			out = append(out, fmt.Sprintf("the control character U+%04X", c))
		case c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == 0x200e, c == 0x200f:
			out = append(out, fmt.Sprintf("the reordering character U+%04X", c))
		case c == 0x200b, c == 0x2060, c == 0xfeff, c == 0x00ad:
			out = append(out, fmt.Sprintf("the invisible character U+%04X", c))
		}
	}
	for _, word := range strings.Fields(s) {
		if mixed(word) {
			out = append(out, fmt.Sprintf("%q mixes Latin with Cyrillic or Greek letters", word))
		}
	}
	return out
}

func mixed(word string) bool {
	latin, other := false, false
	for _, c := range word {
		latin = latin || unicode.Is(unicode.Latin, c)
		other = other || unicode.In(c, unicode.Cyrillic, unicode.Greek)
	}
	return latin && other
}

func shouting(s string) []string {
	var out []string
	if strings.Contains(s, "!!") {
		out = append(out, "several exclamation marks")
	}
	letters, upper := 0, 0
	for _, c := range s {
		if unicode.IsLetter(c) {
			letters++
			if unicode.IsUpper(c) {
				upper++
			}
		}
	}
	if letters > 10 && upper*10 > letters*7 {
		out = append(out, "the subject is in capitals")
	}
	return out
}
