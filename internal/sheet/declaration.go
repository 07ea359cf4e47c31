package sheet

import (
	"regexp"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

var propertyName = regexp.MustCompile(`^-?[a-z_][a-z0-9_-]*$`)

// declarations checks the body of an inlinable rule.
func (c *checker) declarations(selector string, body []token) {
	if open := find(body, css.LeftBraceToken); open >= 0 {
		c.report(body[open].line, selector, "nesting", "a rule stands inside a rule, or a } is missing before it; write each rule by itself")
		return
	}
	seen := make(map[string]bool)
	for _, d := range split(body, css.SemicolonToken) {
		if d = trim(d); len(d) > 0 {
			c.declaration(selector, d, seen)
		}
	}
}

// declaration checks "property: value".
func (c *checker) declaration(selector string, d []token, seen map[string]bool) {
	line, whole := d[0].line, text(d)
	colon := find(d, css.ColonToken)
	if d[0].typ == css.CustomPropertyNameToken || strings.HasPrefix(d[0].text, "--") {
		c.report(line, selector, "CSS variable", whole+": mail clients and the inliner do not know custom properties; write the value out")
		return
	}
	if colon < 1 || len(trim(d[colon+1:])) == 0 || len(trim(d[:colon])) != 1 || d[0].typ != css.IdentToken {
		c.report(line, selector, "malformed CSS", whole+" is not a \"property: value\"; complete or delete it")
		return
	}
	property := strings.ToLower(d[0].text)
	switch {
	case strings.Contains(property, "premailer-"):
		c.report(line, selector, "inliner's own property", property+" talks to the inliner and is kept in the mail; delete it")
	case !propertyName.MatchString(property):
		c.report(line, selector, "property name", "write "+property+" without escapes or hacks")
	case seen[property]:
		c.report(line, selector, "property given twice", "the inliner keeps only the last "+property+"; delete the other, or make it a rule in mail/kept.css")
	}
	seen[property] = true
	c.value(selector, property, d[colon+1:])
}

// value checks what stands after the colon.
func (c *checker) value(selector, property string, value []token) {
	depth := 0
	for _, t := range value {
		lower := strings.ToLower(t.text)
		switch {
		case t.typ == css.DelimToken && t.text == "!":
			c.report(t.line, selector, "!important", "the inliner ignores or doubles it on "+property+"; raise the selector's specificity, or move the rule to mail/kept.css")
			return
		case t.typ == css.AtKeywordToken:
			c.report(t.line, selector, "at-rule", t.text+" stands in the value of "+property+"; a ; or } is missing before it")
			return
		case t.typ == css.ColonToken && depth == 0:
			c.report(t.line, selector, "malformed CSS", "the value of "+property+" has a second colon; a ; is missing before it")
			return
		case t.typ == css.FunctionToken && (lower == "var(" || lower == "env("):
			c.report(t.line, selector, "CSS variable", lower+"…) in "+property+" is not known to mail clients; write the value out")
			return
		case t.typ == css.URLToken && !strings.HasPrefix(t.text, "url("), t.typ == css.FunctionToken && lower == "url(" && t.text != "url(":
			c.report(t.line, selector, "uppercase URL(", "the inliner does not read it as an address; write url( in lower case")
			return
		case t.typ == css.FunctionToken, t.typ == css.LeftParenthesisToken, t.typ == css.LeftBracketToken:
			depth++
		case t.typ == css.RightParenthesisToken, t.typ == css.RightBracketToken:
			if depth--; depth < 0 {
				c.report(t.line, selector, "malformed CSS", "the value of "+property+" closes a bracket that is not open")
				return
			}
		}
	}
	if depth != 0 {
		c.report(value[0].line, selector, "malformed CSS", "the value of "+property+" does not close its brackets; the inliner loses what follows")
	}
}
