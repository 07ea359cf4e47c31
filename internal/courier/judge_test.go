package courier_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/subscribers"
)

func refuses(at smtpsink.Stage, text string) smtpsink.Fault {
	return smtpsink.Fault{At: at, Do: smtpsink.Reply, Reply: text}
}

func (o *office) logged() *bytes.Buffer {
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	return &log
}

// waiting fails unless so many events wait.
func (o *office) waiting(want int) {
	o.t.Helper()
	n, _, err := o.db.Outbox().Waiting(o.t.Context())
	fatal(o.t, err)
	if n != want {
		o.t.Errorf("got %d events waiting, want %d", n, want)
	}
}

// A refusal that is the operator's costs nobody a confirmation: it is tried
// again, the log has the server's words, once, and when the server has been
// fixed the mail goes out.
func TestOperatorsFaultIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []smtpsink.Fault{
		{At: smtpsink.RCPT, Reply: "554 5.7.1 <ada@example.com>: Relay access denied"},
		{At: smtpsink.RCPT, Reply: "550 relaying prohibited"},
		{At: smtpsink.RCPT, Reply: "524 5.2.4 Mailing list expansion problem"},
		{At: smtpsink.RCPT, Reply: "550 5.4.1 Recipient address rejected: Access denied"},
		{At: smtpsink.RCPT, Reply: "550 5.2.1 mailbox disabled"},
		{At: smtpsink.RCPT, Reply: "503 authenticate first"},
		{At: smtpsink.RCPT, Reply: "530 5.7.0 log in"},
		{At: smtpsink.MAIL, Reply: "503 AUTH first"},
		{At: smtpsink.Data, Reply: "554 5.7.1 no"},
		{At: smtpsink.Dot, Reply: "550 5.4.5 Daily sending limit exceeded"},
		{At: smtpsink.Dot, Reply: "524 5.2.4 Mailing list expansion problem"},
		{At: smtpsink.EHLO, Reply: "550 5.7.1 go away"},
		{At: smtpsink.MAIL, Reply: "550 5.7.1 Sender address rejected: not owned by you"},
		{At: smtpsink.Dot, Reply: "554 5.7.1 Message rejected: Email address is not verified"},
		{At: smtpsink.Greeting, Reply: "554 5.7.1 your address is on a block list"},
		{At: smtpsink.MAIL, Reply: "451 4.3.0 later"},
		{At: smtpsink.MAIL, Reply: "450 4.7.30 DKIM does not pass"},
		{At: smtpsink.Greeting, Reply: "421 4.3.2 busy"},
	} {
		t.Run(fault.Reply, func(t *testing.T) {
			t.Parallel()
			const bad = 3
			var faults []smtpsink.Fault
			for i := range bad { // of each connection or command, the first three
				faults = append(faults, smtpsink.Fault{At: fault.At, Do: smtpsink.Reply, Reply: fault.Reply, Nth: i + 1})
			}
			o := newOffice(t, faults...)
			log := o.logged()
			o.signUp("ada@example.com", "")
			for range 2 * bad {
				_, _ = o.Deliver(t.Context()) // errNoServer may end a round
				o.now = o.now.Add(20 * time.Minute)
			}
			var confirmations, notices int
			for _, m := range o.sink.Messages() {
				switch text := decoded(t, m.Data); {
				case m.To == "ada@example.com":
					confirmations++
				case strings.Contains(text, "Mail is being refused") && strings.Contains(text, fault.Reply[:6]):
					notices++
				}
			}
			if confirmations != 1 {
				t.Fatalf("got %d confirmations, want one when the server takes it; log:\n%s", confirmations, log)
			}
			if want := map[bool]int{true: 1, false: 0}[fault.Reply[0] == '5' || strings.Contains(fault.Reply, "4.7.30")]; notices != want {
				t.Errorf("got %d notices to the editors, want %d", notices, want)
			}
			text := log.String()
			if words := fault.Reply[4:]; !strings.Contains(text, strings.ReplaceAll(words, "<ada@example.com>:", "<address>")) {
				t.Errorf("got log %s, want the server's words %q", text, words)
			}
			warned := 0
			for line := range strings.Lines(text) {
				if strings.Contains(line, "level=WARN") && strings.Contains(line, "kind=confirm") {
					warned++
				}
			}
			if warned != 1 {
				t.Errorf("got %d warnings, want 1:\n%s", warned, text)
			}
		})
	}
}

