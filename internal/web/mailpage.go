package web

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"verdicts.example/digest/internal/slot"
)

// slotLink is an attribute value's address with a reader's token or address in it.
var slotLink = regexp.MustCompile(`(href=)("[^"]*(?:` + string(slot.Token) + `|` + string(slot.Email) + `)[^"]*"|'[^']*(?:` +
	string(slot.Token) + `|` + string(slot.Email) + `)[^']*')`)

// neutralise makes a mail everybody's: links that were one reader's own lead to
// home, and the reader's values become words that suit anyone.
func neutralise(mail, home string) string {
	mail = slotLink.ReplaceAllString(mail, `${1}"`+strings.ReplaceAll(html.EscapeString(home), "$", "$$")+`"`)
	return strings.NewReplacer(
		string(slot.Token), "",
		string(slot.Email), "your address",
		string(slot.Name), "reader",
	).Replace(mail)
}

// issueParts renders what stands around a mail: additions to its head, and the
// page's own bar above and sign-up form below.
func (s *server) issueParts(p page) (head, top, end []byte, err error) {
	for part, into := range map[string]*[]byte{"issue-head": &head, "issue-top": &top, "issue-end": &end} {
		if *into, err = s.renderPart("issue", part, p); err != nil {
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
