package web

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/mergefield"
)

// fieldLink is an attribute value's address with a reader's token or address in it.
var fieldLink = regexp.MustCompile(`(href=)("[^"]*(?:` + own + `)[^"]*"|'[^']*(?:` + own + `)[^']*')`)

// own finds what is one reader's own: their tokens and their address.
var own = strings.Join(ownFields(), "|")

func ownFields() []string {
	names := []string{string(mergefield.Email)}
	for _, f := range mergefield.Tokens() {
		names = append(names, string(f))
	}
	return names
}

// paragraph is a paragraph; paragraphs cannot hold one another.
var paragraph = regexp.MustCompile(`(?is)<p(?:\s[^>]*)?>.*?</p>`)

// isOneReaders reports whether a paragraph speaks to one reader of their own
// subscription: why they get the mail, how they leave it. On a public page it
// would be untrue.
func isOneReaders(p string) bool {
	return slices.ContainsFunc(ownFields(), func(f string) bool { return strings.Contains(p, f) })
}

// neutralise makes a mail everybody's: paragraphs about one reader's own
// subscription go, other links that were their own lead to home, and what is
// left of the reader's values becomes words that suit anyone.
func neutralise(mail, home string) string {
	mail = paragraph.ReplaceAllStringFunc(mail, func(p string) string {
		if isOneReaders(p) {
			return ""
		}
		return p
	})
	mail = fieldLink.ReplaceAllString(mail, `${1}"`+strings.ReplaceAll(html.EscapeString(home), "$", "$$")+`"`)
	return mergefield.Values{Email: "your address"}.HTML(mail)
}

// issueParts renders what stands around a mail: additions to its head, and the
// page's own bar above and sign-up form below.
func (s *server) issueParts(c content) (head, top, end []byte, err error) {
	for part, into := range map[string]*[]byte{"issue-head": &head, "issue-top": &top, "issue-end": &end} {
		if *into, err = s.kit.Render("issue", part, s.layout("issue", c)); err != nil {
			return nil, nil, nil, err
		}
	}
	return head, top, end, nil
}

// frameMail writes head before the mail's </head>, top after its <body> and end
// before its </body>, and every other byte as it is (conditional comments too).
func frameMail(mail string, head, top, end []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(mail) + len(head) + len(top) + len(end))
	z := html.NewTokenizer(strings.NewReader(mail))
	for z.Next() != html.ErrorToken {
		raw := bytes.Clone(z.Raw())
		tok := z.Token()
		switch {
		case tok.Type == html.EndTagToken && tok.Data == "head":
			b.Write(head)
			b.Write(raw)
		case tok.Type == html.StartTagToken && tok.Data == "body":
			b.Write(raw)
			b.Write(top)
		case tok.Type == html.EndTagToken && tok.Data == "body":
			b.Write(end)
			b.Write(raw)
		default:
			b.Write(raw)
		}
	}
	return b.Bytes()
}
