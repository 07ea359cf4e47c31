package storetest

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func testOutboxOrder(t *testing.T, l *list) {
	for _, email := range []string{"c@example.com", "a@example.com", "b@example.com"} {
		l.signUp(email)
	}
	mails, tokens := l.delivered()
	if got := kinds(mails); got != `["confirm to c@example.com" "confirm to a@example.com" "confirm to b@example.com"]` {
		t.Errorf("got %s, want the oldest first", got)
	}
	if len(tokens) != 3 || tokens[0] == tokens[1] {
		t.Errorf("got the tokens %q, want one each", tokens)
	}
}

// testOutboxLease loses a sender in the middle of a mail.
func testOutboxLease(t *testing.T, l *list) {
	l.signUp(ada)
	m, ok, err := l.store.TakeMail(l.ctx(), l.now)
	if !ok || err != nil {
		t.Fatalf("got %v, %v, want the mail", ok, err)
	}
	if _, ok, err := l.store.TakeMail(l.ctx(), l.now.Add(9*time.Minute)); ok || err != nil {
		t.Errorf("got %v, %v while it is leased, want nothing", ok, err)
	}
	again, ok, err := l.store.TakeMail(l.ctx(), l.now.Add(10*time.Minute))
	if !ok || err != nil || again.ID != m.ID || again.Attempts != 2 {
		t.Errorf("got %+v, %v, %v after the lease, want the same mail", again, ok, err)
	}
	l.check(l.store.FinishMail(l.ctx(), m.ID, l.now))
	l.now = l.now.Add(time.Hour)
	l.nothing("finished")
}

func testOutboxGivesUp(t *testing.T, l *list) {
	// After so many attempts.
	l.signUp("often@example.com")
	for i := 1; ; i++ {
		m, ok, err := l.store.TakeMail(l.ctx(), l.now)
		if !ok || err != nil {
			t.Fatalf("attempt %d: got %v, %v, want the mail", i, ok, err)
		}
		l.now = l.now.Add(time.Minute)
		gaveUp, err := l.store.RetryMail(l.ctx(), m.ID, l.now, "connection refused")
		l.check(err)
		if gaveUp != (i == subscribers.MailAttempts) {
			t.Fatalf("attempt %d: got given up %v, want it after %d", i, gaveUp, subscribers.MailAttempts)
		}
		if gaveUp {
			break
		}
	}
	// After so long.
	l.signUp("long@example.com")
	m, _, err := l.store.TakeMail(l.ctx(), l.now)
	l.check(err)
	if gaveUp, err := l.store.RetryMail(l.ctx(), m.ID, l.now.Add(subscribers.MailFor+time.Second), "451"); !gaveUp || err != nil {
		t.Errorf("got %v, %v for a retry after three days, want it given up", gaveUp, err)
	}
	// At once.
	l.signUp("refused@example.com")
	m, _, err = l.store.TakeMail(l.ctx(), l.now)
	l.check(err)
	l.check(l.store.AbandonMail(l.ctx(), m.ID, "550 5.7.1", l.now))
	l.now = l.now.Add(30 * 24 * time.Hour)
	l.nothing("given up")
	// The mailbox may be asked again: what was given up is not waiting.
	l.signUp("refused@example.com")
	if mails, _ := l.delivered(); len(mails) != 1 {
		t.Errorf("got %s, want a new confirmation", kinds(mails))
	}
}

func testNotices(t *testing.T, l *list) {
	notice := func(recipient, key string) {
		t.Helper()
		l.check(l.store.EnqueueNotice(l.ctx(), recipient, "draft-ready", map[string]string{"week": "2026-W47"}, key, l.now))
	}
	notice("editor@example.com", "2026-W47")
	notice("editor@example.com", "2026-W47")
	notice("other@example.com", "2026-W47")
	mails, _ := l.delivered()
	if got := kinds(mails); got != `["draft-ready to editor@example.com" "draft-ready to other@example.com"]` {
		t.Fatalf("got %s, want one each", got)
	}
	if got := string(mails[0].Data); got != `{"week":"2026-W47"}` || mails[0].Subscriber.ID != 0 {
		t.Errorf("got %s for subscriber %d, want the data and no subscriber", got, mails[0].Subscriber.ID)
	}
	notice("editor@example.com", "2026-W47")
	l.nothing("the same notice after it was sent")
	notice("editor@example.com", "2026-W48")
	if mails, _ := l.delivered(); len(mails) != 1 || !strings.HasPrefix(mails[0].Recipient, "editor") {
		t.Errorf("got %s, want next week's notice", kinds(mails))
	}
}
