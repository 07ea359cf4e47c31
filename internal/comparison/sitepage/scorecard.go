package sitepage

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
)

// The labelled scorecard is rows of a reviewer's name and a cell for each tool;
// a cell is "No panel take", or a score line and paragraphs. A take may hold a
// paragraph that looks like a score line, a name or "No panel take". So every
// way to read the rows is tried, and the one is taken that agrees with the
// counts of the decision table; where two do, the page is refused, because
// choosing would be guessing.

var (
	scoreLine   = regexp.MustCompile(`(?i)^(?:score:?\s*)?([0-9]{1,3})\s*(?:/|of|out of)\s*100\s*[·•∙|:,(–—-]*\s*(ship|skip)\)?$`)
	verdictLine = regexp.MustCompile(`(?i)^(ship|skip)\s*[·•∙|:,(–—-]*\s*(?:score:?\s*)?([0-9]{1,3})\s*(?:/|of|out of)\s*100\)?$`)
)

// readScore reads a score line such as "80/100 · ship".
func readScore(s string) (score int, verdict comparison.Verdict, ok bool) {
	if !strings.Contains(s, "100") {
		return 0, "", false
	}
	digits, word := "", ""
	if m := scoreLine.FindStringSubmatch(s); m != nil {
		digits, word = m[1], m[2]
	} else if m := verdictLine.FindStringSubmatch(s); m != nil {
		digits, word = m[2], m[1]
	} else {
		return 0, "", false
	}
	score, err := strconv.Atoi(digits)
	return score, comparison.Verdict(strings.ToLower(word)), err == nil
}

func isNoTake(s string) bool { return strings.EqualFold(s, "No panel take") }

// reviewer is the name that line i is, "" for any other line.
func (p *pageReader) reviewer(i int) comparison.Reviewer {
	for _, r := range comparison.Reviewers() {
		if p.is(i, string(r)) {
			return r
		}
	}
	return ""
}

func (p *pageReader) isCell(i int) bool {
	if i >= len(p.lines) {
		return false
	}
	_, _, isScore := readScore(p.lines[i].text)
	return isScore || isNoTake(p.lines[i].text)
}

// A span is a cell: the index of its first line and the one behind its last.
type span struct{ from, to int }

// A row is a reviewer and the two cells.
type row struct {
	name  int
	cells [2]span
}

func (p *pageReader) labelled(from, to int) error {
	s := newRowSearch(p, from, to)
	s.rows(from, nil)
	ways := preferred(preferred(s.found, p.inOrder), p.agrees)
	switch broken := p.brokenScore(from, to); {
	case s.steps > maxSteps || len(s.found) >= maxFound:
		return p.expected(from, "a scorecard with fewer lines that may be a score or a name: this one can be read in too many ways; write this comparison as YAML")
	case len(ways) == 0 && broken >= 0 && broken <= s.failedAt:
		return p.expected(broken, `a score such as "80/100 · ship"`)
	case len(ways) == 0:
		return p.expected(s.failedAt, s.wanted)
	case len(ways) > 1:
		return p.expected(difference(ways[0], ways[1]), "an unambiguous line: this one may be a cell of the scorecard or a part of the take above it; write this comparison as YAML")
	}
	return p.takeRows(ways[0])
}

// preferred keeps the ways that pass, or all when none does.
func preferred(ways [][]row, pass func([]row) bool) [][]row {
	if kept := slices.DeleteFunc(slices.Clone(ways), func(w []row) bool { return !pass(w) }); len(kept) > 0 {
		return kept
	}
	return ways
}

// inOrder reports whether the reviewers stand in the site's order.
func (p *pageReader) inOrder(rows []row) bool {
	return slices.IsSortedFunc(rows, func(a, b row) int {
		return slices.Index(comparison.Reviewers(), p.reviewer(a.name)) - slices.Index(comparison.Reviewers(), p.reviewer(b.name))
	})
}

