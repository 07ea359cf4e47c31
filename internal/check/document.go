package check

import (
	"math"
	"strings"

	"golang.org/x/net/html"
)

// A document is the parsed mail with what several checks ask of it.
type document struct {
	root     *html.Node
	elements []*html.Node // in document order
}

func newDocument(root *html.Node) *document {
	d := &document{root: root}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			d.elements = append(d.elements, n)
		}
	}
	return d
}

// named gives the elements of a name, in document order.
func (d *document) named(names ...string) []*html.Node {
	var out []*html.Node
	for _, n := range d.elements {
		for _, name := range names {
			if n.Data == name {
				out = append(out, n)
			}
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	v, _ := lookup(n, key)
	return v
}

func lookup(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

// textOf is the text of a node with white space folded, as a screen reader says
// it: images by their alt text, what is hidden from it not at all.
func textOf(n *html.Node) string { return textUpTo(n, math.MaxInt) }

// textUpTo is textOf, but stops walking once it has more than limit bytes, so
// that describing each of many nested elements stays cheap.
func textUpTo(n *html.Node, limit int) string {
	var b strings.Builder
	said := 0
	say := func(s string) {
		b.WriteString(s)
		said += len(strings.TrimSpace(s))
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case said > limit, unspoken(n):
			return
		case n.Type == html.TextNode:
			say(n.Data)
		case n.Type == html.ElementNode && n.Data == "img":
			say(attr(n, "alt"))
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		if n.Type == html.ElementNode && !phrasing(n.Data) {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// unspoken reports elements that no screen reader says.
func unspoken(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	switch n.Data {
	case "style", "script", "title", "template", "noscript":
		return true
	}
	return attr(n, "aria-hidden") == "true"
}

// phrasing reports the elements that stand inside a word or a sentence.
func phrasing(name string) bool {
	switch name {
	case "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u", "wbr":
		return true
	}
	return false
}

// place describes an element for a person.
func place(n *html.Node) string {
	const shown = 40 // characters, of at most four bytes each
	text := textUpTo(n, 4*shown)
	if r := []rune(text); len(r) > shown {
		text = string(r[:shown-1]) + "…"
	}
	if text == "" {
		return "<" + n.Data + ">"
	}
	return "<" + n.Data + "> “" + text + "”"
}
