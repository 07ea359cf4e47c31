package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

func testUnsubscribe(t *testing.T, l *list) {
	s := l.active(ada)
	first := l.now
	for range 3 {
		got, err := l.Unsubscribe(l.ctx(), s.Token.String(), "one-click")
		l.check(err)
		if got.Standing() != subscribers.StandsUnsubscribed || !got.UnsubscribedAt.Equal(first) || got.Email != ada {
			t.Errorf("got %+v, want Ada unsubscribed at the first time", got)
		}
		l.now = l.now.Add(time.Hour)
	}
	l.nothing("who leaves gets no mail")
	events, err := l.History(l.ctx(), s.ID)
	l.check(err)
	if len(events) != 2 || events[1].Kind != subscribers.EventLeave || events[1].Detail != "one-click" {
		t.Errorf("got %+v, want one leave by one-click", events)
	}
	for _, bad := range []string{"", "zzz", subscribers.NewToken().String()} {
		if _, err := l.Unsubscribe(l.ctx(), bad, "page"); !errors.Is(err, subscribers.ErrNotFound) {
			t.Errorf("token %q: got %v, want ErrNotFound", bad, err)
		}
		if _, err := l.ByToken(l.ctx(), bad); !errors.Is(err, subscribers.ErrNotFound) {
			t.Errorf("token %q: got %v, want ErrNotFound", bad, err)
		}
	}
	if got, err := l.ByToken(l.ctx(), s.Token.String()); err != nil || got.ID != s.ID {
		t.Errorf("got %+v, %v, want the token to work after leaving", got, err)
	}
}

// Whoever has a forwarded digest can press the button of its page: the reader is
// told, once, also when it is pressed again before the mail went out. Coming back
// takes the goodbye away.
func testGoodbye(t *testing.T, l *list) {
	s := l.active(ada)
	for range 2 {
		_, err := l.Unsubscribe(l.ctx(), s.Token.String(), subscribers.ViaPage)
		l.check(err)
		l.now = l.now.Add(time.Minute)
	}
	if mails, _ := l.delivered(); len(mails) != 1 || mails[0].Kind != outbox.KindGoodbye || mails[0].Recipient != ada {
		t.Errorf("got the mails %s, want one goodbye to the reader", kinds(mails))
	}
	_, err := l.Unsubscribe(l.ctx(), s.Token.String(), subscribers.ViaPage)
	l.check(err)
	l.nothing("it was said")
	l.signUp("pending@example.com")
	pending, err := l.Get(l.ctx(), "pending@example.com")
	l.check(err)
	_, err = l.Unsubscribe(l.ctx(), pending.Token.String(), subscribers.ViaPage)
	l.check(err)
	l.nothing("never had the digest")
	bob := l.active("bob@example.com")
	_, err = l.Unsubscribe(l.ctx(), bob.Token.String(), subscribers.ViaPage)
	l.check(err)
	_, err = l.Erase(l.ctx(), "bob@example.com")
	l.check(err)
	l.nothing("erased before it went out")
}

func testRemove(t *testing.T, l *list) {
	l.active(ada)
	s, err := l.Remove(l.ctx(), "ADA@example.com", true)
	l.check(err)
	if s.Standing() != subscribers.StandsUnsubscribed {
		t.Errorf("got %s, want unsubscribed", s.Standing())
	}
	if mails, _ := l.delivered(); len(mails) != 1 || mails[0].Kind != outbox.KindGoodbye {
		t.Errorf("got the mails %s, want the goodbye", kinds(mails))
	}
	_, err = l.Remove(l.ctx(), ada, true)
	l.check(err)
	l.nothing("removed again")
	l.signUp("pending@example.com")
	_, err = l.Remove(l.ctx(), "pending@example.com", true)
	l.check(err)
	l.nothing("never had the digest, and the confirmation is withdrawn")
	if _, err := l.Remove(l.ctx(), "nobody@example.com", false); !errors.Is(err, subscribers.ErrNotFound) || !strings.Contains(err.Error(), "nobody@example.com") {
		t.Errorf("got %v, want ErrNotFound with the address", err)
	}
}

