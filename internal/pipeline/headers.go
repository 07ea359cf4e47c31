package pipeline

import (
	"net/mail"
	"strings"
	"time"
	"unicode"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mergefield"
	"verdicts.example/digest/internal/message"
)

// Headers is what the settings say of the digest's header fields.
type Headers struct {
	From         mail.Address
	ReplyTo      mail.Address // zero: replies go to From
	ListID       string       // RFC 2919; "" makes one of the site's name and From's domain
	BounceDomain string       // for VERP; "" sends bounces to From
	LeaveByMail  bool         // mail to unsubscribe+TAG@BounceDomain is read
}

// listID is the List-Id as the settings have it.
func (p *Pipeline) listID() string {
	h := p.parts.Settings.Headers
	if h.ListID != "" {
		return h.ListID
	}
	return defaultListID(p.parts.Settings.Site.Name, domainOf(h.From.Address))
}

// senderNow is whom a mail would be from and signed by now.
func (p *Pipeline) senderNow() edition.Sender {
	h := p.parts.Settings.Headers
	s := edition.Sender{From: h.From.String(), ListID: p.listID(), DKIM: p.parts.Signer.Identity()}
	if h.ReplyTo.Address != "" {
		s.ReplyTo = h.ReplyTo.String()
	}
	return s
}

// freeze makes the frozen message of a build. Its Date is the edition's slot,
// not the clock's, so that the same build gives the same bytes; only what goes
// before its slot has the clock's.
func (p *Pipeline) freeze(b edition.Build, date time.Time) (*message.Frozen, error) {
	h, site := p.parts.Settings.Headers, p.parts.Settings.Site
	return message.Freeze(message.Draft{
		Mail: message.Mail{
			From:              h.From,
			ReplyTo:           h.ReplyTo,
			Subject:           b.Subject,
			HTML:              b.HTML,
			Text:              b.Text,
			Date:              date.In(p.parts.Settings.Calendar.Zone),
			NameFallback:      mergefield.NameFallback,
			BaseURL:           site.BaseURL,
			UnsubscribeMailto: h.UnsubscribeMailto(),
		},
		Week:         b.Week.String(),
		ListID:       p.listID(),
		ListArchive:  site.BaseURL + "/archive",
		FeedbackID:   strings.ToLower(b.Week.String()) + ":digest:weekly:" + feedbackSender(site.Name),
		BounceDomain: h.BounceDomain,
	})
}

// UnsubscribeMailto is the address of unsubscribe mails, without the tag; "" where
// nobody reads them.
func (h Headers) UnsubscribeMailto() string {
	if !h.LeaveByMail || h.BounceDomain == "" {
		return ""
	}
	return message.UnsubscribeLocal + "@" + h.BounceDomain
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// defaultListID is "Name <weekly-digest.example.org>".
func defaultListID(name, domain string) string {
	return name + " <" + label(name) + "." + domain + ">"
}

func feedbackSender(name string) string {
	s := strings.ReplaceAll(label(name), "-", "")
	return s[:min(len(s), 15)] // Gmail: the sender id has 5 to 15 characters
}

// label makes a DNS label of a name.
func label(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
			dash = true
		case dash:
			b.WriteByte('-')
			dash = false
		}
	}
	s := strings.Trim(b.String(), "-")
	if s == "" {
		return "digest"
	}
	return strings.TrimRight(s[:min(len(s), 63)], "-")
}

// SampleReader stands in for a reader in previews and checks of mail from an
// address.
func SampleReader(from string) *message.Reader {
	const inert = "preview-without-effect"
	return &message.Reader{
		ID:        0,
		Email:     "reader@example.com",
		Name:      "Ada Reader",
		Token:     inert,
		Leave:     inert,
		Links:     mergefield.Links{Vote: inert, Save: inert, Saved: inert, Preferences: inert},
		MessageID: "preview@" + domainOf(from),
	}
}
