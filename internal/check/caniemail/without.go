package caniemail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2/css"
	"golang.org/x/net/html"
)

// Without gives a document as a client would be left with it: elements,
// attributes, rules and declarations that the client does not support are taken
// out. An element that only lacks its meaning gives way to what is in it. It is
// an approximation: what a client supports in part stays. The titles of what was
// taken out are sorted.
func (d *Data) Without(document string, client Client) (out string, taken []string, err error) {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return "", nil, fmt.Errorf("caniemail: parse HTML: %w", err)
	}
	s := stripper{data: d, client: client, taken: map[string]bool{}}
	s.children(root)
	var b strings.Builder
	if err := html.Render(&b, root); err != nil {
		return "", nil, fmt.Errorf("caniemail: write HTML: %w", err)
	}
	for title := range s.taken {
		taken = append(taken, title)
	}
	slices.Sort(taken)
	return b.String(), taken, nil
}

type stripper struct {
	data   *Data
	client Client
	taken  map[string]bool
}

// lacks reports whether the client lacks one of the features that collect finds.
func (s stripper) lacks(collect func(collector)) bool {
	c := collector{}
	collect(c)
	lacking := false
	for slug := range c {
		f, ok := s.data.Feature(slug)
		if !ok {
			continue
		}
		if support, _ := f.On(s.client); support == No {
			s.taken[f.Title], lacking = true, true
		}
	}
	return lacking
}

func (s stripper) children(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			s.element(c)
		}
		c = next
	}
}

func (s stripper) element(n *html.Node) {
	s.children(n)
	if !isFrame(n) && s.lacks(func(c collector) {
		for _, slug := range elementSlugs(n) {
			c.note(slug, "")
		}
	}) {
		unwrap(n)
		return
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		return a.Key != "style" && s.lacks(func(c collector) { c.attribute(n, a) })
	})
	for i, a := range n.Attr {
		if a.Key == "style" {
			n.Attr[i].Val = s.declarations(a.Val)
		}
	}
	if n.Data == "style" && n.FirstChild != nil {
		n.FirstChild.Data = s.sheet(n.FirstChild.Data)
	}
}

// isFrame is for what a client replaces by its own page, in which the mail
// stands just the same.
func isFrame(n *html.Node) bool {
	return slices.Contains([]string{"html", "head", "body", "title"}, n.Data)
}

// unwrap takes an element out; what is in it stays, unless it is no content.
func unwrap(n *html.Node) {
	parent := n.Parent
	if !slices.Contains([]string{"style", "script", "svg", "video", "audio", "object", "meta", "link"}, n.Data) {
		for c := n.FirstChild; c != nil; c = n.FirstChild {
			n.RemoveChild(c)
			parent.InsertBefore(c, n)
		}
	}
	parent.RemoveChild(n)
}

// declarations keeps those of a style attribute that the client supports.
func (s stripper) declarations(style string) string {
	var kept []string
	eachGrammar(style, true, func(g css.GrammarType, data string, values []css.Token) {
		if g != css.DeclarationGrammar && g != css.CustomPropertyGrammar {
			return
		}
		if d := s.declaration(data, values); d != "" {
			kept = append(kept, d)
		}
	})
	return strings.Join(kept, ";")
}

// declaration is "" for one that the client lacks.
func (s stripper) declaration(property string, values []css.Token) string {
	if s.lacks(func(c collector) { c.declaration(property, values, "") }) {
		return ""
	}
	return property + ":" + joined(values)
}

// sheet keeps the rules of a style element that the client supports.
func (s stripper) sheet(text string) string {
	var b strings.Builder
	var dropped []bool // of each open block
	out := func() bool { return slices.Contains(dropped, true) }
	lost := false // a selector of the rule that begins is lacking
	var selectors []string
	eachGrammar(text, false, func(g css.GrammarType, data string, values []css.Token) {
		switch g {
		case css.BeginAtRuleGrammar:
			dropped = append(dropped, s.lacks(func(c collector) { c.atRule(data, values) }))
			if !out() {
				b.WriteString(data + " " + joined(values) + "{")
			}
		case css.EndAtRuleGrammar, css.EndRulesetGrammar:
			if !out() {
				b.WriteString("}\n")
			}
			dropped = dropped[:max(0, len(dropped)-1)]
		case css.QualifiedRuleGrammar, css.BeginRulesetGrammar:
			lost = s.lacks(func(c collector) { c.selector(values, "") }) || lost
			selectors = append(selectors, joined(values))
			if g == css.QualifiedRuleGrammar {
				return
			}
			dropped = append(dropped, lost)
			if !out() {
				b.WriteString(strings.Join(selectors, ",") + "{")
			}
			selectors, lost = nil, false
		case css.DeclarationGrammar, css.CustomPropertyGrammar:
			if d := s.declaration(data, values); d != "" && !out() {
				b.WriteString(d + ";")
			}
		}
	})
	return b.String()
}
