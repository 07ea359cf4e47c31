package sheet

import (
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// A token is a CSS token (CSS Syntax Level 3 §4) with the line it starts on.
type token struct {
	typ  css.TokenType
	text string
	line int
}

// scan cuts src into tokens. The lexer stops at a NUL, which no style sheet
// has a use for; ok is false then, and the tokens end before it.
func scan(src string) (tokens []token, ok bool) {
	lexer := css.NewLexer(parse.NewInputString(src))
	line, read := 1, 0
	for {
		typ, text := lexer.Next()
		if typ == css.ErrorToken {
			return tokens, read == len(src)
		}
		tokens = append(tokens, token{typ, string(text), line})
		line += strings.Count(string(text), "\n")
		read += len(text)
	}
}

// Strip takes out the comments, the indentation and the empty lines, and
// leaves every other byte as it is.
func Strip(src string) string {
	tokens, _ := scan(src)
	var b strings.Builder
	for _, t := range tokens {
		if t.typ != css.CommentToken {
			b.WriteString(t.text)
		}
	}
	var out strings.Builder
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(line); line != "" {
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// trim takes white space and comments off both ends.
func trim(ts []token) []token {
	for len(ts) > 0 && isSpace(ts[0]) {
		ts = ts[1:]
	}
	for len(ts) > 0 && isSpace(ts[len(ts)-1]) {
		ts = ts[:len(ts)-1]
	}
	return ts
}

func isSpace(t token) bool { return t.typ == css.WhitespaceToken || t.typ == css.CommentToken }

// text is the source of tokens, on one line and at most 60 characters long.
func text(ts []token) string {
	var b strings.Builder
	for _, t := range trim(ts) {
		b.WriteString(t.text)
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return s
}

// split cuts at every token of a type that stands outside brackets.
func split(ts []token, at css.TokenType) [][]token {
	var parts [][]token
	depth, start := 0, 0
	for i, t := range ts {
		switch t.typ {
		case css.LeftParenthesisToken, css.FunctionToken, css.LeftBracketToken, css.LeftBraceToken:
			depth++
		case css.RightParenthesisToken, css.RightBracketToken, css.RightBraceToken:
			depth--
		case at:
			if depth <= 0 {
				parts = append(parts, ts[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, ts[start:])
}
