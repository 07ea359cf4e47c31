package render

import (
	"fmt"
	"html/template"
	"maps"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/wording"
)

// words are the functions that both kinds of templates may call. None reads a
// file, the environment or a clock.
func words() map[string]any {
	return map[string]any{
		"date":  date,
		"clock": clock,
		"span":  span,
		"week":  weekWords,
		"count": count,
		"clean": clean,
	}
}

// htmlFuncs are the functions that HTML templates may call besides the ones
// built into html/template.
func htmlFuncs(m *mailTemplate) template.FuncMap {
	f := template.FuncMap{
		"conditional": m.conditional, // put in by liftConditionals
		"dir":         direction,     // <p{{dir .Tagline}}>: dir and lang where the text needs them
		"keep":        keep,          // {{keep .Name}}: the text, with "3–0" and "Nova-3" whole
		"button":      newButton,     // {{template "button" button .URL "Read it"}}
		"fact":        newFact,       // {{template "fact" fact "Label" .Value}}
	}
	maps.Copy(f, words())
	return f
}

// A button is what the template "button" of the layout takes.
type button struct{ URL, Text string }

func newButton(url, text string) button { return button{url, text} }

// A factRow is what the template "fact" of the layout takes.
type factRow struct{ Label, Value string }

func newFact(label, value string) factRow { return factRow{label, value} }

// textFuncs are the functions of text templates: the same words, and layout in
// 78 columns.
func textFuncs() texttemplate.FuncMap {
	f := texttemplate.FuncMap{
		"add1":    func(n int) int { return n + 1 },
		"pair":    pairLine,        // pair "1." "left" "right": a line of two columns and a number
		"fact":    factLine,        // fact "Label" "value": a label and a wrapped value
		"listed":  listed,          // listed "-" "text": an item of a list
		"isolate": wording.Isolate, // a name that does not reorder what stands around it
		"upper":   strings.ToUpper,
		"wrap":    wrap,    // wrap "  " .Text: paragraphs, each line indented
		"row":     row,     // row "Label" "left" "right": a line of a two-column table
		"rule":    rule,    // rule "=": a line across
		"bar":     textBar, // bar .Verdict: both sides in 20 characters
	}
	maps.Copy(f, words())
	return f
}

// keepMost is how long a word may be that is never broken, in characters: two
// of them and a label fit side by side into the narrowest phone.
const keepMost = 12

// keep escapes a text for a narrow column. Its scores and version numbers
// ("3–0", "Nova-3") stay on one line, where a browser would break after the
// dash; and only a word that is too long for the column may break inside.
func keep(s string) template.HTML {
	words := strings.Split(s, " ")
	for i, word := range words {
		escaped := template.HTMLEscapeString(word)
		switch {
		case longestRun(word) > keepMost:
			escaped = `<span class="long">` + escaped + `</span>`
		case isFigure(word) && utf8.RuneCountInString(word) <= keepMost:
			escaped = `<span class="whole">` + escaped + `</span>`
		}
		words[i] = escaped
	}
	return template.HTML(strings.Join(words, " "))
}

// longestRun is the length of the longest part of a word between hyphens, after
// which it breaks by itself.
func longestRun(word string) (most int) {
	for part := range strings.SplitSeq(word, "-") {
		most = max(most, utf8.RuneCountInString(part))
	}
	return most
}

// isFigure reports whether a word has a dash beside a digit.
func isFigure(word string) bool {
	before := ' '
	for _, r := range word {
		if isDash(before) && unicode.IsDigit(r) || isDash(r) && unicode.IsDigit(before) {
			return true
		}
		before = r
	}
	return false
}

func isDash(r rune) bool { return r == '-' || r == '–' }

// direction gives the dir and lang attributes of an element whose text is
// right-to-left, or mostly in a script that tells its language. It is empty
// for the rest, which inherit the document's.
func direction(s string) template.HTMLAttr {
	var attrs string
	if wording.RightToLeft(s) {
		attrs = ` dir="rtl"`
	}
	if lang := language(s); lang != "" {
		attrs += ` lang="` + lang + `"`
	}
	return template.HTMLAttr(attrs)
}

// date gives "Monday 23 November 2026".
func date(t time.Time) string { return t.Format("Monday 2 January 2006") }

// clock gives "Monday 23 November 2026, 09:00 UTC".
func clock(t time.Time) string { return t.Format("Monday 2 January 2006, 15:04 MST") }

// span words a duration in its two largest units: "36 hours", "2 minutes 5
// seconds".
func span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	var parts []string
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.of; n > 0 && len(parts) < 2 {
			parts = append(parts, count(int(n), unit.name))
			d -= n * unit.of
		}
	}
	return strings.Join(parts, " ")
}

// count gives "1 reader", "2 readers", "1,234 readers".
func count(n int, noun string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n == 1 || noun == "" {
		return strings.TrimSpace(s + " " + noun)
	}
	return s + " " + noun + "s"
}

// weekWords gives "Week 48 of 2026".
func weekWords(w edition.Week) string { return fmt.Sprintf("Week %d of %d", w.Number, w.Year) }
