package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"verdicts.example/digest/internal/comparison"
)

// missingFacts names what the HTML shows of the comparisons and the text part
// does not. Only what is certain counts: a text that is laid out in columns or
// broken inside a word is compared word by word.
func missingFacts(list []comparison.Comparison, shown, plain []string) []string {
	inHTML, inText := count(shown), count(plain)
	html := sequence(shown)
	var out []string
	wanted, of := map[string]int{}, map[string]string{}
	for _, c := range list {
		for _, t := range c.Tools {
			for _, fact := range results(t) {
				wanted[fact]++
				of[fact] = t.Name
			}
			for _, word := range words(t, html) {
				if !inText.has(word) {
					out = append(out, fmt.Sprintf("the text part lacks %q of %s", word, t.Name))
				}
			}
		}
	}
	// As often as the edition has it and the HTML shows it, the text must, too.
	for fact, n := range wanted {
		if want := min(n, inHTML.times(fact)); inText.times(fact) < want {
			out = append(out, fmt.Sprintf("the text part lacks a %q (%s)", fact, of[fact]))
		}
	}
	slices.SortStableFunc(out, cmp.Compare[string])
	return slices.Compact(out)
}

// results are a tool's per cent and its reviewers' scores with their verdicts,
// as the built-in mails word them. Another wording of the HTML is not looked for.
func results(t comparison.Tool) []string {
	var out []string
	if t.Panel != nil && t.Panel.Percent != nil {
		out = append(out, strconv.Itoa(*t.Panel.Percent)+"%")
	}
	for _, r := range t.Reviews {
		if r.Score == nil {
			continue
		}
		score := strconv.Itoa(*r.Score)
		switch r.Verdict {
		case comparison.Ship:
			score += " Ship"
		case comparison.Skip:
			score += " Skip"
		}
		out = append(out, score)
	}
	return out
}

// words are those of a tool's name, price and category that no text part
// breaks: not the long ones, and not those in scripts without spaces. Only what
// the HTML has as a whole counts: a price that an item in brief leaves out may
// have its words, such as "a", elsewhere in the mail.
func words(t comparison.Tool, html string) []string {
	var out []string
	for _, s := range []string{t.Name, t.Entry, t.Pricing, t.Category} {
		field := strings.Fields(s)
		if !strings.Contains(html, sequence(field)) {
			continue
		}
		for _, word := range field {
			if word = trimmed(word); word != "" && len(word) <= 24 && !strings.ContainsFunc(word, isWide) {
				out = append(out, word)
			}
		}
	}
	return out
}

// sequence is a list of words as one text, each between spaces.
func sequence(list []string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, word := range list {
		if word = trimmed(word); word != "" {
			b.WriteString(word)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func isWide(c rune) bool {
	kind := width.LookupRune(c).Kind()
	return kind == width.EastAsianWide || kind == width.EastAsianFullwidth
}

// A counting knows how often a word, and two words side by side, stand in a
// text.
type counting map[string]int

func count(list []string) counting {
	c := make(counting, 2*len(list))
	before := ""
	for _, word := range list {
		word = trimmed(word)
		c[word]++
		if before != "" {
			c[before+" "+word]++
		}
		before = word
	}
	return c
}

func (c counting) has(word string) bool  { return c[word] > 0 }
func (c counting) times(fact string) int { return c[fact] }

// trimmed takes off the punctuation that the sentence around a word gives it.
func trimmed(word string) string {
	return strings.Trim(word, ".,;:!?…()[]“”\"'\u2066\u2067\u2068\u2069")
}
