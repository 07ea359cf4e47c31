package sitepage

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/spelling"
)

// htmlLines turns a page's HTML into the lines that a browser would show, each
// with the source line where it begins, and finds the canonical URL. It works
// on tokens, not on a tree, because tokens know their lines and a page's blocks
// are plain without repairing its nesting.
func (p *pageReader) htmlLines(src []byte) (lines []pageLine, canonical string) {
	r := htmlReader{line: 1, page: p}
	z := html.NewTokenizer(bytes.NewReader(src))
	for {
		kind := z.Next()
		raw := z.Raw()
		switch kind {
		case html.ErrorToken: // the source's end: a tokenizer has no syntax errors
			r.endCell()
			r.flush()
			r.noteFrame()
			return r.lines, r.canonical
		case html.TextToken:
			if r.skipping == 0 {
				r.text(string(raw))
			} else if r.hidden {
				r.noteHidden(string(raw))
			} else if isShown(r.skip) {
				r.frameText(string(raw))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z.Token(), kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			r.end(z.Token().DataAtom)
		}
		r.line += bytes.Count(raw, []byte("\n"))
	}
}

// An htmlReader collects lines.
type htmlReader struct {
	page          *pageReader // for its notes
	lines         []pageLine
	canonical     string
	canonicalLink bool // it is a link's, which goes before Open Graph's
	line          int  // source line of the current token

	buf      strings.Builder // the line so far
	bufLine  int             // where its first word is, 0 before that
	inline   []inlineTag     // inline elements that are open in it
	prose    bool            // in a paragraph, heading, …: its inline elements are its words
	heading  bool            // in a heading, whose line breaks are spaces
	quotes   int             // depth of <q>
	sections int             // depth of elements whose footer is content

	frame    []pageLine // what navigation, buttons and footers say
	skipping int        // depth of the element that is being skipped, 0 for none
	skip     atom.Atom  // its name
	hidden   bool       // it is skipped because it is not shown

	decision bool // in the decision table
	newTable bool // no cell of this table has ended yet
	cell     bool // in a cell
	cellFrom int  // its first line's index
}

type inlineTag struct {
	name atom.Atom
	from int // offset in buf
}

// text adds a text token as it stands in the source.
func (r *htmlReader) text(raw string) {
	text := html.UnescapeString(raw)
	if r.bufLine == 0 && oneLine(text) != "" {
		lead := raw[:len(raw)-len(strings.TrimLeft(raw, " \t\r\n"))]
		r.bufLine = r.line + strings.Count(lead, "\n")
	}
	r.buf.WriteString(text)
}

// flush ends the line.
func (r *htmlReader) flush() {
	if text := oneLine(r.buf.String()); text != "" {
		if r.bufLine == 0 { // nothing but the mark of a <q>
			r.bufLine = r.line
		}
		r.lines = append(r.lines, pageLine{r.bufLine, text})
	}
	r.buf.Reset()
	r.bufLine = 0
	for i := range r.inline {
		r.inline[i].from = 0
	}
}

func (r *htmlReader) start(t html.Token, closed bool) {
	tag := t.DataAtom
	switch {
	case r.skipping > 0:
		if tag == r.skip && !closed {
			r.skipping++
		}
		return
	case tag == atom.Link, tag == atom.Meta:
		r.link(t)
		return
	case tag == atom.Br:
		if r.heading {
			r.buf.WriteByte(' ')
		} else {
			r.flush()
		}
		return
	case isVoid(tag):
		if tag == atom.Hr {
			r.flush()
		}
		return
	case closed && tag == 0: // of SVG and MathML
		return
	case isFrame(tag) || tag == atom.Footer && r.sections == 0:
		r.skip, r.skipping, r.hidden = tag, 1, false
		return
	case isHidden(t):
		r.skip, r.skipping, r.hidden = tag, 1, true
		return
	}
	r.open(tag)
}

// open begins an element that holds text.
func (r *htmlReader) open(tag atom.Atom) {
	if isSection(tag) {
		r.sections++
	}
	switch {
	case tag == atom.Q:
		r.buf.WriteString(quoteMark(r.quotes, "“", "‘"))
		r.quotes++
	case !isBlock(tag):
		if len(r.inline) < maxInline {
			r.inline = append(r.inline, inlineTag{tag, r.buf.Len()})
		}
	default:
		r.block(tag)
		r.prose, r.heading = isProse(tag), isHeading(tag)
	}
}

// block begins or ends a block.
func (r *htmlReader) block(tag atom.Atom) {
	switch tag {
	case atom.Table, atom.Tr, atom.Td, atom.Th:
		r.endCell()
	}
	r.flush()
	switch tag {
	case atom.Table:
		r.decision, r.newTable = false, true
	case atom.Td, atom.Th:
		r.cell, r.cellFrom = true, len(r.lines)
	}
}

func (r *htmlReader) end(tag atom.Atom) {
	if r.skipping > 0 {
		if tag == r.skip {
			r.skipping--
		}
		return
	}
	if isSection(tag) && r.sections > 0 {
		r.sections--
	}
	switch {
	case tag == atom.Q:
		if r.quotes > 0 {
			r.quotes--
			r.buf.WriteString(quoteMark(r.quotes, "”", "’"))
		}
	case !isBlock(tag):
		r.endInline(tag)
	default:
		switch tag {
		case atom.Td, atom.Th, atom.Tr, atom.Table:
			r.endCell()
		}
		r.flush()
		r.prose, r.heading = false, false
		if tag == atom.Table {
			r.decision = false
		}
	}
}

func quoteMark(depth int, outer, inner string) string {
	if depth%2 == 0 {
		return outer
	}
	return inner
}

// Bounds that no real page comes near; they keep the time linear.
const (
	maxInline = 100 // inline elements in each other
	maxLabel  = 100 // bytes of a label, with the white space in it
)

// endInline makes a label that is an element of its own (<span>75%</span>
// <span>Panel ship</span>) a line of its own: the style sheet sets it below its
// value. In prose an element is a part of its sentence.
func (r *htmlReader) endInline(tag atom.Atom) {
	i := len(r.inline) - 1
	for i >= 0 && r.inline[i].name != tag {
		i--
	}
	if i < 0 {
		return
	}
	from := r.inline[i].from
	r.inline = r.inline[:i]
	if r.prose || from > r.buf.Len() || r.buf.Len()-from > maxLabel {
		return
	}
	whole := r.buf.String()
	label := oneLine(whole[from:])
	if !isPageLabel(label) {
		return
	}
	r.buf.Reset()
	r.buf.WriteString(whole[:from])
	r.flush()
	r.lines = append(r.lines, pageLine{r.line, label})
}

// endCell ends a table's cell. In the decision table a cell is one line, and an
// empty one an absent value; in any other a cell is a block like a div.
func (r *htmlReader) endCell() {
	if !r.cell {
		return
	}
	r.flush()
	r.cell = false
	content := r.lines[r.cellFrom:]
	if r.newTable {
		r.newTable = false
		r.decision = len(content) == 1 && strings.EqualFold(content[0].text, "Decision")
		return
	}
	if !r.decision {
		return
	}
	one := pageLine{r.line, "—"}
	if len(content) > 0 {
		texts := make([]string, len(content))
		for i, l := range content {
			texts[i] = l.text
		}
		one = pageLine{content[0].number, strings.Join(texts, " ")}
	}
	r.lines = append(r.lines[:r.cellFrom], one)
}

// link keeps the canonical URL: the first link that says so, else Open Graph's.
func (r *htmlReader) link(t html.Token) {
	switch {
	case strings.EqualFold(attribute(t, "rel"), "canonical") && !r.canonicalLink:
		r.canonical, r.canonicalLink = strings.TrimSpace(attribute(t, "href")), true
	case r.canonical == "" && strings.EqualFold(attribute(t, "property"), "og:url"):
		r.canonical = strings.TrimSpace(attribute(t, "content"))
	}
}

// noteHidden names text that the page holds and does not show.
func (r *htmlReader) noteHidden(raw string) {
	text := oneLine(html.UnescapeString(raw))
	if text == "" {
		return
	}
	r.hidden = false // once an element
	r.page.notes = append(r.page.notes, comparison.Problem{File: r.page.file, Line: r.line, Message: "left out " + spelling.Clip(text) + " and what is hidden with it: the page does not show it"})
}

// frameText keeps text of the page's frame, for one note about all of it.
func (r *htmlReader) frameText(raw string) {
	if text := oneLine(html.UnescapeString(raw)); text != "" {
		r.frame = append(r.frame, pageLine{r.line, text})
	}
}

func (r *htmlReader) noteFrame() {
	if len(r.frame) == 0 {
		return
	}
	first, last := r.frame[0], r.frame[len(r.frame)-1]
	message := "left out " + spelling.Clip(first.text) + ": navigation, a button or a footer of the page"
	if len(r.frame) > 1 {
		message = fmt.Sprintf("left out %d texts of navigation, buttons and footers, from %s to %s in line %d",
			len(r.frame), spelling.Clip(first.text), spelling.Clip(last.text), last.number)
	}
	r.page.notes = append(r.page.notes, comparison.Problem{File: r.page.file, Line: first.number, Message: message})
}
