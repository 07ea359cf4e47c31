package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/width"

	"verdicts.example/digest/internal/comparison"
)

// textColumns is the width of the text part, in terminal columns.
const textColumns = 78

// text checks that the text part stands by itself: readers of text get every
// verdict, score and link that the HTML has.
func (r *report) text(m Mail) {
	r.all("text.columns", Warn, wideLines(m.Rendered.Text), "break the line in the text template", "no line is wider than %d columns", textColumns)
	missing := missingLinks(m.Rendered.HTML, m.Rendered.Text)
	missing = append(missing, missingVerdicts(m.Comparisons, m.Rendered.HTML, m.Rendered.Text)...)
	r.all("text.complete", Fail, missing, "add it to the text template", "the text part has every link, verdict and score of the HTML")
}

func wideLines(text string) []string {
	var out []string
	for i, line := range strings.Split(text, "\n") {
		// An address cannot be broken; it stands alone on its line.
		if w := columns(line); w > textColumns && len(strings.Fields(line)) > 1 {
			out = append(out, fmt.Sprintf("line %d has %d columns", i+1, w))
		}
	}
	return out
}

func columns(s string) int {
	n := 0
	for _, c := range s {
		switch width.LookupRune(c).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

func missingLinks(doc, text string) []string {
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		return []string{"the HTML cannot be parsed"}
	}
	var out []string
	for _, n := range newDocument(root).named("a") {
		href := attr(n, "href")
		if href == "" || strings.HasPrefix(href, "mailto:") || strings.Contains(text, href) {
			continue
		}
		if why := "the text part lacks the link to " + href; !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	return out
}

// missingVerdicts names what the HTML shows of a comparison and the text does
// not. A comparison that both show as a headline has no scores to miss.
func missingVerdicts(list []comparison.Comparison, doc, text string) []string {
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		return nil
	}
	shown, plain := textOf(root), strings.Join(strings.Fields(text), " ")
	var out []string
	for _, c := range list {
		for _, t := range c.Tools {
			for _, fact := range facts(t) {
				if strings.Contains(shown, fact) && !hasWords(plain, fact) {
					out = append(out, fmt.Sprintf("the text part lacks %q of %s", fact, t.Name))
				}
			}
		}
	}
	return out
}

// hasWords reports whether a fact stands in the text, or all its words do: side
// by side in two columns, the lines of two facts alternate.
func hasWords(plain, fact string) bool {
	if strings.Contains(plain, fact) {
		return true
	}
	words := strings.Fields(fact)
	for _, w := range words {
		if !strings.Contains(plain, w) {
			return false
		}
	}
	return len(words) > 1
}

// facts lists what must be in both parts: name, per cent, scores, prices.
func facts(t comparison.Tool) []string {
	out := []string{t.Name}
	if t.Panel != nil && t.Panel.Percent != nil {
		out = append(out, strconv.Itoa(*t.Panel.Percent)+"%")
	}
	for _, s := range []string{t.Entry, t.Pricing, t.Category} {
		if s != "" {
			out = append(out, strings.Join(strings.Fields(s), " "))
		}
	}
	for _, r := range t.Reviews {
		if r.Score != nil {
			out = append(out, strconv.Itoa(*r.Score))
		}
	}
	return out
}
