package courier_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/courier"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/message"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/render"
	"verdicts.example/digest/internal/render/rendertest"
	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

var testLinks = subscribers.NewLinks([]byte("thirty-two bytes of some secret.."))

// An office is a courier over a real database and a real SMTP dialogue.
type office struct {
	*courier.Courier
	t    testing.TB
	db   *sqlite.DB
	list *subscribers.Service
	sink *smtpsink.Sink
	now  time.Time
}

const base = "https://digest.example.com"

func newOffice(t *testing.T, faults ...smtpsink.Fault) *office {
	t.Helper()
	return newOfficeAt(t, smtpsink.Options{Faults: faults})
}

func newOfficeAt(t testing.TB, server smtpsink.Options) *office {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	fatal(t, err)
	t.Cleanup(func() { _ = db.Close() })
	sink, err := smtpsink.Start(server)
	fatal(t, err)
	t.Cleanup(func() { _ = sink.Close() })
	log := slog.New(slog.DiscardHandler)
	renderer, err := render.New(rendertest.Templates(), render.Site{Name: "Weekly AI Tool Verdicts", BaseURL: base, PostalAddress: "1 Example Street"})
	fatal(t, err)
	dialer, err := mailer.New(mailer.Config{Host: "127.0.0.1", Port: sink.Port(), TLS: mailer.NoTLS, From: "verdicts@example.com"}, log)
	fatal(t, err)
	signer, err := message.NewSigner(time.Now)
	fatal(t, err)
	o := &office{t: t, db: db, sink: sink, now: time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return o.now }
	o.list = subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{Now: now})
	o.Courier = courier.New(courier.Parts{
		Outbox: db.Outbox(), Links: testLinks, Renderer: renderer, Dialer: dialer, Signer: signer, Now: now, Log: log,
		Editors: func() []string { return []string{"editor@example.com"} },
		Sheet: courier.Sheet{
			From: mail.Address{Name: "Weekly AI Tool Verdicts", Address: "verdicts@example.com"}, BaseURL: base,
			Zone: time.UTC, Next: func(context.Context, time.Time) time.Time { return time.Time{} },
		},
	})
	return o
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) signUp(email, name string) {
	o.t.Helper()
	fatal(o.t, o.list.SignUp(o.t.Context(), subscribers.SignUp{Email: email, Name: name}))
	_, err := o.list.Process(o.t.Context())
	fatal(o.t, err)
}

func (o *office) deliver(want int) {
	o.t.Helper()
	n, err := o.Deliver(o.t.Context())
	fatal(o.t, err)
	if n != want {
		o.t.Fatalf("got %d mails taken, want %d", n, want)
	}
}

// decoded undoes quoted-printable, as far as a search needs it.
func decoded(t *testing.T, data []byte) string {
	t.Helper()
	out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(data)))
	fatal(t, err)
	return string(out)
}

func TestFromSignUpToWelcome(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.signUp("ada@example.com", "Buy at evil.example")
	o.deliver(1)
	got := o.sink.Messages()
	if len(got) != 1 || got[0].To != "ada@example.com" {
		t.Fatalf("got %d messages, want the confirmation", len(got))
	}
	text := decoded(t, got[0].Data)
	if strings.Contains(text, "evil.example") {
		t.Error("got what the visitor typed in the confirmation, want only the address")
	}
	if !strings.Contains(text, "Auto-Submitted: auto-generated") {
		t.Error("got no Auto-Submitted field")
	}
	token := regexp.MustCompile(base + `/confirm/([\w-]+)`).FindStringSubmatch(text)
	if token == nil {
		t.Fatalf("got no link in %s", text)
	}
	sub, err := o.list.Get(t.Context(), "ada@example.com")
	fatal(t, err)
	if want := base + "/decline/" + testLinks.Token(subscribers.PurposeDecline, sub.ID); !strings.Contains(text, want) {
		t.Errorf("got no %s in %s", want, text)
	}
	_, err = o.list.Confirm(t.Context(), token[1])
	fatal(t, err)
	o.deliver(1)
	got = o.sink.Messages()
	if len(got) != 2 || !strings.Contains(string(got[1].Data), "List-Unsubscribe: <"+base+"/unsubscribe/") {
		t.Errorf("got %d messages, want a welcome that can be answered by leaving", len(got))
	}
}

// What a server takes later is sent later; what it refuses for good is not sent
// again.
func TestRetryAndRefusal(t *testing.T) {
	t.Parallel()
	o := newOffice(t,
		smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, To: "later@example.com", Nth: 1, Reply: "451 4.7.1 greylisted"},
		smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, To: "nobody@example.com", Reply: "550 5.1.1 no such user"},
	)
	o.signUp("later@example.com", "")
	o.signUp("nobody@example.com", "")
	o.deliver(2)
	if o.sink.Count() != 0 {
		t.Fatalf("got %d messages, want none yet", o.sink.Count())
	}
	o.deliver(0) // neither is due
	o.now = o.now.Add(5 * time.Minute)
	o.deliver(1)
	if got := o.sink.Messages(); len(got) != 1 || got[0].To != "later@example.com" {
		t.Errorf("got %d messages, want the one to the greylisted reader", len(got))
	}
}

