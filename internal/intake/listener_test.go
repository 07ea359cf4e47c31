package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/subscribers"
)

// One address understands both protocols, DATA and BDAT; the right reader gets no
// more mail, and nobody else.
func TestListenerTakesBounces(t *testing.T) {
	t.Parallel()
	l := newList(t, 5)
	addr := l.listen(l.taker)
	for id, way := range map[int64]struct {
		hello string
		chunk bool
	}{1: {"LHLO relay.example", false}, 2: {"EHLO relay.example", false}, 3: {"EHLO relay.example", true}, 4: {"LHLO relay.example", true}} {
		c, to := dial(t, addr), l.verp(id)
		c.say("", "220")
		c.say(way.hello, "250")
		c.say("MAIL FROM:<>", "250")
		c.say("RCPT TO:<"+strings.ToUpper(to)+">", "250")
		if mail := bounce(to); way.chunk {
			c.say(fmt.Sprintf("BDAT %d LAST\r\n%s", len(mail), strings.TrimSuffix(mail, "\r\n")), "250")
		} else {
			c.say("DATA", "354")
			c.say(mail+".", "250")
		}
		c.say("QUIT", "221")
		if got := l.Suppression(id); got != subscribers.HardBounce {
			t.Errorf("%s: got suppression %d, want %d", way.hello, got, subscribers.HardBounce)
		}
	}
	if got := l.Suppressed(5); got != 4 || l.Suppression(5) != subscribers.NotSuppressed {
		t.Errorf("got %d readers suppressed, want 4 and not the fifth", got)
	}
	l.Verify()
}

// It is no open relay, and takes mail to no address that this list has not made.
func TestListenerRefuses(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	c := dial(t, l.listen(l.taker))
	to := l.verp(1)
	c.say("", "220")
	c.say("MAIL FROM:<a@b.example>", "502")
	ehlo := c.say("EHLO somebody", "250")
	if !strings.Contains(ehlo, "SIZE 52428800") || strings.Contains(ehlo, "AUTH") {
		t.Errorf("got %q, want the size limit and no login", ehlo)
	}
	c.say("MAIL FROM:<a@b.example> SIZE=52428801", "552")
	c.say("MAIL FROM:<a@b.example>", "250")
	for rcpt, want := range map[string]string{
		"somebody@elsewhere.example":                             "550 5.7.1",
		"somebody%elsewhere.example@" + domain:                   "550 5.1.1",
		"@elsewhere.example:" + to:                               "250",
		"bounce@" + domain:                                       "550 5.1.1",
		strings.Replace(to, "bounce+2", "bounce+3", 1):           "550 5.1.1",
		strings.Replace(to, "bounce+", "unsubscribe+", 1):        "550 5.1.1",
		strings.Replace(to, domain, "example.org", 1):            "550 5.7.1",
		"verdicts@" + domain:                                     "550 5.1.1",
		to:                                                       "250",
		"unsubscribe@" + domain:                                  "250",
		"postmaster@" + domain:                                   "250",
		"dmarc@" + strings.ToUpper(domain):                       "250",
		"unsubscribe+" + l.tags.LeaveTag(week, 1) + "@" + domain: "250",
	} {
		c.say("RCPT TO:<"+rcpt+">", want)
	}
	c.say("VRFY verdicts", "252")
	c.say("STARTTLS", "5")
	c.say("QUIT", "221")
}

