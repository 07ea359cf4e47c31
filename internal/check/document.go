package check

import (
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
// it: images by their alt text, hidden parts not at all.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "style" || n.Data == "script" || n.Data == "title"):
			return
		case n.Type == html.ElementNode && attr(n, "aria-hidden") == "true":
			return
		case n.Type == html.ElementNode && n.Data == "img":
			b.WriteString(attr(n, "alt"))
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		if n.Type == html.ElementNode {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// place describes an element for a person.
func place(n *html.Node) string {
	text := textOf(n)
	if r := []rune(text); len(r) > 40 {
		text = string(r[:39]) + "…"
	}
	if text == "" {
		return "<" + n.Data + ">"
	}
	return "<" + n.Data + "> “" + text + "”"
}