// A refusal for now that no waiting changes is told at once, with what it means and
// what to do, and the mail is tried again; one that waiting does change is not. What
// the account may not do is believed when a second mail is refused for it.
func TestPutOff(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		at      smtpsink.Stage
		reply   string
		one     int // notices after one mail was refused
		two     int // after another one was, too
		meaning string
	}{
		"DKIM":            {smtpsink.RCPT, "450 4.7.30 DKIM does not pass", 1, 1, "publish the DKIM key"},
		"unauthenticated": {smtpsink.Dot, "421 4.7.26 unauthenticated", 1, 1, "publish SPF"},
		"Yahoo's TSS":     {smtpsink.RCPT, "451 4.7.0 [TSS04] deferred", 1, 1, "Sender Hub"},
		"the quota":       {smtpsink.RCPT, "454 Throttling failure: Daily message quota exceeded.", 0, 1, "ask for a higher quota"},
		"greylisting":     {smtpsink.RCPT, "450 4.2.0 greylisted", 0, 0, ""},
		"the rate":        {smtpsink.RCPT, "454 Throttling failure: Maximum sending rate exceeded.", 0, 0, ""},
		"a full mailbox":  {smtpsink.RCPT, "452 4.2.2 full", 0, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var faults []smtpsink.Fault
			for _, to := range []string{"ada@example.com", "bob@example.com"} {
				faults = append(faults, smtpsink.Fault{At: tt.at, Do: smtpsink.Reply, Reply: tt.reply, To: to})
			}
			o := newOffice(t, faults...)
			o.Sessions = 1
			told := func(to string) (n int) {
				o.signUp(to, "")
				for range 3 {
					_, _ = o.Deliver(t.Context()) // errNoServer may end a round
				}
				for _, m := range o.sink.Messages() {
					text := decoded(t, m.Data)
					if m.To == "editor@example.com" && strings.Contains(text, "Mail is being refused") && strings.Contains(text, tt.reply[:6]) {
						n++
						if !strings.Contains(strings.Join(strings.Fields(text), " "), tt.meaning) {
							t.Errorf("got %s, want %q in it", text, tt.meaning)
						}
					} else {
						t.Errorf("got a mail to %s: %s", m.To, text)
					}
				}
				return n
			}
			if got := told("ada@example.com"); got != tt.one {
				t.Errorf("got %d notices after the first refusal, want %d", got, tt.one)
			}
			if got := told("bob@example.com"); got != tt.two {
				t.Errorf("got %d notices after the second mail's, want %d", got, tt.two)
			}
			o.waiting(2)
		})
	}
}

// A server that took mail, and now refuses without saying whom it means, loses
// nobody's confirmation: one such refusal is the reader's so far, a second one,
// of another mail, is told as the operator's.
func TestServerThatChangesItsMind(t *testing.T) {
	t.Parallel()
	const relay = "550 relay not permitted"
	o := newOffice(t,
		smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: relay, To: "bob@example.com", Nth: 1},
		smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: relay, To: "bob@example.com", Nth: 2},
		smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: relay, To: "bob@example.com", Nth: 3},
		smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: relay, To: "cyd@example.com", Nth: 1})
	log := o.logged()
	deliver := func() {
		t.Helper()
		for range 2 {
			_, err := o.Deliver(t.Context())
			fatal(t, err)
		}
		o.now = o.now.Add(20 * time.Minute)
	}
	o.signUp("ada@example.com", "")
	deliver()
	o.signUp("bob@example.com", "")
	deliver()
	deliver()
	if strings.Contains(log.String(), "level=WARN") {
		t.Errorf("got a warning, want one mail's refusal to alarm nobody:\n%s", log)
	}
	o.signUp("cyd@example.com", "")
	deliver()
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "relay not permitted") {
		t.Errorf("got no warning with the server's words:\n%s", log)
	}
	deliver()
	deliver()
	got := map[string]int{}
	for _, m := range o.sink.Messages() {
		got[m.To]++
	}
	for _, to := range []string{"ada@example.com", "bob@example.com", "cyd@example.com"} {
		if got[to] != 1 {
			t.Errorf("%s: got %d confirmations, want 1", to, got[to])
		}
	}
}

// Mails that no server took count towards no limit: whoever signs up again, when
// the first mail has been given up, gets one.
func TestLostConfirmationsLockNobodyOut(t *testing.T) {
	t.Parallel()
	o := newOffice(t, smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: "554 5.7.1 Relay access denied", To: "ada@example.com"})
	for range subscribers.ConfirmMax + 1 {
		o.signUp("ada@example.com", "")
		o.waiting(1)
		for range 30 {
			_, err := o.Deliver(t.Context())
			fatal(t, err)
			o.now = o.now.Add(4 * time.Hour)
		}
		o.waiting(0)
	}
}

