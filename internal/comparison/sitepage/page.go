package sitepage

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// A page of the comparison site is read as lines of text, whether it came as
// text or as HTML. Both layouts have the same beginning:
//
//	title "A vs B", an intro
//	twice: [avatar letter], category, name, [tagline], [Ship or Skip],
//	       "75%", "Panel ship", [votes], "Community", [price], "Entry",
//	       description
//
// The labelled layout goes on with the decision table (table.go) and a
// scorecard of names, scores and takes (scorecard.go), the compact one
// with a scorecard of quotes only (quotes.go). Labels stand below their
// values. Empty lines mean nothing; every other line is a paragraph.

// A pageLine is one line that says something, its white space made single.
type pageLine struct {
	number int // 1-based in the source
	text   string
}

// invisible is for characters that pages use for layout and that would keep
// equal texts from matching: soft hyphen, zero-width space, word joiner, byte order mark.
var invisible = strings.NewReplacer("\u00ad", "", "\u200b", "", "\ufeff", "", "\u2060", "")

// textLines reads a page's text: a cell of a copied table is a line, and lines
// broken at a width are joined.
func (p *pageReader) textLines(src []byte) {
	number := 0
	var lines []pageLine
	for line := range strings.SplitSeq(string(src), "\n") {
		number++
		for _, cell := range splitCells(line) {
			if cell = oneLine(cell); cell != "" {
				lines = append(lines, pageLine{number, cell})
			}
		}
	}
	var first int
	if p.lines, first = unwrap(lines); first >= 0 {
		p.unwrapped(first)
	}
}

// oneLine drops what is invisible and makes white space single; a no-break
// space is one, too.
func oneLine(s string) string {
	return strings.Join(strings.Fields(invisible.Replace(s)), " ")
}

// A pageReader turns a page's lines into a comparison.
type pageReader struct {
	file  string
	lines []pageLine
	c     comparison.Comparison
	title [2]string      // the names in the title
	at    map[string]int // the line in which each value stands, by its field
	notes []comparison.Problem
	joins bool // lines were joined, and a note says so
}

// page reads the lines and checks the rules on what they say.
func (p *pageReader) page() (comparison.Comparison, []comparison.Problem, error) {
	if at := p.find(0, "Reviewer scorecard"); at >= 0 {
		p.lines = append(p.lines[:at:at], joinScores(p.lines[at:])...)
	}
	p.dropControls()
	if err := p.read(); err != nil {
		return comparison.Comparison{}, nil, err
	}
	c, problems := comparison.Draft(p.c, p.file, p.at)
	if len(problems) > 0 {
		return comparison.Comparison{}, nil, &comparison.InvalidError{Problems: problems}
	}
	slices.SortStableFunc(p.notes, func(a, b comparison.Problem) int { return cmp.Compare(a.Line, b.Line) })
	return c, p.notes, nil
}

func (p *pageReader) read() error {
	heads, err := p.heads()
	if err != nil {
		return err
	}
	first, err := p.cardTop(0, heads.after, heads.name[0], heads.label[0])
	if err != nil {
		return err
	}
	second, err := p.cardTop(1, first, heads.name[1], heads.label[1])
	if err != nil {
		return err
	}
	p.c.Tools[0].Description = p.text("tools[0].description", "a part of the description", first, p.cardStart(heads.name[1], first))
	scorecard := p.find(second, "Reviewer scorecard")
	if scorecard < 0 {
		return p.expected(len(p.lines), `the heading "Reviewer scorecard"`)
	}
	table, err := p.tableStart(second, scorecard)
	if err != nil {
		return err
	}
	p.c.Tools[1].Description = p.text("tools[1].description", "a part of the description", second, table)
	if table < scorecard {
		if err := p.table(table, scorecard); err != nil {
			return err
		}
	}
	return p.scorecard(scorecard + 1)
}

// scorecard tells the layouts apart by its first line.
func (p *pageReader) scorecard(from int) error {
	switch {
	case from >= len(p.lines) || p.isChrome(from):
		return p.expected(from, "the reviewers' takes")
	case p.reviewer(from) != "":
		end := p.contentEnd(from, p.isCell)
		p.leftOutUnless("below the scorecard", end, len(p.lines), p.foot())
		return p.labelled(from, end)
	case p.isQuote(from) || isNoTake(p.lines[from].text):
		end := p.contentEnd(from, p.isQuote)
		p.leftOutUnless("below the scorecard", end, len(p.lines), p.foot())
		return p.quotes(from, end)
	}
	return p.expected(from, "a reviewer's name (Builder, Skeptic, Futurist, Creator or Founder) or a take in quotes")
}

