package sitepage

import (
	"fmt"
	"regexp"
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
				h.after, p.title = i+1, names
				p.leftOutUnless("above the title", 0, i, p.isHead)
				return h, nil
			}
		}
	}
	if title < 0 {
		return h, p.expected(0, `the title "A vs B" above the first tool`)
	}
	return h, p.expected(max(h.label[0]-3, title+1), fmt.Sprintf("the two tools of the title %s (line %d), each by the same name above its percentage", spelling.Clip(p.lines[title].text), p.lines[title].number))
}

var siteBehind = regexp.MustCompile(` [|–—-] |: `)

var versus = regexp.MustCompile(`(?i) (?:vs\.?|versus|v\.) `)

// titleNames are the ways to read "A vs B"; a name may hold " vs " itself. The
// breadcrumb "Compare/A vs B" counts, too, and so does a title with the site's
// name behind it.
func titleNames(text string) [][2]string {
	if !strings.Contains(text, " v") && !strings.Contains(text, " V") || utf8.RuneCountInString(text) > 2*comparison.MaxName+len("Compare/ versus ") {
		return nil
	}
	var ways [][2]string
	for _, at := range versus.FindAllStringIndex(text, -1) {
		a, b := text[:at[0]], text[at[1]:]
		ways = append(ways, [2]string{a, b})
		if bare := strings.TrimPrefix(a, "Compare/"); bare != a {
			ways = append(ways, [2]string{strings.TrimSpace(bare), b})
		}
		if m := siteBehind.FindStringIndex(b); m != nil {
			ways = append(ways, [2]string{a, b[:m[0]]})
		}
	}
	return ways
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
	for start-1 >= min && isRibbon(p.lines[start].text) && isCategory(p.lines[start-1].text) {
		start--
	}
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
	category := p.category(tool, min, name)
	if category < min || !isCategory(p.lines[category].text) {
		return 0, p.expected(max(name-1, min), "the category of "+spelling.Clip(p.lines[name].text)+`, a short line such as "Developer Tools", above its name`)
	}
	t.Category = p.put(toolField(tool, "category"), category)

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
		if n := p.panel(tool).Percent; n != nil && *n != 50 && strings.EqualFold(p.lines[rest].text, "ship") != (*n > 50) {
			p.note(rest, toolField(tool, "panel"), "the card says %s beside %d%%; the percentage is kept", spelling.Clip(p.lines[rest].text), *n)
		}
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

// category is the index of the category above a tool's name, below min for none.
// Ribbons around it are left out with a note; where another short line stands
// above it, the note says which was taken.
func (p *pageReader) category(tool, min, name int) int {
	i := name - 1
	for i > min && isRibbon(p.lines[i].text) && isCategory(p.lines[i-1].text) && !isAvatar(p.lines[i-1].text, p.lines[name].text) {
		p.leftOut(toolField(tool, "category"), i, i+1, "a ribbon of the card")
		i--
	}
	if above := i - 1; tool == 1 && above >= min && isCategory(p.lines[above].text) && !isSentence(p.lines[above].text) && !isAvatar(p.lines[above].text, p.lines[name].text) {
		p.note(i, toolField(tool, "category"), "%s is read as the category, not %s above it", spelling.Clip(p.lines[i].text), spelling.Clip(p.lines[above].text))
	}
	for above := i - 1; tool == 0 && above >= min; above-- {
		switch text := p.lines[above].text; {
		case isIntro(text), isAvatar(text, p.lines[name].text), p.isTitle(above), p.is(above, "AI tool comparison"):
		default:
			p.leftOut(toolField(tool, "category"), above, above+1, "between the title and the category "+spelling.Clip(p.lines[i].text))
		}
	}
	return i
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

// isCategory keeps a paragraph of the description above, or a value, from being
// taken for a category that is not there.
func isCategory(s string) bool {
	if _, isShare := percentage(s); isShare || isFixed(s) || openingQuote(s) != "" || addressLine.MatchString(s) {
		return false
	}
	return utf8.RuneCountInString(s) <= 60 && !strings.ContainsAny(s[len(s)-1:], ".!?:;,") && !isIntro(s)
}

func isIntro(s string) bool {
	return strings.HasPrefix(strings.ToLower(s), "which one should you ship with?")
}

func isVerdict(s string) bool { return strings.EqualFold(s, "ship") || strings.EqualFold(s, "skip") }
