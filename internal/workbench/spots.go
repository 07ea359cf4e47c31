package workbench

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/wording"
)

// A spot is an element of the mail that shows a field of a comparison: what an
// editor who sees it there wants to correct.
type spot struct {
	Element int    // of the mail, in document order, from 1 on
	Slug    string // of the comparison
	Field   string // of its file: "tools[0].entry"
	Text    string // as the mail has it
	node    *html.Node
}

// spots finds the elements of a mail that show a field: names, verdicts, prices,
// whom a tool is for, quotes, and the other rows of a comparison's tables. It goes
// by the words alone, so it finds them in an operator's own templates too: between
// an element with the comparison's anchor and the next heading of that rank.
func spots(root *html.Node, list []comparison.Comparison) []spot {
	f := spotter{list: list, taken: map[*html.Node]bool{}}
	n := 0
	for x := range root.Descendants() {
		if x.Type != html.ElementNode {
			continue
		}
		n++
		f.enter(x)
		if f.current == nil || f.within(x) {
			continue
		}
		if field := f.fieldOf(x); field != "" {
			f.taken[x] = true
			f.found = append(f.found, spot{n, f.current.Slug, field, textOf(x), x})
		}
	}
	return f.found
}

// A spotter walks through a mail.
type spotter struct {
	list    []comparison.Comparison
	current *comparison.Comparison // whose part of the mail it is
	tool    int                    // the one that was named last
	line    bool                   // it is a line that leads down to the comparison
	said    int                    // verdicts in that line
	taken   map[*html.Node]bool
	found   []spot
}

// enter notes where a comparison's part begins and ends. A line that leads down to
// a comparison is a part of it, too.
func (f *spotter) enter(x *html.Node) {
	rank := x.Data == "h1" || x.Data == "h2" || attr(x, "class") == "foot"
	switch at := f.anchored(attr(x, "id"), x); {
	case at != nil:
		f.current, f.tool, f.line = at, 0, false
	case x.Data == "li":
		f.current, f.tool, f.line, f.said = f.ledTo(x), 0, true, 0
	case rank:
		f.current = nil
	}
}

// anchored is the comparison that an anchor is of, by the names in its element: of
// an edition that was sent files may have gone since.
func (f *spotter) anchored(id string, x *html.Node) *comparison.Comparison {
	var n int
	if _, err := fmt.Sscanf(id, "c%d", &n); err != nil || id != fmt.Sprintf("c%d", n) {
		return nil
	}
	text := squeeze(textOf(x))
	for i, c := range f.list {
		if strings.Contains(text, squeeze(c.Tools[0].Name)) && strings.Contains(text, squeeze(c.Tools[1].Name)) {
			return &f.list[i]
		}
	}
	return nil
}

func (f *spotter) ledTo(li *html.Node) *comparison.Comparison {
	for x := range li.Descendants() {
		if name, ok := strings.CutPrefix(attr(x, "href"), "#"); ok {
			return f.anchored(name, x)
		}
	}
	return nil
}

// within reports whether an element is a part of one that was found.
func (f *spotter) within(x *html.Node) bool {
	for p := x.Parent; p != nil; p = p.Parent {
		if f.taken[p] {
			return true
		}
	}
	return false
}

// fieldOf is the field that an element shows, "" when it shows none.
func (f *spotter) fieldOf(x *html.Node) string {
	if !slices.Contains([]string{"td", "th", "p", "h3", "bdi", "b", "span", "a", "blockquote"}, x.Data) {
		return ""
	}
	text := squeeze(textOf(x))
	side, sided := sideOf(x)
	if x.Data == "td" && sided {
		if field := f.inRow(rowHead(x), side); field != "" {
			return field
		}
	}
	if text == "" {
		return ""
	}
	for i, t := range f.current.Tools {
		if text == squeeze(t.Name) && (!sided || side == i || squeeze(f.current.Tools[side].Name) != text) {
			f.tool = i
			return fmt.Sprintf("tools[%d].name", i)
		}
	}
	if x.Data == "blockquote" {
		return f.quoted(x)
	}
	switch {
	case f.line && x.Data == "b": // the verdicts of a line are in the tools' order
		side = min(f.said, 1)
		f.said++
	case !sided:
		side = f.tool
	}
	if key := shownAs(f.current.Tools[side], text); key != "" {
		return fmt.Sprintf("tools[%d].%s", side, key)
	}
	return ""
}