// Only a mailbox that does not exist is given up at once.
func TestMailboxThatDoesNotExist(t *testing.T) {
	t.Parallel()
	o := newOffice(t, refuses(smtpsink.RCPT, "550 5.1.1 no such user"))
	log := o.logged()
	o.signUp("ada@example.com", "")
	o.deliver(1)
	o.waiting(0)
	if text := log.String(); !strings.Contains(text, "no such user") {
		t.Errorf("got log %q, want the server's words", text)
	}
}

// A server may limit the mails of a session: that is the session's end, and
// costs no mail an attempt.
func TestLimitOfASession(t *testing.T) {
	t.Parallel()
	o := newOffice(t, smtpsink.Fault{At: smtpsink.MAIL, Do: smtpsink.Reply, Nth: 4, Reply: "452 4.4.5 Mails per session limit"})
	log := o.logged()
	o.Sessions = 1
	for i := range 6 {
		o.signUp(fmt.Sprintf("reader%d@example.com", i), "")
	}
	o.deliver(6)
	if got := o.sink.Count(); got != 6 {
		t.Errorf("got %d messages, want 6; log:\n%s", got, log)
	}
	if got := o.sink.Conns(); got != 2 {
		t.Errorf("got %d connections, want 2", got)
	}
}

// A session carries one mail after another.
func TestSessionIsKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Sessions = 1
	for i := range 20 {
		o.signUp(fmt.Sprintf("reader%d@example.com", i), "")
	}
	o.deliver(20)
	if got := o.sink.Conns(); got != 1 || o.sink.Count() != 20 {
		t.Errorf("got %d connections for %d messages, want 1 for 20", got, o.sink.Count())
	}
}

// A server that goes away at one mail holds no other up, and nobody is told that it
// takes none: the mail is tried again, later each time.
func TestServerBreaksAtAMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t, smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.DropBefore, To: "mallory@example.com"})
	log := o.logged()
	o.Sessions = 1
	o.signUp("mallory@example.com", "")
	for i := range 20 {
		o.signUp(fmt.Sprintf("reader%d@example.com", i), "")
		if _, err := o.Deliver(t.Context()); err != nil {
			t.Errorf("round %d: got %v, want none that ends it", i, err)
		}
		if got := o.sink.Count(); got != i+1 {
			t.Fatalf("round %d: got %d mails taken, want each reader's", i, got)
		}
		o.now = o.now.Add(time.Minute)
	}
	o.waiting(1)
	if text := log.String(); strings.Count(text, "went away in mid-message") > 8 || strings.Contains(text, "accepts no mail;") {
		t.Errorf("got log\n%s\nwant the tries to become rare", text)
	}
}

// A server that cannot be reached costs no mail an attempt, and is called once a
// round, not once a mail.
func TestNoServer(t *testing.T) {
	t.Parallel()
	o := newOffice(t, smtpsink.Fault{At: smtpsink.Greeting, Do: smtpsink.DropBefore})
	for i := range 20 {
		o.signUp(fmt.Sprintf("reader%d@example.com", i), "")
	}
	for round := 1; round <= 5; round++ {
		if n, err := o.Deliver(t.Context()); err == nil || n != 1 {
			t.Errorf("round %d: got %d mails taken, %v, want one and an error", round, n, err)
		}
		if got := o.sink.Conns(); got != round {
			t.Errorf("round %d: got %d connections, want one a round", round, got)
		}
	}
	e, ok, err := o.db.Outbox().Take(t.Context(), o.now)
	if !ok || err != nil || e.Attempts != 1 {
		t.Errorf("got %+v, %v, %v, want an event that was not tried before", e, ok, err)
	}
}

// BenchmarkDeliver tells confirmations over a line with a round trip of 30 ms.
func BenchmarkDeliver(b *testing.B) {
	const n = 200
	for _, pipelining := range []bool{false, true} {
		b.Run(fmt.Sprintf("pipelining=%v", pipelining), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				o := newOfficeAt(b, smtpsink.Options{RTT: 30 * time.Millisecond, Pipelining: pipelining})
				for i := range n {
					o.signUp(fmt.Sprintf("reader%d@example.com", i), "")
				}
				b.StartTimer()
				o.deliver(n)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}
