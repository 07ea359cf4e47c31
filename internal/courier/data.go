package courier

import (
	"context"
	"fmt"
	"strings"
	"time"

	"verdicts.example/digest/internal/editors"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/subscribers"
)

// data gives the template of a mail and its data, times in the list's zone. What
// a visitor typed (the details of a confirmation) is not looked at.
func (c *Courier) data(ctx context.Context, e outbox.Event, payload outbox.Payload) (name string, data any, err error) {
	base := c.Sheet.BaseURL
	switch p := payload.(type) {
	case outbox.Confirm:
		token, err := c.Outbox.ComposeConfirm(ctx, e.Subscriber.ID, c.Now())
		if err != nil {
			return "", nil, err
		}
		decline := c.Links.Token(subscribers.PurposeDecline, e.Subscriber.ID)
		return "confirm", render.ConfirmData{ConfirmURL: base + "/confirm/" + token, DeclineURL: base + "/decline/" + decline, Email: e.Recipient, ExpiresIn: subscribers.ConfirmFor}, nil
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
	}
	if name, data, ok := c.toReader(ctx, e, payload); ok {
		return name, data, nil
	}
	if name, data, ok := c.toEditors(payload); ok {
		return name, data, nil
	}
	return "", nil, fmt.Errorf("there is no mail about a %s event", payload.Kind())
}

// toReader is data of a mail to a reader without a link that is made for it.
func (c *Courier) toReader(ctx context.Context, e outbox.Event, payload outbox.Payload) (name string, data any, ok bool) {
	base := c.Sheet.BaseURL
	unsubscribe := base + "/unsubscribe/" + e.Subscriber.Token.String()
	switch p := payload.(type) {
	case outbox.Welcome:
		return "welcome", render.WelcomeData{
			Email: e.Recipient, UnsubscribeURL: unsubscribe, ArchiveURL: base + "/archive", Next: c.Sheet.Next(ctx, c.Now()),
		}, true
	case outbox.Goodbye:
		return "goodbye", render.GoodbyeData{Email: e.Recipient, SignUpURL: base + "/", ReturnURL: unsubscribe}, true
	case outbox.ReaderLinks:
		return "reader_links", c.readerLinks(e, p), true
	case outbox.AddressChanged:
		return "address_changed", render.AddressChangedData{Email: e.Recipient, SignUpURL: base + "/"}, true
	case outbox.LeaveLink:
		return "leave", render.LeaveData{Email: e.Recipient, UnsubscribeURL: unsubscribe}, true
	}
	return "", nil, false
}

// toEditors is data of a mail to the editors.
func (c *Courier) toEditors(payload outbox.Payload) (name string, data any, ok bool) {
	zone := c.Sheet.Zone
	switch p := payload.(type) {
	case outbox.DraftReady:
		return render.MailDraftReady, c.draftReady(p), true
	case outbox.Held:
		return render.MailHeld, render.HeldData{
			Week: p.Week, Subject: p.Subject, Slot: p.Slot.In(zone), Reason: p.Reason, ByHand: p.ByHand, Paused: p.Paused,
			DeskURL: c.desk("/week/" + p.Week.String()),
		}, true
	case outbox.Missed:
		return render.MailMissed, render.MissedData{Week: p.Week, Slot: p.Slot.In(zone), CatchUp: p.CatchUp(), Now: p.Noticed.In(zone), Why: missedWhy(p), DeskURL: c.desk("/week/" + p.Week.String())}, true
	case outbox.Report:
		return render.MailReport, render.ReportData{
			Week: p.Week, Subject: p.Subject, StartedAt: p.StartedAt.In(zone), FinishedAt: p.FinishedAt.In(zone),
			Total: p.Total, Accepted: p.Accepted, Deferred: p.Deferred, Failed: p.Failed, Unknown: p.Unknown, Suppressed: p.Suppressed,
			Failures: p.Failures, Unread: p.Unread, DeskURL: c.desk("/outcome"), ArchiveURL: p.ArchiveURL, Proof: p.Proof, FirstPart: p.FirstPart,
		}, true
	case outbox.Refused:
		return render.MailRefused, render.RefusedData{What: mailWords(p.Mail), Reply: p.Reply, Explained: explained(p.Reply), At: p.At.In(zone), Waiting: p.Waiting, Kept: outbox.KeepFor}, true
	case outbox.Surge:
		return render.MailSurge, render.SurgeData{
			Since: p.Since.In(zone), Domains: strings.Join(p.Domains, ", "), Asked: p.Asked, Confirmed: p.Confirmed, Held: p.Held,
		}, true
	case outbox.Checkup:
		return render.MailCheckup, checkup(p, zone), true
	case outbox.Returned:
		return render.MailReturned, returned(p, zone), true
	}
	return "", nil, false
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

func checkup(p outbox.Checkup, zone *time.Location) render.CheckupData {
	data := render.CheckupData{Host: p.Host, At: p.At.In(zone), Settled: p.Settled}
	for _, f := range p.Findings {
		data.Findings = append(data.Findings, render.CheckupFinding(f))
	}
	return data
}

func returned(p outbox.Returned, zone *time.Location) render.ReturnedData {
	return render.ReturnedData{Week: p.Week, Reply: p.Reply, Explained: explained(p.Reply), At: p.At.In(zone), InSession: p.InSession}
}

// explained is what a server's reply means.
func explained(reply string) (x render.Explained) {
	row, ok := refusal.ExplainLine(reply)
	if !ok {
		return x
	}
	x = render.Explained{Meaning: row.Meaning, Action: row.Action, Checks: strings.Join(row.Checks, ", ")}
	if row.Provider != "any" {
		x.Meaning = row.Provider + ": " + x.Meaning
	}
	return x
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

func (c *Courier) draftReady(p outbox.DraftReady) render.DraftReadyData {
	d := render.DraftReadyData{
		Week: p.Week, Subject: p.Subject, Preheader: p.Preheader, Slot: p.Slot.In(c.Sheet.Zone), ApprovalRequired: p.ApprovalRequired,
		Hash: p.Hash[:min(len(p.Hash), shownHash)], Recipients: p.Readers,
		Featured: items(p.Featured), LeftOut: items(p.LeftOut), Problems: p.Problems, Warnings: p.Warnings, Notes: p.Notes,
		Below: p.HTML != "",
	}
	if p.Hash != "" {
		d.DeskURL = c.desk("/approve/" + p.Week.String() + "/" + p.Hash)
	}
	return d
}

// desk is the address of a page of the editors' desk; "" where there is no desk.
func (c *Courier) desk(path string) string {
	if !c.Sheet.Desk {
		return ""
	}
	return c.Sheet.BaseURL + "/desk" + path
}

func items(list []outbox.Item) []render.EditionItem {
	var out []render.EditionItem
	for _, it := range list {
		out = append(out, render.EditionItem(it))
	}
	return out
}
