package comparison

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The keys of a comparison file, by the thing that has them.
var (
	comparisonKeys = []string{"slug", "published", "url", "tools"}
	toolKeys       = []string{"name", "tagline", "category", "url", "entry", "pricing", "best_for", "description", "panel", "community", "reviews"}
	panelKeys      = []string{"ship", "skip", "percent"}
	votesKeys      = []string{"ship", "skip"}
	reviewKeys     = []string{"reviewer", "score", "verdict", "take"}
)

var wholeNumber = regexp.MustCompile(`^[-+]?[0-9]{1,9}$`)

// A decoder reads the tree of one comparison, gathers every problem and
// remembers where each value stands.
type decoder struct {
	problems
	lines  map[string]int
	broken map[string]bool // fields that have a problem already: no rule is checked on them
}

func (d *decoder) fail(n *yaml.Node, field, format string, args ...any) {
	d.broken[field] = true
	d.add(n.Line, field, format, args...)
}

// comparison reads the document's root.
func (d *decoder) comparison(n *yaml.Node) Comparison {
	var c Comparison
	m, ok := d.mapping("", n, comparisonKeys)
	if !ok {
		return c
	}
	c.Slug = d.line(m, "", "slug")
	c.Published = d.published(m)
	c.URL = d.line(m, "", "url")
	tools := d.sequence(m, "", "tools")
	switch {
	case d.broken["tools"] || len(tools) == len(c.Tools):
	case isAbsent(m["tools"]):
		d.add(n.Line, "tools", "tools: is missing; a comparison has a list of two tools")
	default:
		d.add(m["tools"].Line, "tools", "tools: has %d; a comparison sets exactly two tools side by side", len(tools))
	}
	for i := range min(len(tools), len(c.Tools)) {
		c.Tools[i] = d.tool(fmt.Sprintf("tools[%d]", i), tools[i])
	}
	for i := len(tools); i < len(c.Tools); i++ {
		d.broken[fmt.Sprintf("tools[%d]", i)] = true
	}
	return c
}

func (d *decoder) published(m map[string]*yaml.Node) Published {
	text := d.line(m, "", "published")
	if text == "" {
		return Published{}
	}
	p, err := ParsePublished(text)
	if err != nil {
		d.fail(m["published"], "published", "published: %s", err)
	}
	return p
}

func (d *decoder) tool(at string, n *yaml.Node) Tool {
	var t Tool
	m, ok := d.mapping(at, n, toolKeys)
	if !ok {
		return t
	}
	t.Name = d.line(m, at, "name")
	t.Tagline = d.line(m, at, "tagline")
	t.Category = d.line(m, at, "category")
	t.URL = d.line(m, at, "url")
	t.Entry = d.line(m, at, "entry")
	t.Pricing = d.line(m, at, "pricing")
	t.BestFor = d.line(m, at, "best_for")
	t.Description = d.paragraphs(m, at, "description")
	t.Panel = d.panel(at+".panel", m["panel"])
	t.Community = d.votes(at+".community", m["community"])
	for i, item := range d.sequence(m, at, "reviews") {
		t.Reviews = append(t.Reviews, d.review(fmt.Sprintf("%s.reviews[%d]", at, i), item))
	}
	return t
}

func (d *decoder) panel(at string, n *yaml.Node) *Panel {
	if isAbsent(n) {
		return nil
	}
	m, ok := d.mapping(at, n, panelKeys)
	if !ok {
		return nil
	}
	p := Panel{Ship: d.number(m, at, "ship"), Skip: d.number(m, at, "skip"), Percent: d.number(m, at, "percent")}
	if p == (Panel{}) {
		return nil
	}
	return &p
}

func (d *decoder) votes(at string, n *yaml.Node) *Votes {
	if isAbsent(n) {
		return nil
	}
	m, ok := d.mapping(at, n, votesKeys)
	if !ok {
		return nil
	}
	ship, skip := d.number(m, at, "ship"), d.number(m, at, "skip")
	if ship == nil || skip == nil {
		if !d.broken[at+".ship"] && !d.broken[at+".skip"] {
			d.fail(n, at, "community: needs both ship and skip; with no votes yet leave community out")
		}
		return nil
	}
	return &Votes{Ship: *ship, Skip: *skip}
}