// agrees reports whether the cells' verdicts give the panel's numbers.
func (p *pageReader) agrees(rows []row) bool {
	for tool, t := range p.c.Tools {
		t.Reviews = nil
		for _, r := range rows {
			if review, ok := p.review(r, tool); ok {
				t.Reviews = append(t.Reviews, review)
			}
		}
		if !t.PanelFits() {
			return false
		}
	}
	return true
}

// difference is the first line that two ways read differently.
func difference(a, b []row) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i].cells[0].to != b[i].cells[0].to:
			return min(a[i].cells[0].to, b[i].cells[0].to)
		case a[i].cells[1].to != b[i].cells[1].to:
			return min(a[i].cells[1].to, b[i].cells[1].to)
		}
	}
	return a[0].name
}

// review reads a row's cell; false for "No panel take".
func (p *pageReader) review(r row, tool int) (comparison.Review, bool) {
	score, verdict, ok := readScore(p.lines[r.cells[tool].from].text)
	if !ok {
		return comparison.Review{}, false
	}
	return comparison.Review{Reviewer: p.reviewer(r.name), Score: &score, Verdict: verdict}, true
}

func (p *pageReader) takeRows(rows []row) error {
	if i := p.strayRow(rows); i >= 0 {
		return p.expected(i, "a reviewer's name (Builder, Skeptic, Futurist, Creator or Founder) who is not above, with the score or \"No panel take\" of line "+
			strconv.Itoa(p.lines[i+1].number))
	}
	if i := p.lostName(rows); i >= 0 {
		return p.expected(i+1, "below the name "+p.lines[i].text+` a score such as "80/100 · ship", or "No panel take"`)
	}
	for _, r := range rows {
		for tool, cell := range r.cells {
			review, ok := p.review(r, tool)
			if !ok {
				continue
			}
			if _, _, again := readScore(p.lines[cell.from+1].text); again {
				return p.expected(cell.from+1, string(review.Reviewer)+"'s take below the score of line "+strconv.Itoa(p.lines[cell.from].number))
			}
			t := &p.c.Tools[tool]
			at := toolField(tool, fmt.Sprintf("reviews[%d]", len(t.Reviews)))
			p.at[at] = p.lines[r.name].number
			p.at[at+".reviewer"] = p.lines[r.name].number
			p.at[at+".score"] = p.lines[cell.from].number
			p.at[at+".verdict"] = p.lines[cell.from].number
			review.Take = p.text(at+".take", "a part of "+string(review.Reviewer)+"'s take", cell.from+1, cell.to)
			t.Reviews = append(t.Reviews, review)
		}
	}
	return nil
}

// nearScore is for lines that were meant as a score.
var nearScore = regexp.MustCompile(`^[0-9]{1,4}\s*/\s*[0-9]{1,4}\P{L}*\pL*$`)

// brokenScore is the index of the first such line, -1 for none.
func (p *pageReader) brokenScore(from, to int) int {
	for i := from; i < to; i++ {
		if !p.isCell(i) && nearScore.MatchString(p.lines[i].text) {
			return i
		}
	}
	return -1
}

// strayRow finds what looks like a row inside a take, -1 for nothing: a name, or
// any one capitalised word, with a score line or "No panel take" below it. A
// reviewer whom the panel does not know must not vanish in another's take.
func (p *pageReader) strayRow(rows []row) int {
	for _, r := range rows {
		for _, cell := range r.cells {
			for i := cell.from + 1; i+1 < cell.to; i++ {
				if isCapitalWord(p.lines[i].text) && p.isCell(i+1) {
					return i
				}
			}
		}
	}
	return -1
}

// lostName finds a reviewer's name that is a paragraph of a take, where that
// reviewer has no row: -1 for nothing.
func (p *pageReader) lostName(rows []row) int {
	for _, r := range rows {
		for _, cell := range r.cells {
			for i := cell.from + 1; i < cell.to; i++ {
				if name := p.reviewer(i); name != "" && !slices.ContainsFunc(rows, func(r row) bool { return p.reviewer(r.name) == name }) {
					return i
				}
			}
		}
	}
	return -1
}

func isCapitalWord(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(first) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}