// A leaver's sessions have the program told to stop when they have sent.
type leaver struct {
	delivery.Dialer
	stop context.CancelFunc
}

type leaverSession struct {
	delivery.Session
	stop context.CancelFunc
}

func (l leaver) Dial(ctx context.Context) (delivery.Session, error) {
	s, err := l.Dialer.Dial(ctx)
	return leaverSession{s, l.stop}, err
}

func (l leaverSession) Send(ctx context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	res := l.Session.Send(ctx, m, intend)
	l.stop()
	return res
}

// What arrived while the program was told to stop is not sent again.
func TestStopRecordsWhatWasSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.signUp("ada@example.com", "")
	ctx, stop := context.WithCancel(t.Context())
	o.Dialer = leaver{o.Dialer, stop}
	_ = o.Run(ctx)
	if got := o.sink.Count(); got != 1 {
		t.Fatalf("got %d messages, want 1", got)
	}
	o.now = o.now.Add(time.Hour)
	o.deliver(0)
}

// What a server says of a reader stays out of the log.
func TestLogHoldsNoAddress(t *testing.T) {
	t.Parallel()
	o := newOffice(t, smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: "451 4.7.1 <ada@example.com>: greylisted"})
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	o.signUp("ada@example.com", "")
	o.deliver(1)
	if text := log.String(); strings.Contains(text, "ada@") || !strings.Contains(text, "451") {
		t.Errorf("got log %q, want the code and no address", text)
	}
}

// A confirmation whose reader was removed meanwhile is not sent.
func TestWithdrawnMailIsNotSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.signUp("ada@example.com", "")
	_, err := o.list.Erase(t.Context(), "ada@example.com")
	fatal(t, err)
	o.deliver(0)
}

func TestNotices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	week := edition.Week{Year: 2026, Number: 48}
	slot := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	for _, p := range []outbox.Payload{
		outbox.DraftReady{Week: week, Subject: "A subject", Slot: slot, Featured: []outbox.Item{{Title: "A vs B", Reason: "new"}}},
		outbox.Held{Week: week, Slot: slot, Reason: "waits for approval"},
		outbox.Missed{Week: week, Slot: slot, CatchUpSeconds: 3600, Noticed: slot.Add(2 * time.Hour)},
		outbox.Checkup{Host: "w48.example.org", At: slot, Findings: []outbox.Finding{{Check: "spf", Fails: true, Detail: "no record", Fix: "publish one", New: true}}},
		outbox.Report{Week: week, Subject: "A subject", StartedAt: slot, FinishedAt: slot.Add(time.Minute), Total: 3, Accepted: 3},
	} {
		for range 2 { // told twice, sent once
			fatal(t, o.db.Outbox().Tell(t.Context(), []string{"editor@example.com"}, p, "2026-W48", o.now))
		}
	}
	o.deliver(5)
	for _, m := range o.sink.Messages() {
		if !strings.Contains(decoded(t, m.Data), "48") {
			t.Errorf("got an editors' mail that does not name its week: %s", m.Data)
		}
	}
}

// The editors read the draft itself below what is said of it, and the commands
// that approve it, and no other, and hold it.
func TestDraftStandsInItsMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := outbox.DraftReady{
		Week: edition.Week{Year: 2026, Number: 48}, Subject: "A subject", Hash: "0123456789abcdef0123", Readers: 1234,
		Slot: time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC), Warnings: []string{"links.reachable: one does not answer"},
		HTML: "<html><body><div>hidden</div><table><tr><td>what readers read</td></tr></table></body></html>", Text: "what readers read, in text",
	}
	fatal(t, o.db.Outbox().Tell(t.Context(), []string{"editor@example.com"}, p, "2026-W48", o.now))
	o.deliver(1)
	text := decoded(t, o.sink.Messages()[0].Data)
	for _, want := range []string{
		"what readers read</td>", "what readers read, in text", "digest edition approve --week 2026-W48 --hash 0123456789abcdef\r\n",
		"digest edition hold --week 2026-W48", "1,234 readers", "links.reachable: one does not answer",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in the mail:\n%s", want, text)
		}
	}
}

// What a newer program wrote is kept for it, and given up after three days.
func TestUnknownEventWaits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	fatal(t, o.db.Outbox().Tell(t.Context(), []string{"editor@example.com"}, birthday{}, "x", o.now))
	o.deliver(1)
	for range 60 {
		o.now = o.now.Add(4 * time.Hour)
		_, err := o.Deliver(t.Context())
		fatal(t, err)
	}
	if n, _, err := o.db.Outbox().Waiting(t.Context()); n != 0 || err != nil || o.sink.Count() != 0 {
		t.Errorf("got %d waiting, %v, and %d messages after ten days, want none", n, err, o.sink.Count())
	}
}

// A birthday is an event of a kind that this program does not know.
type birthday struct{}

func (birthday) Kind() outbox.Kind { return "birthday" }