func (d *decoder) review(at string, n *yaml.Node) Review {
	var r Review
	m, ok := d.mapping(at, n, reviewKeys)
	if !ok {
		return r
	}
	r.Reviewer = Reviewer(d.line(m, at, "reviewer"))
	r.Score = d.number(m, at, "score")
	r.Verdict = Verdict(d.line(m, at, "verdict"))
	r.Take = d.paragraphs(m, at, "take")
	return r
}

// mapping reads a set of keys. It reports what is none, keys given twice and
// keys that are not known; the others are returned.
func (d *decoder) mapping(at string, n *yaml.Node, keys []string) (map[string]*yaml.Node, bool) {
	d.lines[at] = n.Line
	if n.Kind != yaml.MappingNode {
		d.fail(n, at, "%sis %s, but must have keys such as %s", prefix(at), describe(n), strings.Join(keys[:2], " and "))
		return nil, false
	}
	m := make(map[string]*yaml.Node, len(keys))
	first := make(map[string]int, len(keys))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		switch line, twice := first[name]; {
		case key.Kind != yaml.ScalarNode:
			d.add(key.Line, at, "%shas %s as a key; keys are words such as %s", prefix(at), describe(key), keys[0])
		case twice:
			d.add(key.Line, join(at, name), "%s is given twice, first in line %d; delete one", clip(name), line)
		case !slices.Contains(keys, name):
			first[name] = key.Line
			d.add(key.Line, join(at, name), "%s is no key%s%s", clip(name), of(at), hint(name, keys))
		default:
			first[name] = key.Line
			d.lines[join(at, name)] = value.Line
			m[name] = value
		}
	}
	return m, true
}

// hint names the key that was meant: a near one, or where a key of that name
// belongs, or all that there are.
func hint(name string, keys []string) string {
	if s := didYouMean(name, keys); s != "" {
		return s
	}
	homes := []struct {
		place string
		keys  []string
	}{{"at the top", comparisonKeys}, {"in a tool", toolKeys}, {"in panel", panelKeys}, {"in a review", reviewKeys}}
	for _, h := range homes {
		if slices.Contains(h.keys, name) {
			return "; it belongs " + h.place
		}
	}
	return "; there are " + strings.Join(keys, ", ")
}

func (d *decoder) sequence(m map[string]*yaml.Node, at, key string) []*yaml.Node {
	n := m[key]
	if isAbsent(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.fail(n, join(at, key), "%s: is %s, but must be a list; begin each item with \"- \"", key, describe(n))
		return nil
	}
	return n.Content
}

func (d *decoder) number(m map[string]*yaml.Node, at, key string) *int {
	n := m[key]
	if isAbsent(n) {
		return nil
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || !wholeNumber.MatchString(n.Value) {
		d.fail(n, join(at, key), "%s: is %s, but must be a whole number%s", key, describe(n), numberHint(n))
		return nil
	}
	v, _ := strconv.Atoi(n.Value) // the pattern's nine digits fit
	return &v
}

func numberHint(n *yaml.Node) string {
	bare := strings.TrimSuffix(strings.TrimSpace(n.Value), "%")
	if n.Kind == yaml.ScalarNode && wholeNumber.MatchString(bare) {
		return "; write " + bare
	}
	return ""
}

// scalar is a text value as written, "" when it is absent or no text.
func (d *decoder) scalar(m map[string]*yaml.Node, at, key string) string {
	n := m[key]
	if isAbsent(n) {
		return ""
	}
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!str" && (tag != "!!timestamp" || key != "published") {
		msg := ""
		if n.Kind == yaml.ScalarNode && n.Style&yaml.TaggedStyle == 0 {
			msg = "; put it in quotes"
		}
		d.fail(n, join(at, key), "%s: is %s, but must be text%s", key, describe(n), msg)
		return ""
	}
	return n.Value
}

// line is a text value without the white space around it.
func (d *decoder) line(m map[string]*yaml.Node, at, key string) string {
	return strings.TrimSpace(d.scalar(m, at, key))
}

// paragraphs is a text value in its normal form (see normalParagraphs). In a
// folded block (">") every line break that folding leaves was an empty line in
// the file, so it separates paragraphs.
func (d *decoder) paragraphs(m map[string]*yaml.Node, at, key string) string {
	text := d.scalar(m, at, key)
	if n := m[key]; n != nil && n.Style&yaml.FoldedStyle != 0 {
		text = strings.ReplaceAll(text, "\n", "\n\n")
	}
	return normalParagraphs(text)
}
