package check

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/comparison"
)

// quotes compares what the mail quotes with the takes, word for word.
func (r *report) quotes(d *document, m Mail) {
	var takes strings.Builder
	for _, c := range m.Comparisons {
		for _, t := range c.Tools {
			for _, review := range t.Reviews {
				takes.WriteString(squeezed(legible(review.Take)))
				takes.WriteByte('\n')
			}
		}
	}
	all := takes.String()
	var foreign []defect
	quoted := 0
	for _, n := range d.named("blockquote") {
		text, found := quoteText(n)
		if !found || inNote(n) {
			continue
		}
		quoted++
		if !strings.Contains(all, squeezed(legible(text))) {
			foreign = append(foreign, at(n, place(n)+" is not in any take"))
		}
	}
	r.addAll("content.quotes", Warn, foreign, "quote word for word in the template",
		"%d quotes, each word for word", quoted)
}

// inNote reports whether an element stands in the editor's note, which may quote
// whom it likes.
func inNote(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && attr(n, "class") == "editor" {
			return true
		}
	}
	return false
}

// quoteText is the first paragraph of a blockquote without its quotation marks.
func quoteText(n *html.Node) (string, bool) {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == "p" {
			text := textOf(c)
			text = strings.TrimSuffix(strings.TrimPrefix(text, "“"), "”")
			return text, text != ""
		}
	}
	return "", false
}

// legible drops what typesetting may change in a quote: control and format
// characters, and the marks of a quote inside the quote.
func legible(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && !unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) || strings.ContainsRune("“”„«»‘’\"'", c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// cutTakes finds takes that the source itself broke off: they end in an
// ellipsis, or in the middle of a sentence.
func cutTakes(c comparison.Comparison) []defect {
	var out []defect
	for i, t := range c.Tools {
		for j, review := range t.Reviews {
			take := strings.TrimSpace(review.Take)
			last, _ := utf8.DecodeLastRuneInString(take)
			switch {
			case take == "":
				continue
			case strings.HasSuffix(take, "…"), strings.HasSuffix(take, "..."), unicode.IsLetter(last), strings.ContainsRune(",;:-–—", last):
			default:
				continue
			}
			who := string(review.Reviewer)
			if who == "" {
				who = "a reviewer"
			}
			out = append(out, in(c.Slug, fmt.Sprintf("tools[%d].reviews[%d].take", i, j), fmt.Sprintf("the take of %s on %s in %s ends in “%s”", who, t.Name, c.Slug, tail(take))))
		}
	}
	return out
}

// tail is the end of a text, for a message.
func tail(s string) string {
	const shown = 24
	r := []rune(s)
	if len(r) <= shown {
		return s
	}
	return "…" + string(r[len(r)-shown:])
}
