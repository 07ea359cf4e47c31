package check

import (
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
	"golang.org/x/net/html"
)

// A cascade tells an element's own declarations in an inlined mail: the inline
// style, over which the kept rules win, because they are written !important.
type cascade struct {
	own map[*html.Node]map[string]string
}

// newCascade applies the kept rules outside media queries, and with dark those
// inside (prefers-color-scheme: dark) too.
func newCascade(d *document, dark bool) *cascade {
	cs := &cascade{own: make(map[*html.Node]map[string]string, len(d.elements))}
	for _, n := range d.elements {
		own := map[string]string{}
		for _, decl := range declarations(attr(n, "style"), true) {
			own[decl.property] = decl.value
		}
		cs.own[n] = own
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
	sel, err := cascadia.ParseGroup(rule.selector)
	if err != nil {
		return // a state such as :hover with a client's hack: it is not the resting state
	}
	for _, n := range d.elements {
		if !sel.Match(n) {
			continue
		}
		for _, decl := range rule.declarations {
			if _, has := cs.own[n][decl.property]; decl.important || !has {
				cs.own[n][decl.property] = decl.value
			}
		}
	}
}

// value is an element's own value of a property, "" when it has none.
func (cs *cascade) value(n *html.Node, property string) string { return cs.own[n][property] }

type declaration struct {
	property, value string
	important       bool
}

type keptRule struct {
	selector     string
	declarations []declaration
}

func declarations(text string, inline bool) []declaration {
	var out []declaration
	p := css.NewParser(parse.NewInputString(text), inline)
	for {
		g, _, data := p.Next()
		if g == css.ErrorGrammar && !p.HasParseError() {
			return out
		}
		if g == css.DeclarationGrammar {
			out = append(out, newDeclaration(data, p.Values()))
		}
	}
}

func newDeclaration(property []byte, values []css.Token) declaration {
	value := strings.ToLower(tokensText(values))
	important := strings.HasSuffix(strings.ReplaceAll(value, " ", ""), "!important")
	if important {
		value = strings.TrimSpace(value[:strings.LastIndexByte(value, '!')])
	}
	return declaration{property: strings.ToLower(string(property)), value: value, important: important}
}

// keptRules gives the rules of a style element that hold: those outside of any
// at-rule, and with dark those for a dark color scheme.
func keptRules(text string, dark bool) []keptRule {
	var out []keptRule
	p := css.NewParser(parse.NewInputString(text), false)
	holds := []bool{true}
	var selectors []string
	for {
		g, _, data := p.Next()
		switch g {
		case css.ErrorGrammar:
			if !p.HasParseError() {
				return out
			}
		case css.BeginAtRuleGrammar:
			prelude := strings.ReplaceAll(tokensText(p.Values()), " ", "")
			isDark := strings.EqualFold(string(data), "@media") && strings.Contains(prelude, "(prefers-color-scheme:dark)")
			holds = append(holds, holds[len(holds)-1] && dark && isDark)
		case css.EndAtRuleGrammar:
			holds = holds[:max(1, len(holds)-1)]
		case css.QualifiedRuleGrammar:
			selectors = append(selectors, tokensText(p.Values()))
		case css.BeginRulesetGrammar:
			selectors = append(selectors, tokensText(p.Values()))
			if holds[len(holds)-1] {
				out = append(out, keptRule{selector: strings.Join(selectors, ",")})
			}
			selectors = nil
		case css.DeclarationGrammar:
			if holds[len(holds)-1] && len(out) > 0 {
				last := &out[len(out)-1]
				last.declarations = append(last.declarations, newDeclaration(data, p.Values()))
			}
		}
	}
}

func tokensText(tokens []css.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.Write(t.Data)
	}
	return strings.TrimSpace(b.String())
}
