package check

import (
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// maxMatches bounds the work of applying rules to elements: twenty times what
// the largest digest needs, low enough for hostile input.
const maxMatches = 2_000_000

// A cascade tells an element's own declarations in an inlined mail: those of the
// style attribute, the kept rules and their importance (CSS Cascade 4 §6.1).
type cascade struct {
	own     map[*html.Node]map[string]winner
	matches int
	partial bool // there were more rules than could be applied
}

// A winner is the declaration of a property that wins so far.
type winner struct {
	value string
	rank  rank
}

// A rank orders declarations: importance, style attribute before rules, the
// selector's specificity. Equals are won by the later one.
type rank struct {
	important, inline bool
	specificity       cascadia.Specificity
}

func (a rank) less(b rank) bool {
	switch {
	case a.important != b.important:
		return b.important
	case a.inline != b.inline:
		return b.inline
	}
	return a.specificity.Less(b.specificity)
}

// newCascade applies the kept rules outside media queries, and with dark those
// inside (prefers-color-scheme: dark) too.
func newCascade(d *document, dark bool) *cascade {
	cs := &cascade{own: make(map[*html.Node]map[string]winner, len(d.elements))}
	for _, n := range d.elements {
		cs.own[n] = map[string]winner{}
		for _, decl := range declarations(attr(n, "style")) {
			cs.set(n, decl, rank{important: decl.important, inline: true})
		}
	}
	for _, n := range d.named("style") {
		if n.FirstChild == nil {
			continue
		}
		for _, rule := range keptRules(n.FirstChild.Data, dark) {
			cs.apply(d, rule)
		}
	}
	return cs
}

func (cs *cascade) apply(d *document, rule keptRule) {
	for _, text := range strings.Split(rule.selector, ",") {
		if strings.Contains(text, ":") && strings.TrimSpace(text) != ":root" {
			continue // a state such as :hover: not how the mail looks by itself
		}
		if strings.Contains(text, "~") {
			continue // walks all siblings, and no large client but Apple's knows it
		}
		sel, err := cascadia.Parse(text)
		if err != nil {
			continue
		}
		if cs.matches += len(d.elements); cs.matches > maxMatches {
			cs.partial = true
			return
		}
		for _, n := range d.elements {
			if !sel.Match(n) {
				continue
			}
			for _, decl := range rule.declarations {
				cs.set(n, decl, rank{important: decl.important, specificity: sel.Specificity()})
			}
		}
	}
}

func (cs *cascade) set(n *html.Node, decl declaration, r rank) {
	if old, has := cs.own[n][decl.property]; !has || !r.less(old.rank) {
		cs.own[n][decl.property] = winner{decl.value, r}
	}
}

// value is an element's own value of a property, "" when it has none.
func (cs *cascade) value(n *html.Node, property string) string { return cs.own[n][property].value }
