package courier

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/refusal"
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
	Desk    bool                            // the site has an editors' desk

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
		From:    c.Sheet.From,
		ReplyTo: c.Sheet.ReplyTo,
		Subject: r.Subject,
		HTML:    r.HTML,
		Text:    r.Text,
		Date:    c.Now().In(c.Sheet.Zone),
		To:      message.Reader{Email: e.Recipient},
		BaseURL: c.Sheet.BaseURL,
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

// data gives the template of a mail and its data, times in the list's zone. What
// a visitor typed (the details of a confirmation) is not looked at.
func (c *Courier) data(ctx context.Context, e outbox.Event, payload outbox.Payload) (name string, data any, err error) {
	base, zone := c.Sheet.BaseURL, c.Sheet.Zone
	switch p := payload.(type) {
	case outbox.Confirm:
		token, err := c.Outbox.ComposeConfirm(ctx, e.Subscriber.ID, c.Now())
		if err != nil {
			return "", nil, err
		}
		return "confirm", render.ConfirmData{ConfirmURL: base + "/confirm/" + token, Email: e.Recipient, ExpiresIn: subscribers.ConfirmFor}, nil
	case outbox.Welcome:
		return "welcome", render.WelcomeData{
			Email:          e.Recipient,
			UnsubscribeURL: base + "/unsubscribe/" + e.Subscriber.Token.String(),
			ArchiveURL:     base + "/archive",
			Next:           c.Sheet.Next(c.Now()),
		}, nil
	case outbox.Goodbye:
		return "goodbye", render.GoodbyeData{Email: e.Recipient, SignUpURL: base + "/"}, nil
	case outbox.FreshLink:
		token, err := c.Outbox.ComposeFreshLink(ctx, e, p.Purpose, c.Now())
		if err != nil {
			return "", nil, err
		}
		return "fresh_link", render.FreshLinkData{
			Email: e.Recipient, Purpose: string(p.Purpose), URL: base + "/link/" + token, ExpiresIn: subscribers.FreshFor,
		}, nil
	case outbox.Login:
		token, err := c.Outbox.ComposeLogin(ctx, e, p.Next, c.Now())
		if err != nil {
			return "", nil, err
		}
		return render.MailLogin, render.LoginData{Email: e.Recipient, URL: base + "/desk/login/" + token, ExpiresIn: editors.LinkFor}, nil
	case outbox.ReaderLinks:
		return "reader_links", c.readerLinks(e, p), nil
	case outbox.AddressChanged:
		return "address_changed", render.AddressChangedData{Email: e.Recipient, SignUpURL: base + "/"}, nil
	case outbox.LeaveLink:
		return "leave", render.LeaveData{Email: e.Recipient, UnsubscribeURL: base + "/unsubscribe/" + e.Subscriber.Token.String()}, nil
	case outbox.DraftReady:
		d := draftReady(p, zone)
		if c.Sheet.Desk && p.Hash != "" {
			d.DeskURL = base + "/desk/approve/" + p.Week.String() + "/" + p.Hash
		}
		return render.MailDraftReady, d, nil
	case outbox.Held:
		return render.MailHeld, render.HeldData{
			Week: p.Week, Subject: p.Subject, Slot: p.Slot.In(zone), Reason: p.Reason, ByHand: p.ByHand, Paused: p.Paused,
		}, nil
	case outbox.Missed:
		return render.MailMissed, render.MissedData{Week: p.Week, Slot: p.Slot.In(zone), CatchUp: p.CatchUp(), Now: p.Noticed.In(zone), Why: missedWhy(p)}, nil
	case outbox.Report:
		return render.MailReport, render.ReportData{
			Week: p.Week, Subject: p.Subject, StartedAt: p.StartedAt.In(zone), FinishedAt: p.FinishedAt.In(zone),
			Total: p.Total, Accepted: p.Accepted, Deferred: p.Deferred, Failed: p.Failed, Unknown: p.Unknown, Suppressed: p.Suppressed,
			Failures: p.Failures, ArchiveURL: p.ArchiveURL, Proof: p.Proof,
		}, nil
	case outbox.Refused:
		return render.MailRefused, render.RefusedData{What: mailWords(p.Mail), Reply: p.Reply, At: p.At.In(zone), Waiting: p.Waiting, Kept: outbox.KeepFor}, nil
	case outbox.Checkup:
		return render.MailCheckup, checkup(p, zone), nil
	case outbox.Returned:
		return render.MailReturned, returned(p, zone), nil
	}
	return "", nil, fmt.Errorf("there is no mail about a %s event", payload.Kind())
}