// A mail that is too large is refused, its memory given back, and the next one
// taken; nothing of it counts.
func TestListenerBoundsMail(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	addr := l.listen(l.taker)
	c := dial(t, addr)
	c.say("", "220")
	c.say("EHLO somebody", "250")
	c.say("MAIL FROM:<>", "250")
	c.say("RCPT TO:<"+l.verp(1)+">", "250")
	c.say("DATA", "354")
	line := strings.Repeat("x", 998) + "\r\n"
	if _, err := io.WriteString(c.conn, bounce(l.verp(1))); err != nil {
		t.Fatal(err)
	}
	for range 53 {
		if _, err := io.WriteString(c.conn, strings.Repeat(line, 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
	c.say(".", "552")
	if got := l.Suppression(1); got != subscribers.NotSuppressed {
		t.Errorf("got suppression %d of a mail that was refused, want none", got)
	}
	c.say("MAIL FROM:<>", "250")
	c.say("RCPT TO:<"+l.verp(1)+">", "250")
	c.say("DATA", "354")
	c.say(bounce(l.verp(1))+strings.Repeat(line, 40<<10)+".", "250") // only its beginning is looked at
	if got := l.Suppression(1); got != subscribers.HardBounce {
		t.Errorf("got suppression %d, want %d", got, subscribers.HardBounce)
	}
}

// While the database cannot record it, a mail is put off, and it is taken when it
// comes again.
func TestListenerPutsOff(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	addr := l.listen(l.taker)
	c := dial(t, addr)
	c.say("", "220")
	c.say("LHLO relay", "250")
	unblock, err := l.SQLite().Block()
	if err != nil {
		t.Fatal(err)
	}
	try := func(want string) {
		c.say("MAIL FROM:<>", "250")
		c.say("RCPT TO:<"+l.verp(1)+">", "250")
		c.say("DATA", "354")
		c.say(bounce(l.verp(1))+".", want)
	}
	try("451")
	if err := unblock(); err != nil {
		t.Fatal(err)
	}
	try("250")
	try("250")
	if got := l.tally(inbound.OutcomeSuppressed); got != 1 {
		t.Errorf("got %d mails that suppressed, want 1", got)
	}
	if got := l.tally(inbound.OutcomeAgain); got != 1 {
		t.Errorf("got %d mails that came before, want 1", got)
	}
}

// A mail to a reader's unsubscribe address lets that reader go, whoever wrote it
// and however it is marked; one to the list's own address lets nobody go.
func TestListenerUnsubscribes(t *testing.T) {
	t.Parallel()
	l := newList(t, 4)
	c := dial(t, l.listen(l.taker))
	c.say("", "220")
	c.say("EHLO reader", "250")
	leave := func(to, mail string) {
		t.Helper()
		c.say("MAIL FROM:<somebody@reader.example>", "250")
		c.say("RCPT TO:<"+to+">", "250")
		c.say("DATA", "354")
		c.say(mail+"\r\n.", "250")
	}
	own := func(id int64) string { return "unsubscribe+" + l.tags.LeaveTag(week, id) + "@" + domain }
	leave(own(1), "From: somebody@reader.example\r\nSubject: unsubscribe\r\n\r\n")
	leave(own(2), "From: somebody@reader.example\r\nAuto-Submitted: auto-replied\r\nX-Apple-Unsubscribe: true\r\n\r\nApple")
	leave(own(3), "From: somebody@reader.example\r\nAuto-Submitted: auto-generated\r\nSubject: (no subject)\r\n\r\n")
	leave(own(3), "From: somebody@reader.example\r\nSubject: unsubscribe\r\n\r\n")
	leave("unsubscribe@"+domain, "From: reader4@d4.example\r\nSubject: unsubscribe\r\n\r\n")
	for id := range int64(4) {
		got, want := l.status(id+1).Status, subscribers.Unsubscribed
		if id == 3 {
			want = subscribers.Active
		}
		if got != want {
			t.Errorf("reader %d: got status %d, want %d", id+1, got, want)
		}
	}
	if got := l.tally(inbound.OutcomeKept); got != 1 {
		t.Errorf("got %d mails kept, want the one that proves nothing", got)
	}
}

// People write to a postmaster: their mail is kept, not lost.
func TestListenerKeepsLettersToPostmaster(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	c := dial(t, l.listen(l.taker))
	c.say("", "220")
	c.say("EHLO person", "250")
	c.say("MAIL FROM:<kim@elsewhere.example>", "250")
	c.say("RCPT TO:<postmaster@"+domain+">", "250")
	c.say("DATA", "354")
	c.say("From: kim@elsewhere.example\r\nSubject: your mail\r\n\r\nPlease call.\r\n.", "250")
	kept, err := l.db.Inbox().Kept(t.Context())
	if err != nil || len(kept) != 1 || !strings.Contains(string(kept[0].Raw), "Please call.") {
		t.Errorf("got %d kept, %v, want the letter", len(kept), err)
	}
}

// A mail that is under way when the listener ends is recorded before Serve returns.
func TestListenerEndsAfterWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	l := newList(t, 1)
	slow := &slowTaker{Taker: l.taker, entered: make(chan struct{}), go_: make(chan struct{})}
	t.Cleanup(func() { // after the listener's own end
		if got := l.Suppression(1); got != subscribers.HardBounce {
			t.Errorf("got suppression %d after the end, want %d", got, subscribers.HardBounce)
		}
	})
	c := dial(t, l.listen(slow))
	c.say("", "220")
	c.say("EHLO relay", "250")
	c.say("MAIL FROM:<>", "250")
	c.say("RCPT TO:<"+l.verp(1)+">", "250")
	mail := bounce(l.verp(1))
	if _, err := fmt.Fprintf(c.conn, "BDAT %d LAST\r\n%s", len(mail), mail); err != nil {
		t.Fatal(err)
	}
	<-slow.entered
	close(slow.go_)
}

// A slowTaker waits before it takes.
type slowTaker struct {
	*inbound.Taker
	entered, go_ chan struct{}
}

func (s *slowTaker) Take(ctx context.Context, raw []byte, to ...string) (inbound.Taken, error) {
	close(s.entered)
	<-s.go_
	return s.Taker.Take(ctx, raw, to...)
}

// A failingTaker fails as long as it is told to.
type failingTaker struct {
	*inbound.Taker
	fail atomic.Bool
}

func (f *failingTaker) Take(ctx context.Context, raw []byte, to ...string) (inbound.Taken, error) {
	if f.fail.Load() {
		return inbound.Taken{}, errors.New("the disk is full")
	}
	return f.Taker.Take(ctx, raw, to...)
}

func (f *failingTaker) TakeReport(ctx context.Context, r inbound.Report, raw []byte) (inbound.Taken, error) {
	if f.fail.Load() {
		return inbound.Taken{}, errors.New("the disk is full")
	}
	return f.Taker.TakeReport(ctx, r, raw)
}
