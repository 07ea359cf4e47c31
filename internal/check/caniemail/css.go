package caniemail

import (
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// eachGrammar calls fn for each part of a style sheet, or of a style attribute
// (inline), up to the end.
func eachGrammar(text string, inline bool, fn func(g css.GrammarType, data string, values []css.Token)) {
	p := css.NewParser(parse.NewInputString(text), inline)
	for {
		g, _, data := p.Next()
		if g == css.ErrorGrammar && !p.HasParseError() {
			return
		}
		fn(g, string(data), p.Values())
	}
}

// declarations reads a style attribute.
func (c collector) declarations(style, where string) {
	eachGrammar(style, true, func(g css.GrammarType, data string, values []css.Token) {
		if g == css.DeclarationGrammar || g == css.CustomPropertyGrammar {
			c.declaration(data, values, where)
		}
	})
}

// sheet reads the text of a style element.
func (c collector) sheet(text string) {
	depth, where := 0, ""
	eachGrammar(text, false, func(g css.GrammarType, data string, values []css.Token) {
		switch g {
		case css.CommentGrammar:
			c.note("css-comments", "/* */")
		case css.AtRuleGrammar, css.BeginAtRuleGrammar:
			c.atRule(data, values)
		case css.QualifiedRuleGrammar, css.BeginRulesetGrammar:
			where = "rule " + joined(values)
			if depth > 0 && g == css.BeginRulesetGrammar {
				c.note("css-nesting", where)
			}
			if g == css.BeginRulesetGrammar {
				depth++
			}
			c.selector(values, where)
		case css.EndRulesetGrammar:
			depth--
		case css.DeclarationGrammar, css.CustomPropertyGrammar:
			c.declaration(data, values, where)
		}
	})
}

func (c collector) atRule(name string, values []css.Token) {
	name = strings.TrimPrefix(strings.ToLower(name), "@")
	prelude := strings.ToLower(joined(values))
	where := "@" + name + " " + prelude
	switch name {
	case "media":
		c.note("css-at-media", where)
		for _, feature := range []string{"device-pixel-ratio", "hover", "orientation", "prefers-color-scheme", "prefers-reduced-motion"} {
			if strings.Contains(prelude, feature) {
				c.note("css-at-media-"+feature, where)
			}
		}
	default:
		c.note("css-at-"+strings.TrimPrefix(name, "-webkit-"), where)
	}
}

func (c collector) selector(values []css.Token, where string) {
	var last css.Token
	inAttribute := false
	for i, t := range values {
		next := css.Token{}
		if i+1 < len(values) {
			next = values[i+1]
		}
		switch t.TokenType {
		case css.LeftBracketToken:
			inAttribute = true
			c.note("css-selector-attribute", where)
		case css.RightBracketToken:
			inAttribute = false
		case css.HashToken:
			c.note("css-selector-id", where)
		case css.IdentToken:
			if !inAttribute && last.TokenType != css.ColonToken && string(last.Data) != "." {
				c.note("css-selector-type", where)
			}
		case css.CommaToken:
			c.note("css-selector-grouping", where)
		case css.WhitespaceToken:
			if i > 0 && !isCombinator(last) && !isCombinator(next) && next.TokenType != css.ErrorToken && next.TokenType != css.CommaToken && last.TokenType != css.CommaToken {
				c.note("css-selector-descendant", where)
			}
		case css.ColonToken:
			c.pseudo(last, next, where)
		case css.DelimToken:
			c.delimiter(string(t.Data), i, values, where)
		}
		last = t
	}
}

func (c collector) delimiter(d string, i int, values []css.Token, where string) {
	switch d {
	case ".":
		c.note("css-selector-class", where)
		if i > 1 && values[i-1].TokenType == css.IdentToken && string(values[i-2].Data) == "." {
			c.note("css-selector-chaining", where)
		}
	case ">":
		c.note("css-selector-child", where)
	case "+":
		c.note("css-selector-adjacent-sibling", where)
	case "~":
		c.note("css-selector-general-sibling", where)
	case "*":
		c.note("css-selector-universal", where)
	}
}

func (c collector) pseudo(last, next css.Token, where string) {
	name := strings.TrimSuffix(strings.ToLower(string(next.Data)), "(")
	if name == "" || next.TokenType == css.ColonToken {
		return
	}
	switch {
	case last.TokenType == css.ColonToken, name == "before", name == "after", name == "first-letter", name == "first-line":
		c.note("css-pseudo-element-"+name, where)
	default:
		c.note("css-pseudo-class-"+name, where)
	}
}

func isCombinator(t css.Token) bool {
	return t.TokenType == css.DelimToken && strings.Contains(">+~", string(t.Data))
}

// joined joins tokens to their text.
func joined(tokens []css.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.Write(t.Data)
	}
	return strings.TrimSpace(b.String())
}
