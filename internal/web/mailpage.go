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

// neutralise makes a mail everybody's, for the page at address: paragraphs about one
// reader's own subscription go, of a row of links stay those that are everybody's, other
// links that were a reader's own lead to home, and what is left of the reader's values
// becomes words that suit anyone.
func neutralise(mail, home, address string) string {
	mail = paragraph.ReplaceAllStringFunc(mail, func(p string) string {
		if !isOneReaders(p) {
			return p
		}
		return everybodys(p, address)
	})
	mail = fieldLink.ReplaceAllString(mail, `${1}"`+strings.ReplaceAll(html.EscapeString(home), "$", "$$")+`"`)
	return mergefield.Values{Email: "your address"}.HTML(mail)
}

var (
	anyLink = regexp.MustCompile(`(?is)<a\s[^>]*>.*?</a>`)
	ownLink = regexp.MustCompile(`(?is)(?:\s*(?:&middot;|·))?\s*<a\s[^>]*(?:` + own + `)[^>]*>.*?</a>`)

	// leadingDot stands where a row began with a reader's own link.
	leadingDot = regexp.MustCompile(`(?is)^(<p(?:\s[^>]*)?>)\s*(?:&middot;|·)\s*`)
	tagOrDot   = regexp.MustCompile(`(?s)<[^>]*>|&middot;|·|\s`)
)

// everybodys is what a row of links has for everybody: "Read the comparison · Save · Vote"
// becomes "Read the comparison". It is "" for a paragraph with other words, and where
// nothing is left but links to the page itself.
func everybodys(p, address string) string {
	if tagOrDot.ReplaceAllString(anyLink.ReplaceAllString(p, ""), "") != "" {
		return ""
	}
	p = leadingDot.ReplaceAllString(ownLink.ReplaceAllString(p, ""), "$1")
	for _, link := range anyLink.FindAllString(p, -1) {
		if !strings.Contains(link, address+`"`) && !isOneReaders(p) {
			return p
		}
	}
	return ""
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
