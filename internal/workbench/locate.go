package workbench

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/check"
	"verdicts.example/digest/internal/comparison"
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
	At       string // "quill-vs-inkwell.yaml:12"
	Template string // "mail/digest.html.tmpl:42"
	Form     string // the name of an input of the edits
}

// A locator finds where findings are.
type locator struct {
	comparisons []comparison.Comparison
	root        *html.Node
	files       fs.FS
}

func newLocator(mail string, list []comparison.Comparison, files fs.FS) locator {
	root, err := html.Parse(strings.NewReader(mail))
	if err != nil {
		root = &html.Node{}
	}
	return locator{comparisons: list, root: root, files: files}
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
	if i := slices.IndexFunc(l.comparisons, func(c comparison.Comparison) bool { return c.Slug == at.Slug }); i >= 0 {
		c := l.comparisons[i]
		p.At = fmt.Sprintf("%s:%d", c.File, max(1, c.Line(at.Field)))
		p.Mark = fmt.Sprintf("id:c%d", i+1)
	}
	if at.Element > 0 {
		p.Mark = fmt.Sprintf("nth:%d", at.Element)
	}
	n := l.first(p.Mark)
	if n == nil {
		p.Mark = ""
	} else if at.Element > 0 {
		p.Template = l.templateLine(n)
	}
	return p
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

// templateLine is where a template writes elements of this one's class.
func (l locator) templateLine(n *html.Node) string {
	class := attr(n, "class")
	for ; class == "" && n.Parent != nil; n = n.Parent {
		class = attr(n.Parent, "class")
	}
	first, _, _ := strings.Cut(class, " ")
	if first == "" || l.files == nil {
		return ""
	}
	for _, file := range []string{"mail/digest.html.tmpl", "mail/layout.html.tmpl"} {
		src, err := fs.ReadFile(l.files, file)
		if err != nil {
			continue
		}
		if at := strings.Index(string(src), `class="`+first); at >= 0 {
			return fmt.Sprintf("%s:%d", file, 1+strings.Count(string(src[:at]), "\n"))
		}
	}
	return ""
}
