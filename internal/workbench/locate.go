package workbench

import (
	"fmt"
	"io/fs"
	"regexp"
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
			for part := range strings.SplitSeq(f.Detail, "; ") {
				if level == check.Pass {
					x.Parts = append(x.Parts, located{Text: part})
				} else {
					x.Parts = append(x.Parts, l.locate(f.Check, part))
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// fieldOf says which field of a comparison a check is about; of a tool, but for
// those with a dot in front.
func fieldOf(check string) string {
	switch check {
	case "content.price":
		return "entry"
	case "content.reviews", "content.takes":
		return "reviews"
	case "content.percent":
		return "panel.percent"
	case "content.stale":
		return ".published"
	case "content.changed":
		return ".updated"
	case "content.doubtful":
		return ".tools"
	}
	return ""
}

var (
	inQuotes = regexp.MustCompile(`[“"]([^”"]{3,})[”"]`)
	address  = regexp.MustCompile(`https?://[^\s"”<>]+`)
	element  = regexp.MustCompile(`<([a-z][a-z0-9]*)`)
)

func (l locator) locate(name, text string) located {
	p := located{Text: text}
	switch group, _, _ := strings.Cut(name, "."); group {
	case "subject", "preheader":
		p.Form = group
		return p
	}
	l.inComparison(&p, name)
	switch {
	case address.MatchString(text):
		p.Mark = "href:" + strings.TrimRight(address.FindString(text), ".,;:)")
	case inQuotes.MatchString(text):
		p.Mark = "text:" + inQuotes.FindStringSubmatch(text)[1]
	case element.MatchString(text):
		p.Mark = "tag:" + element.FindStringSubmatch(text)[1]
	}
	if n := l.first(p.Mark); n != nil {
		p.Template = l.templateLine(n)
	} else if p.Slug != "" {
		p.Mark = fmt.Sprintf("id:c%d", 1+slices.IndexFunc(l.comparisons, func(c comparison.Comparison) bool { return c.Slug == p.Slug }))
		if l.first(p.Mark) == nil {
			p.Mark = ""
		}
	} else {
		p.Mark = ""
	}
	return p
}

// inComparison finds the comparison and the tool that a text names.
func (l locator) inComparison(p *located, name string) {
	for _, c := range l.comparisons {
		tool := -1
		for i, t := range c.Tools {
			if strings.Contains(p.Text, t.Name) && tool < 0 {
				tool = i
			}
		}
		if !strings.Contains(p.Text, c.Slug) && (tool < 0 || p.Slug != "" || !strings.HasPrefix(name, "content.") && !strings.HasPrefix(name, "quotes") && !strings.HasPrefix(name, "text")) {
			continue
		}
		p.Slug, p.Field = c.Slug, ""
		field := fieldOf(name)
		switch {
		case strings.HasPrefix(field, "."):
			p.Field = field[1:]
		case tool >= 0 && field != "":
			p.Field = fmt.Sprintf("tools[%d].%s", tool, field)
		}
		p.At = fmt.Sprintf("%s:%d", c.File, max(1, c.Line(p.Field)))
		if strings.Contains(p.Text, c.Slug) {
			return
		}
	}
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
