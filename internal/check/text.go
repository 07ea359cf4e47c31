package check

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/wording"
)

// textColumns is the width of the text part, in terminal columns.
const textColumns = 78

// text checks that the text part stands by itself: readers of text get every
// verdict, score and link that the HTML has.
func (r *report) text(d *document, m Mail) {
	r.addAll("text.columns", Warn, says(wideLines(m.Rendered.Text)...), "break the line in the text template", "no line is wider than %d columns", textColumns)
	r.addAll("text.markup", Warn, says(markup(m.Rendered.Text)...), "write plain text in the text template", "no markup in the text part")
	plain := strings.Fields(m.Rendered.Text)
	missing := missingLinks(d, plain)
	// The preheader, which is not seen, is for the inbox; the text part need not
	// repeat its words.
	missing = append(missing, missingFacts(m.Comparisons, d.visibleWords(), plain)...)
	r.addAll("text.complete", Fail, says(missing...), "add it to the text template", "the text part has every link, verdict and score of the HTML")
}

func wideLines(text string) []string {
	var out []string
	n := 0
	for line := range strings.Lines(mergefield.Unmarked(text)) {
		n++
		// An address cannot be broken; it stands alone on its line.
		if w := columns(strings.TrimRight(line, "\r\n")); w > textColumns && !isAddress(strings.TrimSpace(line)) {
			out = append(out, fmt.Sprintf("line %d has %d columns", n, w))
		}
	}
	return out
}

func isAddress(s string) bool {
	return !strings.ContainsAny(s, " \t") && (strings.Contains(s, "://") || strings.HasPrefix(s, "mailto:"))
}

// columns is the width of s in a terminal: combining and format characters take
// none, East Asian wide ones and emoji take two (UAX #11).
func columns(s string) int {
	n := 0
	for _, c := range s {
		kind := width.LookupRune(c).Kind()
		switch {
		case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth, c >= 0x1f000 && c <= 0x1faff:
			n += 2
		default:
			n++
		}
	}
	return n
}

// markup finds what belongs into HTML only.
func markup(text string) []string {
	var out []string
	for _, s := range []string{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#34;", "&nbsp;", "<p>", "<br", "</a>", "<td", "{{"} {
		if i := strings.Index(text, s); i >= 0 {
			out = append(out, fmt.Sprintf("line %d has %q", 1+strings.Count(text[:i], "\n"), s))
		}
	}
	return out
}

// missingLinks compares addresses as they are parsed: how a part escapes a
// parenthesis or an umlaut does not matter.
func missingLinks(d *document, plain []string) []string {
	has := make(map[string]bool, 2*len(plain))
	for _, word := range plain {
		has[canonical(word)] = true
		has[canonical(strings.Trim(word, "<>()[].,;:!?\"'“”"))] = true
	}
	var out []string
	told := map[string]bool{}
	for _, n := range d.links() {
		href := attr(n, "href")
		within := strings.HasPrefix(href, "#")
		if href == "" || within || told[href] || has[canonical(href)] || has[strings.TrimPrefix(href, "mailto:")] {
			continue
		}
		told[href] = true
		out = append(out, "the text part lacks the link to "+href)
	}
	return out
}

// canonical is an address in one form; another text stays as it is.
func canonical(s string) string {
	if !isAddress(s) {
		return s
	}
	if same, ok := wording.Link(s); ok {
		return same
	}
	return s
}