func testAdd(t *testing.T, l *list) {
	s, err := l.Add(l.ctx(), subscribers.NewReader{Email: ada, Name: "Ada"})
	l.check(err)
	if !s.Mailable() || s.Source != subscribers.SourceOperator {
		t.Errorf("got %+v, want her active by the operator", s)
	}
	l.signUp("pending@example.com")
	pending, err := l.Add(l.ctx(), subscribers.NewReader{Email: "pending@example.com"})
	l.check(err)
	if !pending.Mailable() {
		t.Errorf("got %s for a pending address, want active", pending.Standing())
	}
	l.nothing("the confirmation is not needed any more")
	l.active("left@example.com")
	_, err = l.Remove(l.ctx(), "left@example.com", false)
	l.check(err)
	l.check(l.Suppress(l.ctx(), "bounced@example.com", subscribers.HardBounce, ""))
	l.active("erased@example.com")
	_, err = l.Erase(l.ctx(), "erased@example.com")
	l.check(err)
	for email, want := range map[string]error{
		ada: subscribers.ErrExists, "left@example.com": subscribers.ErrLeft, "bounced@example.com": subscribers.ErrSuppressed,
		"erased@example.com": subscribers.ErrSuppressed, "nobody": subscribers.ErrAddress,
	} {
		if _, err := l.Add(l.ctx(), subscribers.NewReader{Email: email}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", email, err, want)
		}
	}
}

func testSuppress(t *testing.T, l *list) {
	l.active(ada)
	l.signUp("eve@example.com")
	l.check(l.Suppress(l.ctx(), "eve@example.com", subscribers.Complaint, "fbl"))
	l.nothing("a suppressed address gets no confirmation")
	l.check(l.Suppress(l.ctx(), ada, subscribers.HardBounce, "550 5.1.1 no such user"))
	s := l.stands(ada, subscribers.StandsSuppressed)
	l.check(l.Suppress(l.ctx(), ada, subscribers.Manual, "")) // the first reason stays
	if s = l.stands(ada, subscribers.StandsSuppressed); s.Suppressed != subscribers.HardBounce || s.Mailable() {
		t.Errorf("got the reason %q, want the first: %q", s.Suppressed, subscribers.HardBounce)
	}
	l.active("complains@example.com")
	for _, why := range []subscribers.Reason{subscribers.SoftBounces, subscribers.Complaint, subscribers.HardBounce} {
		l.check(l.Suppress(l.ctx(), "complains@example.com", why, ""))
	}
	if c := l.stands("complains@example.com", subscribers.StandsSuppressed); c.Suppressed != subscribers.Complaint {
		t.Errorf("got the reason %q, want the complaint, which a lifted bounce must not undo", c.Suppressed)
	}
	events, err := l.History(l.ctx(), s.ID)
	l.check(err)
	if n := len(events); n != 2 || events[1].Kind != subscribers.EventSuppress || !strings.Contains(events[1].Detail, "550 5.1.1 no such user") {
		t.Errorf("got %+v, want one suppression with its detail", events)
	}
	if _, err := l.Unsubscribe(l.ctx(), s.Token.String(), "page"); err != nil {
		t.Errorf("got %v, want a suppressed reader able to unsubscribe", err)
	}
	for _, why := range []subscribers.Reason{subscribers.NotSuppressed, subscribers.Erased, 99} {
		if err := l.Suppress(l.ctx(), ada, why, ""); err == nil {
			t.Errorf("got the reason %d taken, want it refused", why)
		}
	}
}

func testLift(t *testing.T, l *list) {
	l.active(ada)
	l.check(l.Suppress(l.ctx(), ada, subscribers.HardBounce, ""))
	l.check(l.Lift(l.ctx(), ada, "the mailbox is back"))
	l.stands(ada, subscribers.StandsActive)
	l.check(l.Suppress(l.ctx(), "stranger@example.com", subscribers.Manual, ""))
	l.check(l.Lift(l.ctx(), "stranger@example.com", ""))
	l.signUp("stranger@example.com")
	l.stands("stranger@example.com", subscribers.StandsPending)
	_, err := l.Erase(l.ctx(), "erased@example.com")
	l.check(err)
	for _, email := range []string{ada, "nobody@example.com", "erased@example.com"} {
		if err := l.Lift(l.ctx(), email, ""); !errors.Is(err, subscribers.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", email, err)
		}
	}
}

