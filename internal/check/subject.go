package check

import (
	"fmt"
	"regexp"
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
		r.addFail("subject.length", "write a subject", "the subject is empty")
	case n > subjectMost:
		r.addWarn("subject.length", "shorten it", "the subject has %d characters, more than %d", n, subjectMost)
	case n > subjectShown:
		r.addWarn("subject.length", "say what matters in the first words", "the subject has %d characters; inboxes show about %d", n, subjectShown)
	default:
		r.addPass("subject.length", "the subject has %d characters", n)
	}
	r.spoofing("subject.spoofing", s)
	r.markup("subject", s)
	r.addAll("subject.shouting", Warn, says(shouting(s)...), "write it as a sentence", "no shouting")
}

// preheader checks the line that inboxes show after the subject: the mail's
// first text, whatever that is.
func (r *report) preheader(d *document, m Mail) {
	p := m.Rendered.Preheader
	const fix = "write a line that complements the subject"
	switch n := utf8.RuneCountInString(p); {
	case n < preheaderLeast:
		r.addWarn("preheader.length", fix, "the preheader has %d characters; clients fill the rest with the mail's first words", n)
	case n > preheaderMost:
		r.addWarn("preheader.length", "shorten it", "the preheader has %d characters; clients show at most about %d", n, preheaderMost)
	default:
		r.addPass("preheader.length", "the preheader has %d characters", n)
	}
	var defects []string
	for _, body := range d.named("body") {
		if p != "" && !strings.HasPrefix(textUpTo(body, len(p)), collapse(p)) {
			defects = append(defects, "the body does not begin with the preheader")
		}
	}
	if p != "" && strings.EqualFold(collapse(p), collapse(m.Rendered.Subject)) {
		defects = append(defects, "the preheader repeats the subject")
	}
	r.addAll("preheader.text", Warn, says(defects...), fix, "the body begins with the preheader, and it adds to the subject")
	r.markup("preheader", p)
	r.spoofing("preheader.spoofing", p)
}

// markups are what means something in HTML or Markdown and nothing in a line of
// an inbox.
var markups = regexp.MustCompile(`</?[a-zA-Z][^<>]*>|&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z]+[0-9]*);|\*\*[^*\s][^*]*\*\*|\[[^\]]+\]\([^)\s]+\)`)

// markup finds what an editor typed as markup: inboxes show it as it stands.
func (r *report) markup(line, text string) {
	var found []string
	for _, m := range markups.FindAllString(text, -1) {
		found = append(found, "inboxes show "+m+" as it stands")
	}
	r.addAll(line+".markup", Warn, says(found...), "write the "+line+" in plain words", "no HTML and no Markdown")
}

// spoofing reports characters that make a text look like another (Unicode TR
// 36). Controls and reordering have no place in a line of mail; what some
// scripts and names need is for the editor to judge.
func (r *report) spoofing(check, s string) {
	hard, soft := spoofed(s)
	level := Warn
	if len(hard) > 0 {
		level = Fail
	}
	r.addAll(check, level, says(append(hard, soft...)...), "remove these characters, or check the spelling", "no hidden or reordering characters")
}

func spoofed(s string) (hard, soft []string) {
	for i, c := range s {
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			hard = append(hard, "an invalid character")
		case unicode.IsControl(c):
			hard = append(hard, fmt.Sprintf("the control character U+%04X", c))
		case c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069:
			hard = append(hard, fmt.Sprintf("the reordering character U+%04X", c))
		case c == utf8.RuneError:
			soft = append(soft, "the replacement character U+FFFD")
		case c == 0x200b, c == 0x200e, c == 0x200f, c == 0x2060, c == 0xfeff, c == 0x00ad:
			soft = append(soft, fmt.Sprintf("the invisible character U+%04X", c))
		}
	}
	for _, word := range strings.Fields(s) {
		if mixed(word) {
			soft = append(soft, fmt.Sprintf("%q mixes Latin with Cyrillic or Greek letters", word))
		}
	}
	return hard, soft
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
		if unicode.IsUpper(c) || unicode.IsLower(c) {
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
