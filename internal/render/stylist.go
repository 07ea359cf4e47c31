package render

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A stylist gives elements the style attributes that the inliner gave to elements
// of their kind. The sheets have only selectors of types, classes and ids, joined
// by spaces or " > " (a lint sees to it), so that an element's style follows from
// its own type, class and id and those above it.
type stylist struct {
	styles map[string]string // by kind; "" is none
}

// learn notes the styles of a mail, from its forms before and after inlining.
func (s *stylist) learn(before, after string) error {
	a, err := html.Parse(strings.NewReader(before))
	if err != nil {
		return err
	}
	b, err := html.Parse(strings.NewReader(after))
	if err != nil {
		return err
	}
	from, to := slices.Collect(elements(a)), slices.Collect(elements(b))
	if len(from) != len(to) {
		return fmt.Errorf("the inliner made %d elements of %d", len(to), len(from))
	}
	for i, e := range from {
		style, _ := attr(to[i].node, "style")
		if known, ok := s.styles[e.kind]; ok && known != style {
			return fmt.Errorf("elements of one kind have two styles: %s", e.kind)
		}
		s.styles[e.kind] = style
	}
	return nil
}

// apply styles a mail as the inliner would; ok is false when it has an element of a
// kind that was not met.
func (s *stylist) apply(tokens string) (out string, ok bool) {
	doc, err := html.Parse(strings.NewReader(tokens))
	if err != nil {
		return "", false
	}
	for e := range elements(doc) {
		style, known := s.styles[e.kind]
		if !known {
			return "", false
		}
		if style == "" {
			continue
		}
		if _, has := attr(e.node, "style"); has {
			return "", false
		}
		e.node.Attr = append(e.node.Attr, html.Attribute{Key: "style", Val: style})
	}
	for _, sheet := range sheets(doc) {
		sheet.Parent.RemoveChild(sheet)
	}
	var b strings.Builder
	b.Grow(2 * len(tokens))
	if err := html.Render(&b, doc); err != nil {
		return "", false
	}
	return strings.ReplaceAll(b.String(), "<style"+keptMarker, "<style"), true
}

// A styledNode is an element of a mail, with its kind: its type, class and id, and those
// above it.
type styledNode struct {
	node *html.Node
	kind string
}

// elements walks a mail in its order, without its style sheets.
func elements(doc *html.Node) func(func(styledNode) bool) {
	return func(yield func(styledNode) bool) { walkElements(doc, "", yield) }
}

func walkElements(n *html.Node, above string, yield func(styledNode) bool) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || c.Data == "style" {
			continue
		}
		class, _ := attr(c, "class")
		id, _ := attr(c, "id")
		kind := above + ">" + c.Data + "." + class + "#" + id
		if !yield(styledNode{c, kind}) || !walkElements(c, kind, yield) {
			return false
		}
	}
	return true
}

// sheets are the style elements that the inliner takes out.
func sheets(n *html.Node) (out []*html.Node) {
	for c := range n.Descendants() {
		if c.Type != html.ElementNode || c.Data != "style" {
			continue
		}
		if _, kept := attr(c, "data-premailer"); !kept {
			out = append(out, c)
		}
	}
	return out
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
