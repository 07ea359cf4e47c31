package check

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/comparison"
)

// summaryLength is how much of a mail inboxes and the machines that summarise
// mails read for certain, in characters that a reader sees.
const summaryLength = 200

// summary checks that a digest begins with its news: a tool of the edition and
// what the panel says of it.
func (r *report) summary(d *document, m Mail) {
	if len(m.Comparisons) == 0 {
		return
	}
	first := strings.Join(d.visibleWords(), " ")
	if utf8.RuneCountInString(first) > summaryLength {
		first = string([]rune(first)[:summaryLength])
	}
	const fix = "let the template begin with what is new, such as .Data.Lede"
	named, judged := namesTool(m.Comparisons, first)
	switch {
	case !named:
		r.addWarn("summary.first", fix, "the first %d characters name no tool of the edition: %q", summaryLength, first)
	case !judged:
		r.addWarn("summary.first", fix, "the first %d characters give no verdict: %q", summaryLength, first)
	default:
		r.addPass("summary.first", "the first %d characters carry the news", summaryLength)
	}
}

// tallies are counts of verdicts, "8 ship, 2 skip", which say nothing of a tool.
var tallies = regexp.MustCompile(`(?i)\b\d+ (ship|skip|split)\b,?`)

// namesTool reports whether a text names a tool, and says a verdict where one is
// known.
func namesTool(list []comparison.Comparison, text string) (named, judged bool) {
	known := false
	for _, c := range list {
		for _, t := range c.Tools {
			name, _, _ := strings.Cut(strings.TrimSpace(t.Name), " ")
			named = named || name != "" && strings.Contains(text, name)
			known = known || t.Panel.Outcome() != comparison.OutcomeUnknown
		}
	}
	text = strings.ToLower(tallies.ReplaceAllString(text, ""))
	says := strings.Contains(text, "ship") || strings.Contains(text, "skip") || strings.Contains(text, "split")
	return named || !known, says || !known
}

// visibleWords are the words that a reader sees.
func (d *document) visibleWords() (words []string) {
	for _, body := range d.named("body") {
		words = visibleWords(body, words)
	}
	return words
}

// visibleWords appends the words under n that a reader sees.
func visibleWords(n *html.Node, words []string) []string {
	if n.Type == html.TextNode {
		return append(words, strings.Fields(n.Data)...)
	}
	if n.Data == "style" || strings.Contains(strings.ReplaceAll(attr(n, "style"), " ", ""), "display:none") {
		return words
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		words = visibleWords(c, words)
	}
	return words
}