func testErase(t *testing.T, l *list) {
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: ada, Name: "Ada"}))
	l.process()
	token := l.confirmation()
	s, err := l.Confirm(l.ctx(), token)
	l.check(err)
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: ada})) // waits in the queue
	if found, err := l.Erase(l.ctx(), "Ada@Example.com"); !found || err != nil {
		t.Fatalf("got %v, %v, want her found", found, err)
	}
	l.process()
	l.nothing("erased")
	l.stands(ada, "")
	l.counts(subscribers.Counts{})
	if _, err := l.ByToken(l.ctx(), s.Token.String()); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for her unsubscribe link, want ErrNotFound", err)
	}
	if _, err := l.Confirm(l.ctx(), token); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for her confirmation link, want ErrNotFound", err)
	}
	if events, err := l.History(l.ctx(), s.ID); len(events) != 0 || err != nil {
		t.Errorf("got %+v, %v, want no history", events, err)
	}
	if found, err := l.Erase(l.ctx(), ada); found || err != nil {
		t.Errorf("got %v, %v for a second erasure, want not found", found, err)
	}
	report := l.imported("email\n" + ada + "\n")
	if len(report.Rejected) != 1 || report.Rejected[0].Reason != "suppressed: erased at the reader's request" {
		t.Errorf("got %+v from an import, want her kept out", report)
	}
	l.now = l.now.Add(25 * time.Hour)
	l.signUp(ada)
	back, err := l.Confirm(l.ctx(), l.confirmation())
	l.check(err)
	if !back.Mailable() || back.ID == s.ID || back.Token == s.Token {
		t.Errorf("got %+v, want her back as somebody new", back)
	}
	if report := l.imported("email\n" + ada + "\n"); report.Unchanged != 1 {
		t.Errorf("got %+v, want the erasure over", report)
	}

	// An erasure does not lift another suppression.
	l.check(l.Suppress(l.ctx(), "spam@example.com", subscribers.Complaint, "who said what"))
	_, err = l.Erase(l.ctx(), "spam@example.com")
	l.check(err)
	l.signUp("spam@example.com")
	l.stands("spam@example.com", "")
}

func testList(t *testing.T, l *list) {
	for _, email := range []string{"c@example.com", "a@example.com", "b_1@example.org"} {
		l.active(email)
	}
	l.signUp("p@example.com")
	l.active("u@example.com")
	_, err := l.Remove(l.ctx(), "u@example.com", false)
	l.check(err)
	l.check(l.Suppress(l.ctx(), "a@example.com", subscribers.Complaint, ""))
	l.active("gone@example.com")
	_, err = l.Erase(l.ctx(), "gone@example.com")
	l.check(err)
	l.counts(subscribers.Counts{Active: 2, Pending: 1, Unsubscribed: 1, Suppressed: 1})
	tests := []struct {
		f    subscribers.Filter
		want string
	}{
		{subscribers.Filter{}, "c@example.com a@example.com b_1@example.org p@example.com u@example.com"},
		{subscribers.Filter{Standing: subscribers.StandsActive}, "c@example.com b_1@example.org"},
		{subscribers.Filter{Standing: subscribers.StandsPending}, "p@example.com"},
		{subscribers.Filter{Standing: subscribers.StandsUnsubscribed}, "u@example.com"},
		{subscribers.Filter{Standing: subscribers.StandsSuppressed}, "a@example.com"},
		{subscribers.Filter{Search: "EXAMPLE.ORG"}, "b_1@example.org"},
		{subscribers.Filter{Search: "_"}, "b_1@example.org"},
		{subscribers.Filter{Search: "%"}, ""},
		{subscribers.Filter{Search: "ada", Limit: 2}, "c@example.com a@example.com"}, // by name
	}
	for _, tt := range tests {
		var got []string
		for s, err := range l.List(l.ctx(), tt.f) {
			l.check(err)
			got = append(got, s.Email)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.f, got, tt.want)
		}
	}
	for range l.List(l.ctx(), subscribers.Filter{}) {
		break // must not leak the connection
	}
	for _, err := range l.List(l.ctx(), subscribers.Filter{Standing: "odd"}) {
		if err == nil {
			t.Error("got an unknown standing accepted, want an error")
		}
	}
}
