package comparison

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/spelling"
	"verdicts.example/digest/internal/strictyaml"
)

// mapping reads a set of keys and remembers where each value stands.
func (d *decoder) mapping(at string, n *yaml.Node, keys []string) (strictyaml.Mapping, bool) {
	d.lines[at] = n.Line
	m, ok := d.read.Mapping(at, n, keys)
	for key, value := range m.Values {
		d.lines[strictyaml.Join(at, key)] = value.Line
	}
	return m, ok
}

func (d *decoder) sequence(m strictyaml.Mapping, at, key string) []*yaml.Node {
	items, _ := d.read.Items(strictyaml.Join(at, key), m.Values[key])
	return items
}

func (d *decoder) number(m strictyaml.Mapping, at, key string) *int {
	n := m.Values[key]
	if strictyaml.IsAbsent(n) {
		return nil
	}
	if v, ok := d.read.Int(strictyaml.Join(at, key), n); ok {
		return &v
	}
	return nil
}

// text is a text value as written, "" when it is absent or no text.
func (d *decoder) text(m strictyaml.Mapping, at, key string) string {
	n := m.Values[key]
	if n == nil {
		return ""
	}
	field := strictyaml.Join(at, key)
	if cut, found := strictyaml.FindCut(d.src, m.Keys[key], n); found {
		d.cuts = append(d.cuts, Problem{d.file, cut.Line, field, key + ": YAML takes " + spelling.Clip(cut.Rest) +
			" for a comment, so the text ends before it; put the whole text in quotes, or two spaces before a comment"})
	}
	if strictyaml.IsAbsent(n) {
		return ""
	}
	text, _ := d.read.Text(field, n)
	return text
}

// line is a text value without the white space around it.
func (d *decoder) line(m strictyaml.Mapping, at, key string) string {
	return strings.TrimSpace(d.text(m, at, key))
}

// paragraphs is a text value in its normal form (see normalParagraphs). In a
// folded block (">") every line break that folding leaves was an empty line in
// the file, so it separates paragraphs.
func (d *decoder) paragraphs(m strictyaml.Mapping, at, key string) string {
	text := d.text(m, at, key)
	if n := m.Values[key]; n != nil && n.Style&yaml.FoldedStyle != 0 {
		text = strings.ReplaceAll(text, "\n", "\n\n")
	}
	return normalParagraphs(text)
}

func (d *decoder) url(m strictyaml.Mapping, at string) string {
	text := d.line(m, at, "url")
	if strings.ContainsFunc(text, notInURL) { // the validator says so
		return text
	}
	return NormalURL(text)
}
