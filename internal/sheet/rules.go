package sheet

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// A rule is a style rule or an at-rule as it stands in the source.
type rule struct {
	prelude []token // the selectors, or the at-rule with its condition
	body    []token // between the braces; nil for an at-rule that ends in ";"
	line    int
}

func (r rule) isAt() bool {
	return len(r.prelude) > 0 && r.prelude[0].typ == css.AtKeywordToken
}

// atName is "@media" for an at-rule.
func (r rule) atName() string { return strings.ToLower(r.prelude[0].text) }

// A checker collects the problems of one sheet.
type checker struct {
	file     string
	problems Problems
}

func (c *checker) report(line int, selector, rule, advice string) {
	c.problems = append(c.problems, Problem{File: c.file, Line: line, Selector: selector, Rule: rule, Advice: advice})
}

// tokens scans src and reports what breaks every parser.
func (c *checker) tokens(src string) []token {
	ts, ok := scan(src)
	if !ok {
		line := 1
		if len(ts) > 0 {
			line = ts[len(ts)-1].line
		}
		c.report(line, "", "malformed CSS", "the sheet has a NUL byte or an end that cannot be read; delete it")
	}
	for _, t := range ts {
		switch t.typ {
		case css.BadStringToken:
			c.report(t.line, text([]token{t}), "malformed CSS", "the string has no closing quote on its line; close it")
		case css.BadURLToken:
			c.report(t.line, text([]token{t}), "malformed CSS", "the url() cannot be read; put its address in quotes")
		case css.CDOToken, css.CDCToken:
			c.report(t.line, t.text, "malformed CSS", "HTML comment marks do not belong in a style sheet; delete them")
		case css.CommentToken:
			if !strings.HasSuffix(t.text, "*/") || len(t.text) < 4 {
				c.report(t.line, "/*", "malformed CSS", "the comment is not closed; end it with */")
			}
		}
		if strings.Contains(strings.ToLower(t.text), "</style") {
			c.report(t.line, text([]token{t}), "malformed CSS", "</style ends the style element in the middle of the sheet; delete it")
		}
	}
	return ts
}

// rules cuts a sheet, or the body of @media, into rules. Nested braces belong
// to the body.
func (c *checker) rules(ts []token) []rule {
	var rules []rule
	for {
		ts = trim(ts)
		if len(ts) == 0 {
			return rules
		}
		open, semicolon := find(ts, css.LeftBraceToken), find(ts, css.SemicolonToken)
		if semicolon >= 0 && (open < 0 || semicolon < open) {
			r := rule{prelude: trim(ts[:semicolon]), line: ts[0].line}
			if !r.isAt() {
				c.report(r.line, text(ts[:semicolon+1]), "malformed CSS", "a declaration or semicolon stands outside a rule; every parser skips to the next brace; delete it")
			} else {
				rules = append(rules, r)
			}
			ts = ts[semicolon+1:]
			continue
		}
		if open < 0 {
			c.report(ts[0].line, text(ts), "malformed CSS", "a rule has no { … }; complete or delete it")
			return rules
		}
		end := closing(ts, open)
		if end < 0 {
			c.report(ts[0].line, text(ts[:open]), "malformed CSS", "the rule has no closing }; the inliner loses what follows; close it")
			return rules
		}
		rules = append(rules, rule{prelude: trim(ts[:open]), body: ts[open+1 : end], line: ts[0].line})
		ts = ts[end+1:]
	}
}

func find(ts []token, typ css.TokenType) int {
	for i, t := range ts {
		if t.typ == typ {
			return i
		}
	}
	return -1
}

// closing is the index of the brace that closes ts[open], or -1.
func closing(ts []token, open int) int {
	depth := 0
	for i := open; i < len(ts); i++ {
		switch ts[i].typ {
		case css.LeftBraceToken:
			depth++
		case css.RightBraceToken:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
