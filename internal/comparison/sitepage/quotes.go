package sitepage

import (
	"fmt"
	"strings"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// The compact scorecard is quotes only. The takes alternate: first tool, second
// tool, first tool, …; who wrote one, the score and the verdict are not said.
// "No panel take" holds the place of a take that is not there.

// closingQuote is the mark that ends what the opening one began.
func closingQuote(open string) string {
	if open == "“" {
		return "”"
	}
	return open
}

// openingQuote is the quotation mark that a take begins with, "" for none.
func openingQuote(s string) string {
	for _, open := range []string{"“", `"`} {
		if strings.HasPrefix(s, open) {
			return open
		}
	}
	return ""
}

func (p *pageReader) isQuote(i int) bool { return openingQuote(p.lines[i].text) != "" }

func (p *pageReader) quotes(from, to int) error {
	to = p.quotesEnd(from, to)
	takes, err := p.quoteSpans(from, to)
	if err != nil {
		return err
	}
	if len(takes)%2 != 0 {
		return p.expected(to, fmt.Sprintf("a take on %s to go with the last one on %s: the takes alternate and there are %d",
			spelling.Clip(p.c.Tools[1].Name), spelling.Clip(p.c.Tools[0].Name), len(takes)))
	}
	for i, s := range takes {
		if isNoTake(p.lines[s.from].text) {
			continue
		}
		tool := i % 2
		t := &p.c.Tools[tool]
		at := toolField(tool, fmt.Sprintf("reviews[%d]", len(t.Reviews)))
		p.at[at] = p.lines[s.from].number
		p.at[at+".take"] = p.lines[s.from].number
		text := strings.Join(p.joined(at+".take", s.from, s.to), "\n\n")
		open := openingQuote(text)
		text = strings.TrimSuffix(strings.TrimPrefix(text, open), closingQuote(open))
		if text = strings.TrimSpace(text); text == "" {
			return p.expected(s.from, "a take between the quotation marks")
		}
		t.Reviews = append(t.Reviews, comparison.Review{Take: text})
	}
	return nil
}

// quotesEnd leaves out what stands below the last take, with a note.
func (p *pageReader) quotesEnd(from, to int) int {
	opens, closes := from, from
	for i := from; i < to; i++ {
		if p.isQuote(i) {
			opens = i
		}
		if strings.HasSuffix(p.lines[i].text, "”") || strings.HasSuffix(p.lines[i].text, `"`) || isNoTake(p.lines[i].text) {
			closes = i
		}
	}
	if closes < opens || closes+1 >= to {
		return to
	}
	p.leftOut("", closes+1, to, "below the last take")
	return closes + 1
}

// quoteSpans divides the lines into takes. A take ends at a line that ends in a
// closing mark, where the next line begins a take or there is none. A paragraph
// of a take can look like that, too; then its own marks tell, because those
// that are open must be closed. Where the two do not agree, the panel's
// percentages decide, and where they cannot, the page is refused.
func (p *pageReader) quoteSpans(from, to int) ([]span, error) {
	every, err := p.splitQuotes(from, to, false)
	balanced, errBalanced := p.splitQuotes(from, to, true)
	switch {
	case err != nil && errBalanced == nil && p.possible(balanced):
		return balanced, nil
	case err != nil:
		return nil, err
	case errBalanced != nil || len(balanced) == len(every):
		return every, nil // marks that do not balance say nothing
	}
	switch a, b := p.possible(every), p.possible(balanced); {
	case a && b:
		for i := range balanced {
			if balanced[i] != every[i] {
				return nil, p.expected(every[i].to, "an unambiguous line: this one may begin a take or be a part of the one above; write this comparison as YAML")
			}
		}
	case b:
		return balanced, nil
	}
	return every, nil
}

// splitQuotes ends a take at the first line that can end it, or with balance
// at the first at which all its quotation marks are closed.
func (p *pageReader) splitQuotes(from, to int, balance bool) ([]span, error) {
	var spans []span
	for i := from; i < to; {
		if isNoTake(p.lines[i].text) {
			spans = append(spans, span{i, i + 1})
			i++
			continue
		}
		open := openingQuote(p.lines[i].text)
		if open == "" {
			return nil, p.expected(i, `a take in quotes (“…”), "No panel take" or the page's end`)
		}
		end, err := p.quoteEnd(i, to, open, balance)
		if err != nil {
			return nil, err
		}
		spans = append(spans, span{i, end})
		i = end
	}
	return spans, nil
}

// quoteEnd is the index behind the last line of the take that begins at start.
func (p *pageReader) quoteEnd(start, to int, open string, balance bool) (int, error) {
	closing := closingQuote(open)
	depth := 0 // marks that are open
	for i := start; i < to; i++ {
		text := p.lines[i].text
		if open == closing {
			depth = (depth + strings.Count(text, open)) % 2
		} else {
			depth += strings.Count(text, open) - strings.Count(text, closing)
		}
		ends := strings.HasSuffix(text, closing) && (i > start || text != open)
		next := i+1 == to || openingQuote(p.lines[i+1].text) == open || isNoTake(p.lines[i+1].text)
		switch {
		case ends && next && (!balance || depth <= 0):
			return i + 1, nil
		case ends && !next && depth == 0: // what follows belongs to no take
			return 0, p.expected(i+1, `a take in quotes (“…”), "No panel take" or the page's end`)
		}
	}
	return 0, p.expected(start, "a closing "+closing+" at the end of the take that begins here")
}

// possible reports whether a division gives both tools takes as the alternation
// demands, and as many as the panel's percentage can come from: 75 % is 3 of 4,
// but not a part of 3.
func (p *pageReader) possible(spans []span) bool {
	if len(spans)%2 != 0 {
		return false
	}
	var takes [2]int
	for i, s := range spans {
		if !isNoTake(p.lines[s.from].text) {
			takes[i%2]++
		}
	}
	for tool, n := range takes {
		panel := p.c.Tools[tool].Panel
		if panel == nil || panel.Percent == nil || n == 0 {
			continue
		}
		if !isShareOf(*panel.Percent, n) {
			return false
		}
	}
	return true
}

// isShareOf reports whether some part of n is that many per cent, rounded
// either way.
func isShareOf(percent, n int) bool {
	for part := range n + 1 {
		if off := percent*n - 100*part; -n < off && off < n {
			return true
		}
	}
	return false
}
