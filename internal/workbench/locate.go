package workbench

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/render"
)

// A finding is what a check came to, part by part.
type finding struct {
	check.Finding
	Parts []located
}

// A located part of a finding says where it is: in the mail, in a comparison's
// field, in a template, or in the form.
type located struct {
	Text     string
	Mark     string // for the frame; "" where it is nowhere to be seen
	Slug     string // of the comparison to correct
	Field    string // "tools[0].entry"
	Label    string // the field in words
	At       string // "quill-vs-inkwell.yaml:12"
	Template string // "mail/digest.html.tmpl:42"
	Form     string // the name of an input of the edits
}

// A locator finds where findings are.
type locator struct {
	comparisons []comparison.Comparison
	root        *html.Node
	spots       []spot
	lines       func() []string // of the templates, by element; none where they are not known
}

func newLocator(mail string, list []comparison.Comparison, traced func() string) locator {
	root, err := html.Parse(strings.NewReader(mail))
	if err != nil {
		root = &html.Node{}
	}
	return locator{comparisons: list, root: root, spots: spots(root, list), lines: sync.OnceValue(func() []string { return linesOf(root, traced()) })}
}

// locatorOf finds where things of a preview come from.
func (s *server) locatorOf(p desk.Preview) locator {
	return newLocator(p.Rendered.HTML, p.Part, func() string {
		traced, err := s.Desk.Traced(p)
		if err != nil {
			return "" // the error is on the week's page
		}
		return traced
	})
}

// linesOf gives for each element of a mail the line of the template that writes it,
// by the same mail as it was traced; none when the two are not alike.
func linesOf(root *html.Node, traced string) []string {
	other, err := html.Parse(strings.NewReader(traced))
	if traced == "" || err != nil {
		return nil
	}
	mail, inBody := elementsOf(root)
	lines, from := elementsOf(other)
	if len(mail)-inBody != len(lines)-from {
		return nil
	}
	out := make([]string, len(mail))
	for i, n := range mail[inBody:] {
		x := lines[from+i]
		if x.Data != n.Data {
			return nil
		}
		for ; x != nil && out[inBody+i] == ""; x = x.Parent { // a function's elements have those around them
			out[inBody+i] = attr(x, render.TraceAttribute)
		}
	}
	return out
}

// elementsOf gives a document's elements in their order, and where its body begins:
// the head has other style elements after inlining.
func elementsOf(root *html.Node) (list []*html.Node, body int) {
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "body" {
			body = len(list)
		}
		list = append(list, n)
	}
	return list, body
}

// findings orders them, what needs work first, and says where each is.
func (l locator) findings(list []check.Finding) []finding {
	var out []finding
	for _, level := range []check.Level{check.Fail, check.Warn, check.Pass} {
		for _, f := range list {
			if f.Level != level {
				continue
			}
			x := finding{Finding: f}
			if level == check.Pass {
				x.Parts = []located{{Text: f.Detail}}
			}
			for _, p := range f.Places {
				x.Parts = append(x.Parts, l.locate(p))
			}
			out = append(out, x)
		}
	}
	return out
}

// locate says how to come to a place: in the mail, in the form of a comparison's
// file, in the template, in the edits.
func (l locator) locate(at check.Place) located {
	p := located{Text: at.Text, Slug: at.Slug, Field: at.Field, Form: at.Setting}
	if at.File != "" {
		p.Slug = slugOfFile(at.File)
	}
	if i := l.place(at.Slug); i >= 0 {
		p.Mark = fmt.Sprintf("id:c%d", i+1)
		l.file(&p, at.Slug, at.Field)
	}
	if at.Element > 0 {
		p.Mark = fmt.Sprintf("nth:%d", at.Element)
	}
	n := l.first(p.Mark)
	switch {
	case n == nil:
		p.Mark = ""
	case at.Element > 0:
		p.Template = l.templateLine(at.Element)
		if slug, field := l.madeOf(n); at.Slug == "" && field != "" {
			l.file(&p, slug, field)
		}
	case at.Field != "": // where it shows, rather than the comparison's heading
		if x := slices.IndexFunc(l.spots, func(x spot) bool { return x.Slug == at.Slug && x.Field == at.Field }); x >= 0 {
			p.Mark = fmt.Sprintf("nth:%d", l.spots[x].Element)
		}
	}
	return p
}

// place is a comparison's among those of the mail, -1 where it is none of them.
func (l locator) place(slug string) int {
	return slices.IndexFunc(l.comparisons, func(c comparison.Comparison) bool { return c.Slug == slug })
}

// file says in which file and line a field is, and what it is called.
func (l locator) file(p *located, slug, field string) {
	i := l.place(slug)
	if i < 0 {
		return
	}
	c := l.comparisons[i]
	p.Slug, p.Field, p.At, p.Label = slug, field, fmt.Sprintf("%s:%d", filepath.Base(c.File), max(1, c.Line(field))), ""
	if field != "" {
		p.Label = capital(c.Label(field))
	}
}

// madeOf is the field that an element is made of: a link of its address, any other
// of its words.
func (l locator) madeOf(n *html.Node) (slug, field string) {
	if href := attr(n, "href"); href != "" {
		for _, c := range l.comparisons {
			if c.URL == href {
				return c.Slug, "url"
			}
			for i, t := range c.Tools {
				if t.URL == href {
					return c.Slug, fmt.Sprintf("tools[%d].url", i)
				}
			}
		}
	}
	x, _ := l.spotOf(n)
	return x.Slug, x.Field
}

func (l locator) first(mark string) *html.Node {
	if mark == "" {
		return nil
	}
	m := matcher(mark)
	for n := range l.root.Descendants() {
		if n.Type == html.ElementNode && m(n) {
			return n
		}
	}
	return nil
}

// templateLine is where a template writes an element; "" where that is not known.
func (l locator) templateLine(element int) string {
	lines := l.lines()
	if element < 1 || element > len(lines) {
		return ""
	}
	return lines[element-1]
}
