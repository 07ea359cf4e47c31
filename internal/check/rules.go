package check

import (
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// A declaration has its property and value in lower case.
type declaration struct {
	property, value string
	important       bool
}

type keptRule struct {
	selector     string
	declarations []declaration
}

// declarations reads a style attribute.
func declarations(text string) []declaration {
	var out []declaration
	p := css.NewParser(parse.NewInputString(text), true)
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

// keptRules gives the rules of a style element that hold on a wide screen:
// those outside of any at-rule, and with dark those for a dark color scheme.
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
			holds = append(holds, holds[len(holds)-1] && mediaHolds(string(data), tokensText(p.Values()), dark))
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

// mediaHolds reports whether an at-rule holds on a wide screen.
func mediaHolds(name, prelude string, dark bool) bool {
	if !strings.EqualFold(name, "@media") {
		return false
	}
	prelude = strings.ToLower(strings.ReplaceAll(prelude, " ", ""))
	for _, kind := range []string{"onlyscreenand", "screenand", "alland"} {
		prelude = strings.TrimPrefix(prelude, kind)
	}
	switch prelude {
	case "all", "screen", "onlyscreen":
		return true
	case "(prefers-color-scheme:dark)":
		return dark
	case "(prefers-color-scheme:light)":
		return !dark
	}
	return false
}

func tokensText(tokens []css.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.Write(t.Data)
	}
	return strings.TrimSpace(b.String())
}
