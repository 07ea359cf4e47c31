package inbound

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// How much of a notice in words is looked at.
const maxNotice = 64 << 10

var (
	// What stands between a notice and the message that comes back.
	returned = regexp.MustCompile(`(?i)^\W*(?:` + strings.Join([]string{
		`below this line is (?:a copy of the message|the returned message)`,
		`(?:this is a |included is a |here is a )?copy of (?:the|your) (?:original )?message.{0,60}`,
		`(?:the |first \d+ bytes of )?(?:header|headers|text|body) of (?:the|your) (?:original |undelivered )?message.{0,40}`,
		`included is a copy of the message header:?`,
		`(?:the |your )?original (?:message|mail|e-mail)(?: header| headers| text| body)?(?: follows| is following| (?:is )?(?:attached|included)?(?: below)?| message)?`,
		`(?:start of the )?(?:returned|unsent|undelivered|bounced|rejected|failed) (?:message|mail|e-mail)(?: text| header| headers| body)?(?: follows?| below)?`,
		`unsent message (?:follows|below)`, `message (?:header|headers|text|contents?) (?:follows|follow|below)`, `message header`,
		`non-delivered message`, `begin (?:message )?headers?`, `forwarded message`, `your message follows`, `original message details`,
		`---- start of the original message`, `message from sender`, `вот (?:начало )?вашего письма`,
	}, "|") + `)[\s.:*_=|#-]*$`)
	// Where a message without such a line begins.
	trace = regexp.MustCompile(`^(?:Received: (?:from|by|\()|Return-Path: ?<)`)
	tag   = regexp.MustCompile(`(?is)<(?:style|script|head)\b.*?</(?:style|script|head)>|<!--.*?-->|<[^>]{0,1000}>`)
	block = regexp.MustCompile(`(?i)<(?:br|/p|/div|/tr|/h\d|/li)\b[^>]*>`)
)

// notice gives a mail's own words, and what follows them: the message that comes
// back, if it is in the same part.
func (m *mail) notice() (text, rest string) {
	if !m.read {
		m.read = true
		m.own, m.rest = cutReturned(m.ownWords())
	}
	return m.own, m.rest
}

func (m *mail) ownWords() string {
	var plain, rich strings.Builder
	for _, p := range m.parts {
		switch {
		case p.attached():
		case p.kind == "text/html":
			if rich.Len() < maxNotice {
				rich.WriteString(textOf(p.utf8()) + "\n")
			}
		case strings.HasPrefix(p.kind, "text/") && !strings.Contains(p.kind, "rfc822") && !strings.Contains(p.kind, "global-headers"):
			if plain.Len() < maxNotice {
				plain.WriteString(p.utf8() + "\n")
			}
		}
	}
	if strings.TrimSpace(plain.String()) == "" {
		return rich.String()
	}
	return plain.String()
}

// attached reports whether a part is a file, not what the mail itself says.
func (p part) attached() bool {
	return strings.HasPrefix(strings.ToLower(p.header.get("content-disposition")), "attachment")
}

// cutReturned cuts a text where the returned message begins.
func cutReturned(text string) (notice, rest string) {
	at := 0
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trace.MatchString(line):
			return text[:at], text[at:]
		case len(trimmed) < 160 && returned.MatchString(trimmed):
			return text[:at], text[at+len(line):]
		}
		at += len(line)
	}
	return text, ""
}

// utf8 is a part's text in UTF-8.
func (p part) utf8() string {
	body := p.body[:min(len(p.body), maxNotice)]
	_, params := contentType(p.header)
	label := strings.ToLower(params["charset"])
	if label != "" && label != "utf-8" && label != "us-ascii" {
		if enc, err := htmlindex.Get(label); err == nil {
			if out, err := enc.NewDecoder().Bytes(body); err == nil {
				body = out
			}
		}
	}
	return strings.ToValidUTF8(string(body), "?")
}

// textOf takes the markup out of HTML.
func textOf(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = block.ReplaceAllString(s, "\n")
	s = tag.ReplaceAllString(s, " ")
	return html.UnescapeString(s)
}

// A saying is an address in a notice and what is said about it.
type saying struct {
	email string
	words string
}

var (
	// A line that is an address and, perhaps, what happened to it.
	listed = regexp.MustCompile(`^[\s>*•·-]*(?:[45]\d\d )?(?:(?:to|rcpt|recipients?|recipient address|addressed to|target mail address|failed address(?:es)?|e-?mail(?: address)?)\s*:\s*)?(?:"[^"@]*"\s*|'[^'@]*'\s*)?[<"'\[(]*(` + address.String() + `)[>"'\])]*(?:\s*[(<][^()<>]*[)>])?\s*(?:$|[:;,|(\[\-–—]|\.{2,}|on \w{3},|\s{2,}|was |could |delay|user |unknown |invalid |failed|#|\d{3} |mailbox|account)`)
	// A sentence that says to whom a mail could not be brought.
	addressed = regexp.MustCompile(`(?i)(?:could not be (?:delivered|sent)[\w ]{0,20} to|(?:deliver|delivering|delivery)(?: (?:of )?(?:your |the |this )?(?:following )?(?:message|mail|e-mail|email))? to|(?:wasn't|was not|couldn't be|could not be|cannot be|can't be) delivered to|unknown user|user unknown|following message to|message to|mail to|mailbox (?:is )?full|allowed size|delivery userid|this (?:e-?mail )?address|account)[\s:]{1,4}<?(` + address.String() + `)`)
	// The command that was refused.
	rcptTo = regexp.MustCompile(`(?i)rcpt to:\s*<?(` + address.String() + `)`)
)

