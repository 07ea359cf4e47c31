package storetest

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

const ada = "ada@example.com"

func testSignUp(t *testing.T, l *list) {
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{
		Email: " Ada@Example.COM ", Name: "Ada\r\nLovelace", Categories: []string{"Design", " design", "Developer Tools"},
		Source: "https://example.com/", IP: netip.MustParseAddr("::ffff:192.0.2.7"),
	}))
	l.counts(subscribers.Counts{}) // nothing is decided yet
	if n, err := l.Process(l.ctx()); n != 1 || err != nil {
		t.Fatalf("got %d sign-ups done, %v, want 1", n, err)
	}
	s := l.stands(ada, subscribers.StandsPending)
	want := subscribers.Subscriber{
		ID: s.ID, Email: "Ada@example.com", Name: "Ada Lovelace", Token: s.Token, Categories: []string{"Design", "Developer Tools"},
		Source: "https://example.com/", CreatedAt: l.now,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
	events, err := l.History(l.ctx(), s.ID)
	l.check(err)
	if want := []subscribers.Event{{At: l.now, Kind: subscribers.EventSignUp, Detail: "https://example.com/ from 192.0.2.7"}}; !reflect.DeepEqual(events, want) {
		t.Errorf("got %+v, want %+v", events, want)
	}
	mails, _ := l.delivered()
	if len(mails) != 1 || mails[0].Kind != outbox.KindConfirm || mails[0].Recipient != "Ada@example.com" || mails[0].Subscriber.ID != s.ID || mails[0].Attempts != 1 {
		t.Errorf("got %+v, want one confirmation to Ada", mails)
	}
	if n, err := l.Process(l.ctx()); n != 0 || err != nil {
		t.Errorf("got %d sign-ups done, %v, from an empty queue, want 0", n, err)
	}
}

// testSignUpStates signs up addresses in every state; only those that may
// confirm get a mail.
func testSignUpStates(t *testing.T, l *list) {
	l.active("active@example.com")
	left := l.active("left@example.com")
	_, err := l.Unsubscribe(l.ctx(), left.Token.String(), subscribers.ViaOneClick)
	l.check(err)
	l.active("bounced@example.com")
	l.check(l.Suppress(l.ctx(), "bounced@example.com", subscribers.HardBounce, "550 5.1.1"))
	l.check(l.Suppress(l.ctx(), "stranger@example.com", subscribers.Manual, ""))
	l.active("erased@example.com")
	if found, err := l.Erase(l.ctx(), "erased@example.com"); !found || err != nil {
		t.Fatalf("got %v, %v, want the address found and erased", found, err)
	}
	l.now = l.now.Add(time.Minute)
	for email, want := range map[string]struct {
		mail   bool
		stands subscribers.Standing
	}{
		"new@example.com":      {true, subscribers.StandsPending},
		"active@example.com":   {false, subscribers.StandsActive},
		"left@example.com":     {true, subscribers.StandsUnsubscribed}, // until they confirm
		"bounced@example.com":  {false, subscribers.StandsSuppressed},
		"stranger@example.com": {false, ""},
		"erased@example.com":   {true, subscribers.StandsPending},
	} {
		l.signUp(email)
		l.stands(email, want.stands)
		if mails, _ := l.delivered(); (len(mails) == 1) != want.mail {
			t.Errorf("%s: got the mails %s, want a confirmation: %v", email, kinds(mails), want.mail)
		}
	}
}

// testLeaveLink asks for a fresh link to leave: only a reader is mailed one, once
// an hour, and nothing else changes.
func testLeaveLink(t *testing.T, l *list) {
	reader := l.active(ada)
	l.delivered()
	ask := func(email string) int {
		l.check(l.RequestLeave(l.ctx(), email, netip.Addr{}))
		_, err := l.Process(l.ctx())
		l.check(err)
		mails, _ := l.delivered()
		for _, m := range mails {
			if m.Kind != outbox.KindLeaveLink || m.Subscriber.ID != reader.ID || m.Subscriber.Token != reader.Token {
				t.Errorf("got %+v, want a link of the reader's", m)
			}
		}
		return len(mails)
	}
	for i, want := range []int{1, 0, 1} {
		if i == 2 {
			l.now = l.now.Add(subscribers.LeaveEvery)
		}
		if got := ask(ada); got != want {
			t.Errorf("request %d: got %d mails, want %d", i, got, want)
		}
	}
	if got := ask("stranger@example.com"); got != 0 {
		t.Errorf("a stranger: got %d mails, want none", got)
	}
	l.stands(ada, subscribers.StandsActive)
	if _, err := l.Get(l.ctx(), "stranger@example.com"); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v, want the stranger not on the list", err)
	}
}

