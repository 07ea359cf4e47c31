package sitepage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// cardHeads is where the two cards' fixed lines are.
type cardHeads struct {
	after int    // index behind the title and the intro
	name  [2]int // index of the tool's name
	label [2]int // index of "Panel ship"
}

const panelLabel = "Panel ship"

// heads finds the cards: "Panel ship" stands below the tool's name, and the
// title gives the names.
func (p *pageReader) heads() (cardHeads, error) {
	var h cardHeads
	h.label[0] = p.find(0, panelLabel)
	if h.label[0] < 0 {
		return h, p.expected(len(p.lines), `"Panel ship" below the first tool's percentage (is this a page of the comparison site?)`)
	}
	h.label[1] = p.find(h.label[0]+1, panelLabel)
	if h.label[1] < 0 {
		return h, p.expected(len(p.lines), `a second tool with "Panel ship" below its percentage`)
	}
	title := -1
	for i := range h.label[0] {
		for _, names := range titleNames(p.lines[i].text) {
			title = i
			h.name[0] = p.nameAbove(h.label[0], i, names[0])
			h.name[1] = p.nameAbove(h.label[1], h.label[0], names[1])
			if h.name[0] > 0 && h.name[1] > 0 {
				h.after = i + 1
				return h, nil
			}
		}
	}
	if title < 0 {
		return h, p.expected(0, `the title "A vs B" above the first tool`)
	}
	return h, p.expected(max(h.label[0]-3, title+1), fmt.Sprintf("the two tools of the title %s (line %d), each by the same name above its percentage", spelling.Clip(p.lines[title].text), p.lines[title].number))
}

// titleNames are the ways to read "A vs B"; a name may hold " vs " itself. The
// breadcrumb "Compare/A vs B" counts, too.
func titleNames(text string) [][2]string {
	const sep = " vs "
	if utf8.RuneCountInString(text) > 2*comparison.MaxName+len("Compare/")+len(sep) {
		return nil
	}
	var ways [][2]string
	for at := 0; ; {
		i := strings.Index(text[at:], sep)
		if i < 0 {
			return ways
		}
		a, b := text[:at+i], text[at+i+len(sep):]
		ways = append(ways, [2]string{a, b})
		if bare := strings.TrimPrefix(a, "Compare/"); bare != a {
			ways = append(ways, [2]string{strings.TrimSpace(bare), b})
		}
		at += i + 1
	}
}

// nameAbove is the index of the name in the card whose label is given, behind
// after; 0 when it is not there. Up to three lines stand between: tagline,
// verdict, percentage.
func (p *pageReader) nameAbove(label, after int, name string) int {
	for i := label - 2; i >= label-4 && i > after; i-- {
		if p.is(i, name) {
			return i
		}
	}
	return 0
}

// cardStart is the index of the card's first line, given its name's: a category
// and perhaps an avatar stand above it, but behind min.
func (p *pageReader) cardStart(name, min int) int {
	start := name - 1
	if start-1 >= min && isAvatar(p.lines[start-1].text, p.lines[name].text) {
		start--
	}
	return max(start, min)
}

// cardTop reads a card down to its price and returns the index of the first
// line of its description. Nothing of it is above min.
func (p *pageReader) cardTop(tool, min, name, label int) (int, error) {
	t := &p.c.Tools[tool]
	t.Name = p.put(toolField(tool, "name"), name)
	if name-1 < min || !isCategory(p.lines[name-1].text) {
		return 0, p.expected(max(name-1, min), "the category of "+spelling.Clip(p.lines[name].text)+`, a short line such as "Developer Tools", above its name`)
	}
	t.Category = p.put(toolField(tool, "category"), name-1)

	// Below the name: [tagline], [verdict], percentage, label.
	rest := label - 1
	if n, ok := percentage(p.lines[rest].text); ok {
		p.panel(tool).Percent = &n
	} else if !isAbsentMark(p.lines[rest].text) {
		return 0, p.expected(rest, `a percentage such as "75%", or "—"`)
	}
	p.put(toolField(tool, "panel.percent"), rest)
	if rest-1 > name && isVerdict(p.lines[rest-1].text) {
		rest-- // it follows from the counts, so nothing is kept of it
	}
	switch {
	case rest-1 == name+1:
		t.Tagline = p.put(toolField(tool, "tagline"), name+1)
	case rest-1 > name+1:
		return 0, p.expected(name+2, `the panel's verdict, "Ship" or "Skip"`)
	}
	if *p.panel(tool) == (comparison.Panel{}) {
		t.Panel = nil
	}
	return p.cardNumbers(tool, label+1)
}

// panel is the tool's panel, made on first use.
func (p *pageReader) panel(tool int) *comparison.Panel {
	t := &p.c.Tools[tool]
	if t.Panel == nil {
		t.Panel = &comparison.Panel{}
	}
	return t.Panel
}

// cardNumbers reads [votes], "Community", [price], "Entry" and returns the
// index behind them. A value that is no label's comes first, so that a price
// may be called "Community" or "Entry" itself.
func (p *pageReader) cardNumbers(tool, i int) (int, error) {
	if !p.is(i, "Community") {
		if !p.is(i+1, "Community") {
			return 0, p.expected(min(i+1, len(p.lines)), `"Community", with the votes or "—" above it`)
		}
		if err := p.community(tool, i); err != nil {
			return 0, err
		}
		i++
	}
	i++
	switch {
	case p.is(i+1, "Entry"):
		p.c.Tools[tool].Entry = p.put(toolField(tool, "entry"), i)
		return i + 2, nil
	case p.is(i, "Entry"):
		return i + 1, nil
	}
	return 0, p.expected(min(i+1, len(p.lines)), `"Entry", with the price to start above it`)
}

// isCategory keeps a paragraph of the description above from being taken for a
// category that is not there.
func isCategory(s string) bool {
	return utf8.RuneCountInString(s) <= 60 && !strings.ContainsAny(s[len(s)-1:], ".!?:;,") && !isIntro(s)
}

func isIntro(s string) bool {
	return strings.HasPrefix(strings.ToLower(s), "which one should you ship with?")
}

func isVerdict(s string) bool { return strings.EqualFold(s, "ship") || strings.EqualFold(s, "skip") }
