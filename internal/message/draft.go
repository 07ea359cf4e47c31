package message

import (
	"cmp"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// A Mail is what every mail is made from. HTML and Text may hold merge fields (package
// mergefield); nothing else may.
type Mail struct {
	From    mail.Address
	ReplyTo mail.Address // zero: replies go to From
	Subject string
	HTML    string
	Text    string
	Date    time.Time // in the list's time zone

	// NameFallback stands in name fields for readers without a name.
	NameFallback string

	BaseURL string // the unsubscribe link is BaseURL + "/unsubscribe/" + token
	// UnsubscribeMailto takes unsubscribe mails, as LOCAL+TAG@DOMAIN with a tag of
	// each reader's own (Tagger.LeaveTag); "" = only the link.
	UnsubscribeMailto string
	IDDomain          string // of Message-IDs; "" = From's domain
}

// A Draft is what a digest is frozen from.
type Draft struct {
	Mail
	Week string // ISO week, "2026-W47"

	ListID      string // RFC 2919: "Name <id.domain>"
	ListArchive string // URL; "" = no List-Archive field
	FeedbackID  string // Gmail's Feedback-ID, "campaign:list:kind:sender"; "" = no field

	BounceDomain string // where VERP addresses receive; "" = bounces go to From
}

// idDomain is the domain of the mail's Message-IDs.
func (m *Mail) idDomain() string {
	if m.IDDomain != "" {
		return m.IDDomain
	}
	return domainOf(m.From.Address)
}

// maxPart bounds each part and each stored mail, in bytes: far above what any
// mailbox accepts of a newsletter, far below what could hurt the process.
const maxPart = 8 << 20

// check says what keeps the draft from being frozen. Its errors wrap ErrDraft.
func (d *Draft) check() error {
	return cmp.Or(
		d.Mail.check(true),
		checkWeek(d.Week),
		checkListID(d.ListID),
		checkURL("list archive", d.ListArchive, false),
		checkFeedbackID(d.FeedbackID),
		checkDomain("bounce domain", d.BounceDomain),
	)
}

// check says what is wrong with a mail, of which personal ones have links to BaseURL.
func (m *Mail) check(personal bool) error {
	return cmp.Or(
		checkMailbox("from", m.From),
		checkReplyTo(m.ReplyTo),
		checkLine("subject", m.Subject, true),
		checkLine("name fallback", m.NameFallback, false),
		checkPart("text part", m.Text),
		checkPart("HTML part", m.HTML),
		checkDate(m.Date),
		checkURL("base URL", m.BaseURL, personal),
		checkAddress("unsubscribe address", m.UnsubscribeMailto, false),
		checkDomain("Message-ID domain", m.IDDomain),
	)
}

// wrong makes an error of this package's style: what, which value, how to fix it.
func wrong(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrDraft, field, fmt.Sprintf(format, args...))
}

func checkMailbox(field string, a mail.Address) error {
	if err := checkLine(field+" name", a.Name, false); err != nil {
		return err
	}
	return checkAddress(field, a.Address, true)
}

func checkReplyTo(a mail.Address) error {
	if a == (mail.Address{}) {
		return nil
	}
	return checkMailbox("reply-to", a)
}

func checkAddress(field, address string, required bool) error {
	if address == "" && !required || validAddress(address) {
		return nil
	}
	return wrong(field, "%q is not a plain e-mail address; write it as name@example.org, with an international domain in its xn-- form", address)
}

// checkLine refuses what would end a header line or hide in it.
func checkLine(field, s string, required bool) error {
	switch {
	case !utf8.ValidString(s):
		return wrong(field, "%q is not UTF-8", s)
	case strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && isBreak(r) }):
		return wrong(field, "%q has a line break or control character; write it on one line", s)
	case len(s) > maxLine:
		return wrong(field, "%d bytes are too long; keep it below %d", len(s), maxLine)
	case fieldLeft(s) >= 0:
		return wrong(field, "%q has a merge field; only the HTML and text parts may differ between readers", s)
	case required && Clean(s) == "":
		return wrong(field, "it is empty")
	}
	return nil
}

// maxURL leaves room for a token on the same line, in characters.
const maxURL = 500

// maxLine bounds what goes into one header field, in bytes.
const maxLine = 900

func checkPart(field, s string) error {
	if s == "" {
		return wrong(field, "it is empty; a mail needs both an HTML and a text part")
	}
	if len(s) > maxPart {
		return wrong(field, "%d bytes are too long; the limit is %d", len(s), maxPart)
	}
	if !utf8.ValidString(s) {
		return wrong(field, "line %d is not UTF-8", 1+strings.Count(s[:invalidAt(s)], "\n"))
	}
	return nil
}

// invalidAt is the offset of the first byte that is not UTF-8.
func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

func checkDate(t time.Time) error {
	if y := t.Year(); t.IsZero() || y < 1900 || y > 9999 {
		return wrong("date", "%v is not a date that a mail can have", t)
	}
	return nil
}

func checkWeek(week string) error {
	if !validWeek(week) {
		return wrong("week", "%q is not an ISO week; write it as 2026-W47", week)
	}
	return nil
}

// validWeek knows "2026-W47", and "2026-C47" for that week's correction.
func validWeek(s string) bool {
	if len(s) != len("2026-W47") {
		return false
	}
	for i, c := range []byte("0000-W00") {
		if c == '0' && (s[i] < '0' || s[i] > '9') || c != '0' && s[i] != c && (c != 'W' || s[i] != 'C') {
			return false
		}
	}
	return true
}

func checkURL(field, s string, required bool) error {
	if s == "" && !required {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return wrong(field, "%q is not an absolute web address; write it as https://example.org", s)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>"\`, r) }) {
		return wrong(field, "%q has characters that a mail header cannot carry; percent-encode them", s)
	}
	if u.RawQuery != "" && required || u.Fragment != "" || len(s) > maxURL {
		return wrong(field, "%q is too long, or has a query or fragment where paths are added", s)
	}
	return nil
}

func checkDomain(field, s string) error {
	if s == "" || validDomain(s) {
		return nil
	}
	return wrong(field, "%q is not a domain; write it as example.org, in ASCII", s)
}

func checkListID(s string) error {
	if err := checkLine("list id", s, true); err != nil {
		return err
	}
	if _, id := splitListID(s); !validDomain(id) {
		return wrong("list id", `%q is not a list's identity (RFC 2919); write it as "Name <list.example.org>"`, s)
	}
	return nil
}

// splitListID takes "Name <id.domain>" apart; the name may be quoted.
func splitListID(s string) (name, id string) {
	open := strings.LastIndexByte(s, '<')
	if open < 0 || !strings.HasSuffix(s, ">") {
		return "", ""
	}
	return strings.Trim(s[:open], ` "`), s[open+1 : len(s)-1]
}

// checkFeedbackID: up to four parts joined by colons, the last one is the
// sender (Gmail's "Feedback Loop" page); ASCII without spaces.
func checkFeedbackID(s string) error {
	bad := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	if bad || len(s) > 200 || strings.Count(s, ":") > 3 {
		return wrong("feedback id", "%q is not up to four parts joined by colons, without spaces", s)
	}
	return nil
}