// testRejoin comes back after a slip: a confirmation at once, once, and on the
// list only when it is confirmed.
func testRejoin(t *testing.T, l *list) {
	reader := l.active(ada)
	token := reader.Token.String()
	l.check(l.Rejoin(l.ctx(), token, netip.Addr{})) // has not left: nothing
	l.now = l.now.Add(time.Minute)
	_, err := l.Unsubscribe(l.ctx(), token, "page")
	l.check(err)
	l.delivered()
	l.now = l.now.Add(time.Minute)
	for i, want := range []int{1, 0} {
		l.check(l.Rejoin(l.ctx(), token, netip.Addr{}))
		_, err := l.Process(l.ctx())
		l.check(err)
		if mails, _ := l.delivered(); len(mails) != want || want == 1 && mails[0].Kind != outbox.KindConfirm {
			t.Errorf("press %d: got %+v, want %d confirmations", i, mails, want)
		}
	}
	l.stands(ada, subscribers.StandsUnsubscribed)
}

// testSignUpLimits is list bombing: one mailbox under a thousand spellings.
func testSignUpLimits(t *testing.T, l *list) {
	mails := 0
	for day := range 6 {
		for i := range 200 {
			email := []string{"victim@example.com", "Vic.Tim@Example.com", fmt.Sprintf("victim+%d@example.com", i), fmt.Sprintf("v.i.c.t.i.m+%d-%d@example.com", day, i)}[i%4]
			l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: email}))
			l.now = l.now.Add(time.Minute)
		}
		l.process()
		got, _ := l.delivered()
		if len(got) > 1 {
			t.Errorf("day %d: got %d confirmations, want at most 1", day, len(got))
		}
		mails += len(got)
		l.now = l.now.Add(21 * time.Hour)
	}
	if mails != subscribers.ConfirmMax {
		t.Errorf("got %d confirmations, want %d", mails, subscribers.ConfirmMax)
	}
	l.counts(subscribers.Counts{Pending: 1}) // the first of the thousand spellings

	// A confirmation that is stuck in the outbox keeps the next one back.
	l.signUp("stuck@example.com")
	l.now = l.now.Add(30 * time.Hour)
	l.signUp("st.uck@example.com")
	if got, _ := l.delivered(); len(got) != 1 {
		t.Errorf("got %s, want the stuck confirmation alone", kinds(got))
	}
	l.now = l.now.Add(23 * time.Hour) // a day counts from when the mail went out
	l.signUp("stuck@example.com")
	l.nothing("within a day of the mail")
}

func testSignUpQueueIsFull(t *testing.T, l *list) {
	small := subscribers.New(l.store.List, l.store.SignUps, subscribers.Options{Now: func() time.Time { return l.now }, QueueLimit: 3})
	for i := range 3 {
		l.check(small.SignUp(l.ctx(), subscribers.SignUp{Email: fmt.Sprintf("reader%d@example.com", i)}))
	}
	if err := small.SignUp(l.ctx(), subscribers.SignUp{Email: ada}); !errors.Is(err, subscribers.ErrLimited) {
		t.Errorf("got %v from a full queue, want ErrLimited", err)
	}
	l.process()
	l.check(small.SignUp(l.ctx(), subscribers.SignUp{Email: ada}))
	l.process()
	l.counts(subscribers.Counts{Pending: 4})
}

func testSignUpRefuses(t *testing.T, l *list) {
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	tests := []struct {
		in    subscribers.SignUp
		field string
		is    error
	}{
		{subscribers.SignUp{Email: "a@localhost"}, "email", subscribers.ErrAddress},
		{subscribers.SignUp{Email: "a@b.co\r\nBcc: c@d.co"}, "email", subscribers.ErrAddress},
		{subscribers.SignUp{Email: ada, Categories: []string{"a,b"}}, "categories", subscribers.ErrDetails},
		{subscribers.SignUp{Email: ada, Categories: []string{strings.Repeat("x", 61)}}, "categories", subscribers.ErrDetails},
		{subscribers.SignUp{Email: ada, Categories: many}, "categories", subscribers.ErrDetails},
	}
	for _, tt := range tests {
		err := l.SignUp(l.ctx(), tt.in)
		var e *subscribers.AddressError
		if !errors.As(err, &e) || !errors.Is(err, tt.is) || e.Field != tt.field {
			t.Errorf("%+v: got %v, want an AddressError of %s", tt.in, err, tt.field)
		}
	}
	if n, err := l.Process(l.ctx()); n != 0 || err != nil {
		t.Errorf("got %d sign-ups queued, %v, want none", n, err)
	}
}
