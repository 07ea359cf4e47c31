package courier

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/outbox"
)

// A Sheet is what every mail's head says.
type Sheet struct {
	From    mail.Address
	ReplyTo mail.Address
	BaseURL string
	Zone    *time.Location
	Next    func(ctx context.Context, after time.Time) time.Time // the next digest's slot; zero for none
	Desk    bool                                                 // the site has an editors' desk

	BounceDomain      string // of envelope senders; "": bounces go to From
	UnsubscribeMailto string // as message.TxDraft has it
	Tagger            Tagger // of both; may be nil where both are ""
}

// A Tagger makes addresses that nobody else can; message.Tagger does.
type Tagger interface {
	NoticeSender(week string, id int64, domain string) string
	LeaveTag(week string, id int64) string
}

// envelopeFrom is where bounces of a mail go: to an address of its own when it is
// to a reader.
func (c *Courier) envelopeFrom(e outbox.Event) string {
	if c.Sheet.BounceDomain == "" || e.Subscriber.ID == 0 {
		return c.Sheet.From.Address
	}
	return c.Sheet.Tagger.NoticeSender(c.week(), e.Subscriber.ID, c.Sheet.BounceDomain)
}

func (c *Courier) week() string { return edition.WeekOf(c.Now().In(c.Sheet.Zone)).String() }

// compose renders a mail and makes its message.
func (c *Courier) compose(ctx context.Context, e outbox.Event) ([]byte, error) {
	payload, err := e.Payload()
	if err != nil {
		return nil, err
	}
	name, data, err := c.data(ctx, e, payload)
	if err != nil {
		return nil, err
	}
	r, err := c.Renderer.Mail(name, data)
	if err != nil {
		return nil, fmt.Errorf("render %s mail: %w", e.Kind, err)
	}
	if p, ok := payload.(outbox.DraftReady); ok && p.HTML != "" {
		r = r.Above(p.HTML, p.Text)
	}
	d := message.TxDraft{
		Mail: message.Mail{
			From:    c.Sheet.From,
			ReplyTo: c.Sheet.ReplyTo,
			Subject: r.Subject,
			HTML:    r.HTML,
			Text:    r.Text,
			Date:    c.Now().In(c.Sheet.Zone),
			BaseURL: c.Sheet.BaseURL,
		},
		To: message.Reader{Email: e.Recipient},
	}
	if e.Kind == outbox.KindWelcome || e.Kind == outbox.KindLeaveLink {
		d.To.Token = e.Subscriber.Token.String()
		if d.UnsubscribeMailto = c.Sheet.UnsubscribeMailto; d.UnsubscribeMailto != "" {
			d.To.Leave = c.Sheet.Tagger.LeaveTag(c.week(), e.Subscriber.ID)
		}
	}
	msg, err := message.Transactional(d)
	if err != nil {
		return nil, fmt.Errorf("compose %s mail: %w", e.Kind, err)
	}
	return c.Signer.Sign(msg)
}

// mailWords names a mail of a kind to editors.
func mailWords(k outbox.Kind) string {
	switch k {
	case outbox.KindConfirm:
		return "a confirmation"
	case outbox.KindDraftReady, outbox.KindHeld, outbox.KindMissed, outbox.KindReport, outbox.KindRefused, outbox.KindReturned, outbox.KindSurge, outbox.KindCheckup, outbox.KindLogin:
		return "a mail to the editors"
	}
	return "a mail to a reader"
}