// inRow is the field of a cell by the head of its row.
func (f *spotter) inRow(head string, side int) string {
	t := f.current.Tools[side]
	at := fmt.Sprintf("tools[%d].", side)
	switch head {
	case "To start":
		return at + "entry"
	case "Pricing":
		return at + "pricing"
	case "Best for":
		return at + "best_for"
	case "Category":
		return at + "category"
	case "Community":
		return at + "community.ship"
	case "Panel":
		return at + panelField(t)
	}
	for j, r := range t.Reviews {
		if r.Reviewer != "" && string(r.Reviewer) == head {
			return fmt.Sprintf("%sreviews[%d].score", at, j)
		}
	}
	return ""
}

// quoted is the take that a quotation is of.
func (f *spotter) quoted(x *html.Node) string {
	words := onlyLetters(firstParagraph(x))
	if words == "" {
		return ""
	}
	for i, t := range f.current.Tools {
		for j, r := range t.Reviews {
			if strings.Contains(onlyLetters(r.Take), words) {
				return fmt.Sprintf("tools[%d].reviews[%d].take", i, j)
			}
		}
	}
	return ""
}

func firstParagraph(x *html.Node) string {
	for p := range x.Descendants() {
		if p.Type == html.ElementNode && p.Data == "p" {
			return textOf(p)
		}
	}
	return textOf(x)
}

// shownAs is the key of a tool's field that a mail words so.
func shownAs(t comparison.Tool, text string) string {
	v := wording.VerdictOf(t.Panel)
	if v.Known() && slices.Contains([]string{v.Short(), v.Line(), v.Label()}, text) || !v.Known() && (text == wording.NoVerdict || text == "no verdict") {
		return panelField(t)
	}
	for _, x := range [][2]string{{"tagline", t.Tagline}, {"entry", t.Entry}, {"pricing", t.Pricing}, {"best_for", t.BestFor}, {"category", t.Category}} {
		if cut, shortened := strings.CutSuffix(text, "…"); squeeze(x[1]) == text || shortened && cut != "" && strings.HasPrefix(squeeze(x[1]), cut) {
			return x[0]
		}
	}
	return ""
}

// panelField is where a tool's verdict comes from.
func panelField(t comparison.Tool) string {
	if t.Panel != nil && t.Panel.Ship == nil && t.Panel.Percent != nil {
		return "panel.percent"
	}
	return "panel.ship"
}

// sideOf is the tool whose column an element is in: the place of its cell among
// the two of a row.
func sideOf(x *html.Node) (side int, ok bool) {
	for ; x.Parent != nil; x = x.Parent {
		if x.Data != "td" && x.Data != "th" || x.Parent.Data != "tr" {
			continue
		}
		var cells []*html.Node
		for c := range x.Parent.ChildNodes() {
			if c.Type == html.ElementNode && (c.Data == "td" || attr(c, "scope") == "col" && c.PrevSibling != nil && hasCellBefore(c)) {
				cells = append(cells, c)
			}
		}
		if at := slices.Index(cells, x); at >= 0 && len(cells) == 2 && !isBar(cells) {
			return at, true
		}
	}
	return 0, false
}

func hasCellBefore(c *html.Node) bool {
	for p := c.PrevSibling; p != nil; p = p.PrevSibling {
		if p.Type == html.ElementNode {
			return true
		}
	}
	return false
}

// isBar reports whether cells have no words: those that draw a verdict's bar.
func isBar(cells []*html.Node) bool {
	return !slices.ContainsFunc(cells, func(c *html.Node) bool { return textOf(c) != "" })
}

// rowHead is what stands at the head of a cell's row.
func rowHead(td *html.Node) string {
	for c := range td.Parent.ChildNodes() {
		if c.Type == html.ElementNode && c.Data == "th" {
			return textOf(c)
		}
	}
	return ""
}

// squeeze makes white space single and drops what nobody sees.
func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)), " ")
}

// onlyLetters drops what typesetting may change in a quotation.
func onlyLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, s)
}