// sayings finds whom a notice is about, by the forms that servers use, the most
// telling first. It does not name whom the notice is for.
func (m *mail) sayings() []saying {
	notice, _ := m.notice()
	self := findAddresses(m.header.get("to") + " " + m.header.get("from"))
	original := m.originalRecipients()
	ours := func(a string) bool {
		if containsFold(original, a) {
			return false
		}
		return containsFold(self, a) || daemon(a)
	}
	var failed []string
	for _, v := range m.header.all("x-failed-recipients") {
		failed = append(failed, findAddresses(v)...)
	}
	found := listedIn(notice, ours)
	if len(failed) > 0 && (len(found) == 0 || containsAny(strings.ToLower(notice), lowered(failed))) {
		return m.sayingsOf(notice, failed)
	}
	for _, form := range []*regexp.Regexp{addressed, rcptTo} {
		if len(found) == 0 {
			found = named(form, notice, ours)
		}
	}
	if len(found) == 0 {
		for _, a := range findAddresses(notice) {
			if containsFold(original, a) {
				found = append(found, a)
			}
		}
	}
	if len(found) == 0 && len(original) == 1 {
		found = original
	}
	if len(found) == 0 { // a mail to oneself
		found = listedIn(notice, daemon)
	}
	if len(found) == 0 {
		for _, a := range findAddresses(notice) {
			if !ours(a) {
				found = append(found, a)
				break
			}
		}
	}
	return m.sayingsOf(notice, found)
}

// daemon reports whether an address is a mail server's own.
func daemon(a string) bool {
	a = strings.ToLower(a)
	return strings.HasPrefix(a, "mailer-daemon@") || strings.HasPrefix(a, "postmaster@")
}

// listedIn finds the addresses that have a line of their own.
func listedIn(notice string, but func(string) bool) (found []string) {
	for line := range strings.Lines(notice) {
		if g := listed.FindStringSubmatch(strings.TrimRight(line, "\r\n")); g != nil {
			if a := cleanAddress(g[1]); !but(a) && !containsFold(found, a) {
				found = append(found, a)
			}
		}
	}
	return found
}

// named finds the addresses that a form of words names.
func named(form *regexp.Regexp, notice string, but func(string) bool) (found []string) {
	for _, g := range form.FindAllStringSubmatch(oneLine(notice), maxRecipients) {
		if a := cleanAddress(g[1]); !but(a) && !containsFold(found, a) {
			found = append(found, a)
		}
	}
	return found
}

func lowered(list []string) (out []string) {
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return out
}

// sayingsOf gives each address the lines about it. A notice about one address is
// about it as a whole.
func (m *mail) sayingsOf(notice string, addresses []string) (out []saying) {
	addresses = addresses[:min(len(addresses), maxRecipients)]
	for _, a := range addresses {
		words := notice
		if len(addresses) > 1 {
			words = linesAbout(notice, a, addresses)
		}
		out = append(out, saying{a, words})
	}
	return out
}

// linesAbout gives the lines from one that names an address to the next that
// names another, or to a blank one.
func linesAbout(notice, email string, others []string) string {
	var out strings.Builder
	on := false
	for line := range strings.Lines(notice) {
		lower := strings.ToLower(line)
		switch {
		case strings.Contains(lower, strings.ToLower(email)):
			on = true
		case replied.MatchString(line):
			on = false
		case strings.TrimSpace(line) == "":
			on = false
		case on && strings.ContainsRune(line, '@') && slices.ContainsFunc(others, func(o string) bool { return strings.Contains(lower, strings.ToLower(o)) }):
			on = false
		}
		if on {
			out.WriteString(line)
		}
	}
	return out.String()
}

// A line that begins with a reply's code speaks for itself.
var replied = regexp.MustCompile(`^[2-5]\d\d[ -]`)

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// transcript drops the politeness around a server's words: it is looked for
// words that say what happened.
func transcript(notice string) string {
	var out strings.Builder
	for line := range strings.Lines(notice) {
		lower := strings.ToLower(line)
		if strings.Contains(lower, "if you ") || strings.Contains(lower, "you may ") || strings.Contains(lower, "please ") && strings.Contains(lower, "postmaster") {
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}
