package sheet

import (
	"fmt"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// MaxKept is the size in bytes above which Gmail drops a style element.
const MaxKept = 16_384

// LintKept checks a sheet that stays in the head of the mail: media queries,
// dark mode, hover, client hacks.
func LintKept(file, src string) Problems {
	c := &checker{file: file}
	c.kept(src, func(r rule) {
		if hasOutlookAttribute(r.prelude) {
			c.report(r.line, text(r.prelude), "Outlook's dark mode", "a client that does not know the selector may drop the whole block; move the rule to mail/ogsc.css")
		}
	})
	return c.problems
}

// LintOutlook checks the sheet of [data-ogsc] and [data-ogsb] rules, which
// Outlook's apps put on what they recolour.
func LintOutlook(file, src string) Problems {
	c := &checker{file: file}
	c.kept(src, func(r rule) {
		for _, sel := range split(r.prelude, css.CommaToken) {
			if !hasOutlookAttribute(sel) {
				c.report(r.line, text(sel), "Outlook's dark mode", "this block is for [data-ogsc] and [data-ogsb] only; move the rule to mail/kept.css")
			}
		}
	})
	return c.problems
}

func hasOutlookAttribute(ts []token) bool {
	s := strings.ToLower(text(ts))
	return strings.Contains(s, "[data-ogsc") || strings.Contains(s, "[data-ogsb")
}

// kept checks a whole sheet, and each style rule with also.
func (c *checker) kept(src string, also func(rule)) {
	if n := len(Strip(src)); n > MaxKept {
		c.report(1, "", "size", fmt.Sprintf("the sheet has %d bytes without comments; Gmail drops a style element above %d; shorten it", n, MaxKept))
	}
	for _, r := range c.rules(c.tokens(src)) {
		name := text(r.prelude)
		switch {
		case len(r.prelude) == 0:
			c.report(r.line, "", "malformed CSS", "a { … } has no selector; add one or delete it")
		case !r.isAt():
			also(r)
			c.keptBody(name, r)
		case r.body == nil:
			c.report(r.line, name, "at-rule", "mail clients drop "+r.atName()+" or the whole sheet with it; delete it")
		case find(r.body, css.AtKeywordToken) >= 0:
			at := r.body[find(r.body, css.AtKeywordToken)]
			c.report(at.line, name, "@ inside @", "Gmail drops the whole block because of "+at.text+"; write two rules, with \"and\" between the conditions")
		case r.atName() == "@media":
			for _, inner := range c.rules(r.body) {
				also(inner)
				c.keptBody(text(inner.prelude), inner)
			}
		case r.atName() == "@font-face", strings.HasSuffix(r.atName(), "keyframes"):
			// Descriptors and keyframes take no !important.
		default:
			c.report(r.line, name, "at-rule", "mail clients do not know "+r.atName()+"; use @media or delete it")
		}
	}
}

// keptBody wants !important on each declaration of a rule: without it the
// inlined styles win.
func (c *checker) keptBody(name string, r rule) {
	if open := find(r.body, css.LeftBraceToken); open >= 0 {
		c.report(r.body[open].line, name, "nesting", "a rule stands inside a rule, or a } is missing before it; mail clients do not know nesting")
		return
	}
	for _, d := range split(r.body, css.SemicolonToken) {
		d = trim(d)
		if len(d) == 0 {
			continue
		}
		colon := find(d, css.ColonToken)
		if colon < 1 || len(trim(d[colon+1:])) == 0 {
			c.report(d[0].line, name, "malformed CSS", text(d)+" is not a \"property: value\"; complete or delete it")
			continue
		}
		if strings.HasPrefix(d[0].text, "--") || strings.Contains(strings.ToLower(text(d[colon+1:])), "var(") {
			c.report(d[0].line, name, "CSS variable", text(d)+": mail clients do not know custom properties; write the value out")
			continue
		}
		if !strings.EqualFold(name, ":root") && !isImportant(d) {
			c.report(d[0].line, name, "no !important", text(d)+" loses to the inlined styles; add !important")
		}
	}
}

// isImportant reports whether a declaration ends in "!important".
func isImportant(d []token) bool {
	if !strings.EqualFold(d[len(d)-1].text, "important") {
		return false
	}
	before := trim(d[:len(d)-1])
	return len(before) > 0 && before[len(before)-1].text == "!"
}