// readerLinks are the reader's own links to a comparison.
func (c *Courier) readerLinks(e outbox.Event, p outbox.ReaderLinks) render.ReaderLinksData {
	token := func(purpose subscribers.Purpose) string { return c.Links.Token(purpose, e.Subscriber.ID) }
	out := render.ReaderLinksData{
		Email: e.Recipient, Title: p.Title,
		SaveURL:  c.Sheet.BaseURL + "/save/" + token(subscribers.PurposeSave) + "/" + p.Slug,
		SavedURL: c.Sheet.BaseURL + "/saved/" + token(subscribers.PurposeSaved),
	}
	if p.Week != "" {
		out.VoteURL = c.Sheet.BaseURL + "/vote/" + token(subscribers.PurposeVote) + "/" + p.Week + "/" + p.Slug
	}
	return out
}

// mailWords names a mail of a kind to editors.
func mailWords(k outbox.Kind) string {
	switch k {
	case outbox.KindConfirm:
		return "a confirmation"
	case outbox.KindDraftReady, outbox.KindHeld, outbox.KindMissed, outbox.KindReport, outbox.KindRefused, outbox.KindReturned, outbox.KindCheckup, outbox.KindLogin:
		return "a mail to the editors"
	}
	return "a mail to a reader"
}

func checkup(p outbox.Checkup, zone *time.Location) render.CheckupData {
	data := render.CheckupData{Host: p.Host, At: p.At.In(zone), Settled: p.Settled}
	for _, f := range p.Findings {
		data.Findings = append(data.Findings, render.CheckupFinding(f))
	}
	return data
}

func returned(p outbox.Returned, zone *time.Location) render.ReturnedData {
	data := render.ReturnedData{Week: p.Week, Reply: p.Reply, At: p.At.In(zone), InSession: p.InSession}
	if row, ok := refusal.ExplainLine(p.Reply); ok {
		data.Meaning, data.Action, data.Checks = row.Meaning, row.Action, strings.Join(row.Checks, ", ")
		if row.Provider != "any" {
			data.Meaning = row.Provider + ": " + data.Meaning
		}
	}
	return data
}

func missedWhy(m outbox.Missed) string {
	switch why := missedBecause(m.Because); m.Earlier {
	case 0:
		return why
	case 1:
		return why + fmt.Sprintf(" %s, before it, was missed too.", m.First)
	default:
		return why + fmt.Sprintf(" %d weeks before it, from %s on, were missed too; was the clock wrong?", m.Earlier, m.First)
	}
}

func missedBecause(b outbox.Because) string {
	switch b {
	case outbox.BecauseHeld:
		return "An editor held it until it was too late to send it automatically."
	case outbox.BecauseUnapproved:
		return "Nobody approved it before it was too late to send it automatically."
	case outbox.BecauseDown:
		return "The program was not running, or could not send, when it was due, and came back too late to send it automatically."
	}
	return "It was not sent in time, and is too late to be sent automatically."
}

// shownHash is how much of a hash is shown, as 'edition show' has it.
const shownHash = 16

func draftReady(p outbox.DraftReady, zone *time.Location) render.DraftReadyData {
	return render.DraftReadyData{
		Week: p.Week, Subject: p.Subject, Preheader: p.Preheader, Slot: p.Slot.In(zone), ApprovalRequired: p.ApprovalRequired,
		Hash: p.Hash[:min(len(p.Hash), shownHash)], Recipients: p.Readers,
		Featured: items(p.Featured), LeftOut: items(p.LeftOut), Problems: p.Problems, Warnings: p.Warnings, Notes: p.Notes,
		Below: p.HTML != "",
	}
}

func items(list []outbox.Item) []render.EditionItem {
	var out []render.EditionItem
	for _, it := range list {
		out = append(out, render.EditionItem(it))
	}
	return out
}
