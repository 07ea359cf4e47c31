package courier_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/subscribers"
)

// A bouncer brings what came back to the list.
type bouncer struct {
	*office
	tags  *message.Tagger
	taker *inbound.Taker
}

func newBouncer(t *testing.T) *bouncer {
	t.Helper()
	o := newOffice(t)
	secret, err := o.db.Secret(t.Context())
	fatal(t, err)
	tags, err := message.NewTagger(secret)
	fatal(t, err)
	o.Sheet.BounceDomain, o.Sheet.Tagger = "bounces.example.com", tags
	o.Sheet.UnsubscribeMailto = message.UnsubscribeLocal + "@bounces.example.com"
	return &bouncer{o, tags, inbound.NewTaker(inbound.Parts{
		Store: o.db.Inbox(), Tagger: tags, Leave: o.list.Unsubscribe, LeaveReader: o.list.UnsubscribeReader,
		Now: func() time.Time { return o.now }, Editors: func() []string { return []string{"editor@example.com"} },
	})}
}

// back brings a bounce of the n-th mail that was sent.
func (b *bouncer) back(n int, status string) inbound.Taken {
	b.t.Helper()
	mail := b.sink.Messages()[n]
	taken, err := b.taker.Take(b.t.Context(), []byte("From: MAILER-DAEMON@relay.example\r\nSubject: Undelivered\r\nContent-Type: message/delivery-status\r\n\r\n"+
		"Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; "+mail.To+"\r\nAction: failed\r\nStatus: "+status+"\r\n"), mail.From)
	fatal(b.t, err)
	return taken
}

func (b *bouncer) waiting(want int) {
	b.t.Helper()
	n, _, err := b.db.Outbox().Waiting(b.t.Context())
	fatal(b.t, err)
	if n != want {
		b.t.Errorf("got %d mails waiting, want %d", n, want)
	}
}

// A confirmation that bounces ends its sign-up, and tells nobody. The mailbox may
// be made later: its owner can sign up again.
func TestBouncedConfirmation(t *testing.T) {
	t.Parallel()
	b := newBouncer(t)
	b.signUp("adda@example.com", "")
	b.deliver(1)
	mail := b.sink.Messages()[0]
	if !strings.HasPrefix(mail.From, "notice+2026-w47.") || !strings.HasSuffix(mail.From, "@bounces.example.com") {
		t.Errorf("got the envelope sender %s", mail.From)
	}
	token := regexp.MustCompile(base + `/confirm/([\w-]+)`).FindStringSubmatch(decoded(t, mail.Data))[1]
	if taken := b.back(0, "4.2.2"); taken.Outcome != inbound.OutcomeRecorded {
		t.Errorf("a full mailbox: got %s, want recorded", taken.Outcome)
	}
	if _, err := b.list.ConfirmInfo(t.Context(), token); err != nil {
		t.Errorf("after a soft bounce: got %v, want a link that works", err)
	}
	if taken := b.back(0, "5.1.1"); taken.Outcome != inbound.OutcomeExpired || !taken.Effect.Expired {
		t.Errorf("got %s %+v, want expired", taken.Outcome, taken.Effect)
	}
	if taken := b.back(0, "5.1.1"); taken.Outcome != inbound.OutcomeAgain {
		t.Errorf("the same mail: got %s, want again", taken.Outcome)
	}
	if _, err := b.list.Confirm(t.Context(), token); !errors.Is(err, subscribers.ErrUsed) {
		t.Errorf("got %v, want %v", err, subscribers.ErrUsed)
	}
	b.waiting(0)
	b.now = b.now.Add(subscribers.ConfirmEvery)
	b.signUp("adda@example.com", "")
	b.deliver(1)
	if got := len(b.sink.Messages()); got != 2 {
		t.Errorf("got %d mails, want another confirmation", got)
	}
}

// A welcome that bounces says that an active reader's mailbox is gone; a complaint
// about a confirmation keeps the address off the list.
func TestBouncedWelcome(t *testing.T) {
	t.Parallel()
	b := newBouncer(t)
	b.signUp("ada@example.com", "")
	b.deliver(1)
	token := regexp.MustCompile(base + `/confirm/([\w-]+)`).FindStringSubmatch(decoded(t, b.sink.Messages()[0].Data))[1]
	reader, err := b.list.Confirm(t.Context(), token)
	fatal(t, err)
	b.deliver(1)
	welcome := string(b.sink.Messages()[1].Data)
	leave := regexp.MustCompile(`<mailto:(unsubscribe\+[^?]+)\?subject=unsubscribe>`).FindStringSubmatch(welcome)
	if leave == nil {
		t.Fatalf("got no unsubscribe address in %s", welcome)
	}
	if _, id, ok := b.tags.ParseLeave(leave[1]); !ok || id != reader.ID {
		t.Errorf("got the address of reader %d, want %d", id, reader.ID)
	}
	if taken := b.back(1, "5.1.1"); taken.Outcome != inbound.OutcomeSuppressed || taken.Effect.Suppressed != subscribers.HardBounce {
		t.Errorf("got %s %+v, want suppressed", taken.Outcome, taken.Effect)
	}
	b.signUp("bea@example.com", "")
	b.deliver(1)
	complaint := "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Mail-From: " + b.sink.Messages()[2].From + "\r\nOriginal-Rcpt-To: bea@example.com\r\n"
	taken, err := b.taker.Take(t.Context(), []byte(complaint), b.sink.Messages()[2].From)
	fatal(t, err)
	if taken.Effect.Suppressed != subscribers.Complaint {
		t.Errorf("got %s %+v, want a complaint", taken.Report.Kind, taken.Effect)
	}
	b.waiting(0)
}
