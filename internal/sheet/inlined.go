package sheet

import (
	"regexp"
	"slices"

	"github.com/tdewolff/parse/v2/css"
)

var (
	typeName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
	className = regexp.MustCompile(`^-?[A-Za-z_][A-Za-z0-9_-]*$`)
)

const toKept = "; move the rule to mail/kept.css and mark each declaration !important"

// LintInlined checks a sheet that will be inlined.
func LintInlined(file, src string) Problems {
	c := &checker{file: file}
	for _, r := range c.rules(c.tokens(src)) {
		name := text(r.prelude)
		switch {
		case len(r.prelude) == 0:
			c.report(r.line, "", "malformed CSS", "a { … } has no selector; add one or delete it")
		case r.isAt():
			c.report(r.line, name, "at-rule", "the inliner breaks at-rules, and the rules after some of them"+toKept)
		default:
			c.selectors(r)
			c.declarations(name, r.body)
		}
	}
	return c.problems
}

// LintAttribute checks the declarations of a style attribute, which the
// inliner reads again.
func LintAttribute(file string, line int, element, declarations string) Problems {
	c := &checker{file: file}
	ts := c.tokens(declarations)
	for i := range ts {
		ts[i].line = line
	}
	c.declarations(element, ts)
	for i := range c.problems {
		c.problems[i].Line = line
	}
	return c.problems
}

// selectors checks each selector of a list.
func (c *checker) selectors(r rule) {
	for _, sel := range split(r.prelude, css.CommaToken) {
		if len(trim(sel)) == 0 {
			c.report(r.line, text(r.prelude), "malformed CSS", "the selector list has an empty place; delete the comma")
			continue
		}
		c.selector(slices.DeleteFunc(slices.Clone(trim(sel)), func(t token) bool { return t.typ == css.CommentToken }))
	}
}

// selector takes type, class and id selectors joined by spaces or " > ".
func (c *checker) selector(ts []token) {
	name := text(ts)
	needCompound := true // at the start, and after " > "
	for i := 0; i < len(ts); i++ {
		t := ts[i]
		after := i > 0 && !isSpace(ts[i-1]) && !isChild(ts[i-1]) // continues a compound
		switch {
		case t.typ == css.WhitespaceToken:
			continue
		case isChild(t):
			if i == 0 || i == len(ts)-1 || needCompound {
				c.report(t.line, name, "combinator", "> stands without a selector on both sides; complete or delete it")
				return
			}
			if ts[i-1].typ != css.WhitespaceToken || ts[i+1].typ != css.WhitespaceToken {
				c.report(t.line, name, "unspaced combinator", "the inliner miscounts the specificity; write \" > \" with a space on each side")
				return
			}
			needCompound = true
			continue
		case t.typ == css.IdentToken && !after:
			if !typeName.MatchString(t.text) {
				c.report(t.line, name, "type selector", "write element names with letters and digits only, without escapes")
				return
			}
		case t.typ == css.HashToken:
			if !className.MatchString(t.text[1:]) {
				c.report(t.line, name, "id selector", "write ids with letters, digits, - and _ only, without escapes")
				return
			}
		case t.typ == css.DelimToken && t.text == "." && i+1 < len(ts) && ts[i+1].typ == css.IdentToken:
			i++
			if !className.MatchString(ts[i].text) {
				c.report(t.line, name, "class selector", "write classes with letters, digits, - and _ only, without escapes")
				return
			}
		default:
			rule, advice := refuse(t)
			c.report(t.line, name, rule, advice)
			return
		}
		needCompound = false
	}
}

func isChild(t token) bool { return t.typ == css.DelimToken && t.text == ">" }

// refuse names what a token in a selector means and what the inliner makes of
// it.
func refuse(t token) (rule, advice string) {
	switch {
	case t.typ == css.ColonToken:
		return "pseudo-class", "the inliner gives it no specificity or drops it" + toKept
	case t.typ == css.LeftBracketToken:
		return "attribute selector", "the inliner ranks it below a class and misreads # and , in it; use a class"
	case t.typ == css.DelimToken && t.text == "*":
		return "universal selector", "the inliner sends it back as a head rule with !important; name the elements or use a class"
	case t.typ == css.DelimToken && (t.text == "+" || t.text == "~"), t.typ == css.ColumnToken:
		return "combinator", "only a space and \" > \" are inlined correctly; use a class"
	case t.typ == css.DelimToken && t.text == "&":
		return "nesting", "the inliner does not know nested rules; write the whole selector"
	default:
		return "selector", "only type, class and id selectors joined by spaces or \" > \" are inlined correctly; " + text([]token{t}) + " is not one of them"
	}
}
