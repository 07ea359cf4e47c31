package comparison

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"verdicts.example/digest/internal/strictyaml"
)

// The keys of a comparison file, by the thing that has them.
var (
	comparisonKeys = []string{"slug", "published", "updated", "url", "tools"}
	toolKeys       = []string{"name", "tagline", "category", "url", "entry", "pricing", "best_for", "description", "panel", "community", "reviews"}
	panelKeys      = []string{"ship", "skip", "percent"}
	votesKeys      = []string{"ship", "skip"}
	reviewKeys     = []string{"reviewer", "score", "verdict", "take"}
)

// A decoder reads the tree of one comparison, gathers every problem and
// remembers where each value stands.
type decoder struct {
	problems
	read   strictyaml.Reader
	src    []byte // the YAML, nil for JSON, which has no comments
	cuts   []Problem
	lines  map[string]int
	broken map[string]bool // fields that have a problem already: no rule is checked on them
}

func newDecoder(ps problems, src []byte) *decoder {
	d := &decoder{problems: ps, src: src, lines: map[string]int{}, broken: map[string]bool{}}
	d.read = strictyaml.Reader{
		Report: func(line int, path, message string) {
			d.broken[path] = true
			d.addf(line, path, "%s", message)
		},
		Label: strictyaml.Leaf,
		Homes: []strictyaml.Home{{Place: "at the top", Keys: comparisonKeys}, {Place: "in a tool", Keys: toolKeys},
			{Place: "in panel", Keys: panelKeys}, {Place: "in a review", Keys: reviewKeys}},
	}
	return d
}

// comparison reads the document's root.
func (d *decoder) comparison(n *yaml.Node) Comparison {
	var c Comparison
	m, ok := d.mapping("", n, comparisonKeys)
	if !ok {
		return c
	}
	c.Slug = d.line(m, "", "slug")
	c.Published = d.published(m, "published")
	c.Updated = d.published(m, "updated")
	c.URL = d.url(m, "")
	tools := d.sequence(m, "", "tools")
	switch at := m.Values["tools"]; {
	case d.broken["tools"] || len(tools) == len(c.Tools):
	case strictyaml.IsAbsent(at):
		d.addf(n.Line, "tools", "tools: is missing; a comparison has a list of two tools")
	default:
		d.addf(at.Line, "tools", "tools: has %d; a comparison sets exactly two tools side by side", len(tools))
	}
	for i := range min(len(tools), len(c.Tools)) {
		c.Tools[i] = d.tool(fmt.Sprintf("tools[%d]", i), tools[i])
	}
	for i := len(tools); i < len(c.Tools); i++ {
		d.broken[fmt.Sprintf("tools[%d]", i)] = true
	}
	return c
}

func (d *decoder) published(m strictyaml.Mapping, key string) Published {
	n := m.Values[key]
	if strictyaml.IsAbsent(n) {
		return Published{}
	}
	if n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!int" || n.ShortTag() == "!!float") {
		d.read.Fail(n, key, "is %s, but must be a date (2026-11-18) or an RFC 3339 time (2026-11-18T09:00:00Z)", strictyaml.Describe(n))
		return Published{}
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!timestamp" {
		if _, ok := d.read.Text(key, n); !ok {
			return Published{}
		}
	}
	p, err := ParsePublished(strings.TrimSpace(n.Value))
	if err != nil {
		d.read.Fail(n, key, "%s", err)
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
	t.URL = d.url(m, at)
	t.Entry = d.line(m, at, "entry")
	t.Pricing = d.line(m, at, "pricing")
	t.BestFor = d.line(m, at, "best_for")
	t.Description = d.paragraphs(m, at, "description")
	t.Panel = d.panel(at+".panel", m.Values["panel"])
	t.Community = d.votes(at+".community", m.Values["community"])
	for i, item := range d.sequence(m, at, "reviews") {
		t.Reviews = append(t.Reviews, d.review(fmt.Sprintf("%s.reviews[%d]", at, i), item))
	}
	return t
}

func (d *decoder) panel(at string, n *yaml.Node) *Panel {
	if strictyaml.IsAbsent(n) {
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
	if strictyaml.IsAbsent(n) {
		return nil
	}
	m, ok := d.mapping(at, n, votesKeys)
	if !ok {
		return nil
	}
	ship, skip := d.number(m, at, "ship"), d.number(m, at, "skip")
	if ship == nil || skip == nil {
		if !d.broken[at+".ship"] && !d.broken[at+".skip"] {
			d.read.Fail(n, at, "needs both ship and skip; with no votes yet leave community out")
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
