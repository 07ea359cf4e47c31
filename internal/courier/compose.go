package courier

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"time"

	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/subscribers"
)

// A Sheet is what every mail's head says.
type Sheet struct {
	From    mail.Address
	ReplyTo mail.Address
	BaseURL string
	Zone    *time.Location
	Next    func(after time.Time) time.Time // the next digest's slot; zero for none
}

// compose renders a mail and makes its message.
func (c *Courier) compose(ctx context.Context, m subscribers.Mail) ([]byte, error) {
	data, err := c.data(ctx, m)
	if err != nil {
		return nil, err
	}
	r, err := c.Renderer.Mail(m.Kind, data)
	if err != nil {
		return nil, fmt.Errorf("render %s mail: %w", m.Kind, err)
	}
	d := message.TxDraft{
		From:    c.Sheet.From,
		ReplyTo: c.Sheet.ReplyTo,
		Subject: r.Subject,
		HTML:    r.HTML,
		Text:    r.Text,
		Date:    c.Now().In(c.Sheet.Zone),
		To:      message.Reader{Email: m.Recipient},
		BaseURL: c.Sheet.BaseURL,
	}
	if m.Kind == subscribers.MailWelcome {
		d.To.Token = m.Subscriber.Token.String()
	}
	msg, err := message.Transactional(d)
	if err != nil {
		return nil, fmt.Errorf("compose %s mail: %w", m.Kind, err)
	}
	return c.Signer.Sign(msg)
}

// data gives the template its data. What a visitor typed (m.Data of a
// confirmation) is not looked at.
func (c *Courier) data(ctx context.Context, m subscribers.Mail) (any, error) {
	base := c.Sheet.BaseURL
	switch m.Kind {
	case subscribers.MailConfirm:
		token, err := c.Outbox.ComposeConfirm(ctx, m.Subscriber.ID, c.Now())
		if err != nil {
			return nil, err
		}
		return render.ConfirmData{ConfirmURL: base + "/confirm/" + token, Email: m.Recipient, ExpiresIn: subscribers.ConfirmFor}, nil
	case subscribers.MailWelcome:
		return render.WelcomeData{
			Email:          m.Recipient,
			UnsubscribeURL: base + "/unsubscribe/" + m.Subscriber.Token.String(),
			ArchiveURL:     base + "/archive",
			Next:           c.Sheet.Next(c.Now()),
		}, nil
	case subscribers.MailGoodbye:
		return render.GoodbyeData{Email: m.Recipient, SignUpURL: base + "/"}, nil
	}
	return c.notice(m)
}

// notice gives the data of an editors' mail, its times in the list's zone.
func (c *Courier) notice(m subscribers.Mail) (any, error) {
	zone := c.Sheet.Zone
	switch m.Kind {
	case render.MailDraftReady:
		d, err := decode[render.DraftReadyData](m)
		d.Slot = d.Slot.In(zone)
		return d, err
	case render.MailHeld:
		d, err := decode[render.HeldData](m)
		d.Slot = d.Slot.In(zone)
		return d, err
	case render.MailMissed:
		d, err := decode[render.MissedData](m)
		d.Slot, d.Now = d.Slot.In(zone), d.Now.In(zone)
		return d, err
	case render.MailReport:
		d, err := decode[render.ReportData](m)
		d.StartedAt, d.FinishedAt = d.StartedAt.In(zone), d.FinishedAt.In(zone)
		return d, err
	}
	return nil, fmt.Errorf("a mail of kind %q: this program knows none", m.Kind)
}

func decode[T any](m subscribers.Mail) (T, error) {
	var data T
	if err := json.Unmarshal(m.Data, &data); err != nil {
		return data, fmt.Errorf("read the data of a %s mail: %w", m.Kind, err)
	}
	return data, nil
}
