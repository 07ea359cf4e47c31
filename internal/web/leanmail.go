package web

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Mail clients need a mail's styles on each element; a browser needs them once. A style
// that stands on several elements becomes a class of a <style> at the head's end, which
// halves a digest's page and changes nothing that is seen.

var (
	styleAttr = regexp.MustCompile(` style="([^"]*)"`)
	classAttr = regexp.MustCompile(` class="([^"]*)"`)
)

// plainStyle are the characters of a declaration that means the same in an attribute and in
// a style sheet: no quotes, no escapes, no braces, no comments.
var plainStyle = regexp.MustCompile(`^[-a-zA-Z0-9 #%.,:;!()]+$`)

// lean is a mail as a browser needs it, without what mail clients alone do.
func lean(mail string) string {
	names := sharedStyles(mail)
	var b bytes.Buffer
	b.Grow(len(mail))
	z := html.NewTokenizer(strings.NewReader(mail))
	for z.Next() != html.ErrorToken {
		raw := string(z.Raw())
		tok := z.Token()
		switch {
		case tok.Type == html.CommentToken: // what is for Outlook; an empty one keeps its neighbours apart
			b.WriteString("<!---->")
		case tok.Type == html.EndTagToken && tok.Data == "head":
			b.WriteString(sheetOf(names) + raw)
		case tok.Type == html.StartTagToken || tok.Type == html.SelfClosingTagToken:
			b.WriteString(classed(raw, tok, names))
		default:
			b.WriteString(raw)
		}
	}
	return b.String()
}

// sharedStyles names the styles that more than one element has, the commonest first.
func sharedStyles(mail string) map[string]string {
	count := make(map[string]int)
	z := html.NewTokenizer(strings.NewReader(mail))
	for z.Next() != html.ErrorToken {
		if tok := z.Token(); tok.Type == html.StartTagToken || tok.Type == html.SelfClosingTagToken {
			if style, ok := styleOf(tok); ok {
				count[style]++
			}
		}
	}
	common := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	names := make(map[string]string)
	for _, style := range common {
		if count[style] > 1 {
			names[style] = fmt.Sprintf("_%d", len(names))
		}
	}
	return names
}

func styleOf(tok html.Token) (string, bool) {
	for _, a := range tok.Attr {
		if a.Key == "style" {
			return a.Val, plainStyle.MatchString(a.Val)
		}
	}
	return "", false
}

// sheetOf says each shared style once, above every selector without !important, as an
// attribute stands.
func sheetOf(names map[string]string) string {
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<style>")
	for _, style := range slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(names[a]), len(names[b])), cmp.Compare(names[a], names[b]))
	}) {
		fmt.Fprintf(&b, ".%s:not(#_#_){%s}", names[style], style)
	}
	b.WriteString("</style>")
	return b.String()
}

// classed is a start tag with the class of its style in the style's place. A tag that is
// not written as the mail's templates write it stays as it is.
func classed(raw string, tok html.Token, names map[string]string) string {
	style, ok := styleOf(tok)
	if names[style] == "" || !ok {
		return raw
	}
	at := styleAttr.FindAllStringSubmatch(raw, -1)
	if len(at) != 1 || html.UnescapeString(at[0][1]) != style || strings.Contains(raw, "'") {
		return raw
	}
	class := classAttr.FindAllStringSubmatch(raw, -1)
	switch len(class) {
	case 0:
		return strings.Replace(raw, at[0][0], ` class="`+names[style]+`"`, 1)
	case 1:
		raw = strings.Replace(raw, at[0][0], "", 1)
		return strings.Replace(raw, class[0][0], ` class="`+strings.TrimSpace(class[0][1]+" "+names[style])+`"`, 1)
	default:
		return raw
	}
}