// contentEnd is the index behind the last line of content: the newsletter box
// and the bookmarks below it belong to the site. A take that has one of their
// lines is followed by more takes.
func (p *pageReader) contentEnd(from int, isTake func(i int) bool) int {
	last := from
	for i := from; i < len(p.lines); i++ {
		if isTake(i) {
			last = i
		}
	}
	for i := last; i < len(p.lines); i++ {
		if p.isChrome(i) {
			return i
		}
	}
	return len(p.lines)
}

// isChrome is for the lines that begin what stands below the scorecard.
func (p *pageReader) isChrome(i int) bool {
	last := i == len(p.lines)-1
	return p.is(i, "Get the next comparison in your inbox") ||
		p.is(i, "Weekly AI Tool Verdicts") ||
		p.is(i, "Bookmarks") && (last || p.is(i+1, "Loading bookmarks...") || p.is(i+1, "Loading bookmarks…") || p.is(i+1, "No bookmarks yet"))
}

// isHead is for the site's own lines above the title: the breadcrumb, the kind of
// page, the page's address.
func (p *pageReader) isHead(i int) bool {
	return p.is(i, "AI tool comparison") || p.isTitle(i) || addressLine.MatchString(p.lines[i].text)
}

// isTitle reports whether the line is the page's title, or its breadcrumb.
func (p *pageReader) isTitle(i int) bool {
	return slices.ContainsFunc(titleNames(p.lines[i].text), func(names [2]string) bool {
		return strings.EqualFold(names[0], p.title[0]) && strings.EqualFold(names[1], p.title[1])
	})
}

// foot knows the site's own lines below the scorecard, each of them once: the same
// line above it may be the last of a take.
func (p *pageReader) foot() func(i int) bool {
	seen := map[string]bool{}
	return func(i int) bool {
		text := strings.ToLower(p.lines[i].text)
		again := seen[text]
		seen[text] = true
		return !again && p.isFoot(i)
	}
}

// isFoot is for the site's own lines below the scorecard: the newsletter's box and
// the bookmarks.
func (p *pageReader) isFoot(i int) bool {
	return p.isChrome(i) || p.is(i, "New AI tools ship daily. We compare them before you waste an afternoon.") ||
		p.is(i, "Loading bookmarks...") || p.is(i, "Loading bookmarks…") || p.is(i, "No bookmarks yet") || p.is(i, "Bookmark tools to save them for later")
}

// is compares a line with a label of the site, whose style sheet may show it
// in capitals.
func (p *pageReader) is(i int, label string) bool {
	return i >= 0 && i < len(p.lines) && strings.EqualFold(p.lines[i].text, label)
}

// find is the index of the first line at or after from that is the label.
func (p *pageReader) find(from int, label string) int {
	for i := from; i < len(p.lines); i++ {
		if p.is(i, label) {
			return i
		}
	}
	return -1
}

// put notes where a field's value stands and returns it, "" for an absent one.
func (p *pageReader) put(field string, i int) string {
	p.at[field] = p.lines[i].number
	if isAbsentMark(p.lines[i].text) {
		return ""
	}
	return p.lines[i].text
}

// expected is the error for line i, or for the page's end.
func (p *pageReader) expected(i int, what string) error {
	problem := comparison.Problem{File: p.file, Line: 1}
	switch {
	case i < len(p.lines):
		problem.Line = p.lines[i].number
		problem.Message = fmt.Sprintf("expected %s, found %s", what, spelling.Clip(p.lines[i].text))
	default:
		if len(p.lines) > 0 {
			problem.Line = p.lines[len(p.lines)-1].number
		}
		problem.Message = fmt.Sprintf("expected %s, but the page ends here", what)
	}
	return &comparison.InvalidError{Problems: []comparison.Problem{problem}}
}

// note says what the comparison does not hold.
func (p *pageReader) note(i int, field, format string, args ...any) {
	p.notes = append(p.notes, comparison.Problem{File: p.file, Line: p.lines[i].number, Field: field, Message: fmt.Sprintf(format, args...)})
}

// isAbsentMark is for what pages show in the place of a value.
func isAbsentMark(s string) bool {
	switch s {
	case "—", "–", "-", "--", "―":
		return true
	}
	return strings.EqualFold(s, "No community votes yet") || strings.EqualFold(s, "No votes yet")
}

var percent = regexp.MustCompile(`(?i)^([0-9]{1,3}(?:[.,][0-9]{1,2})?) ?(?:%|percent|per cent|pct)$`)

// percentage reads "75%" and "66,7 %", rounded to a whole number.
func percentage(s string) (int, bool) {
	m := percent.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
	return int(math.Round(v)), err == nil
}

// isAvatar is for the letter that stands for a tool that has no picture.
func isAvatar(s, name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	return utf8.RuneCountInString(s) == 1 && strings.EqualFold(s, string(r))
}

func toolField(tool int, key string) string { return fmt.Sprintf("tools[%d].%s", tool, key) }
