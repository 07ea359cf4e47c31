package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

func testConfirm(t *testing.T, l *list) {
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: ada, Name: "Ada", Categories: []string{"Design"}}))
	l.process()
	token := l.confirmation()
	l.now = l.now.Add(time.Hour)
	if s, err := l.ConfirmInfo(l.ctx(), token); err != nil || s.Email != ada {
		t.Errorf("got %q, %v, want the address", s.Email, err)
	}
	l.stands(ada, subscribers.StandsPending) // looking changes nothing
	l.nothing("after looking")
	s, err := l.Confirm(l.ctx(), token)
	l.check(err)
	if !s.Mailable() || !s.ConfirmedAt.Equal(l.now) || s.Name != "Ada" || !slices.Equal(s.Categories, []string{"Design"}) {
		t.Errorf("got %+v, want Ada active with what her sign-up said", s)
	}
	if mails, _ := l.delivered(); len(mails) != 1 || mails[0].Kind != outbox.KindWelcome || mails[0].Recipient != ada {
		t.Errorf("got the mails %s, want a welcome", kinds(mails))
	}
	for _, act := range []func() (subscribers.Subscriber, error){
		func() (subscribers.Subscriber, error) { return l.Confirm(l.ctx(), token) },
		func() (subscribers.Subscriber, error) { return l.ConfirmInfo(l.ctx(), token) },
	} {
		if s, err := act(); !errors.Is(err, subscribers.ErrUsed) || s.Standing() != subscribers.StandsActive || s.Email != ada {
			t.Errorf("second click: got %+v, %v, want ErrUsed beside the active subscriber", s, err)
		}
	}
	l.nothing("after the second click")
	for _, bad := range []string{"", "x", s.Token.String(), subscribers.NewToken().String(), token + "=", token[:21]} {
		if s, err := l.Confirm(l.ctx(), bad); !errors.Is(err, subscribers.ErrNotFound) || s.ID != 0 {
			t.Errorf("token %q: got %+v, %v, want ErrNotFound", bad, s, err)
		}
	}
}

func testConfirmExpires(t *testing.T, l *list) {
	l.signUp(ada)
	token := l.confirmation()
	l.now = l.now.Add(subscribers.ConfirmFor)
	if s, err := l.Confirm(l.ctx(), token); !errors.Is(err, subscribers.ErrExpired) || s.Email != ada {
		t.Errorf("got %+v, %v, want ErrExpired beside the subscriber", s, err)
	}
	l.stands(ada, subscribers.StandsPending)
	l.signUp(ada)
	again := l.confirmation()
	l.now = l.now.Add(subscribers.ConfirmFor - time.Millisecond)
	_, err := l.Confirm(l.ctx(), again)
	l.check(err)
	l.stands(ada, subscribers.StandsActive)
}

// testConfirmEveryAttempt retries a mail: the earlier attempt may have arrived.
func testConfirmEveryAttempt(t *testing.T, l *list) {
	l.signUp(ada)
	var tokens []string
	for range 3 {
		m, ok, err := l.store.Outbox.Take(l.ctx(), l.now)
		l.check(err)
		if !ok {
			t.Fatalf("got no mail, want the confirmation")
		}
		token, err := l.store.Outbox.ComposeConfirm(l.ctx(), m.Subscriber.ID, l.now)
		l.check(err)
		tokens = append(tokens, token)
		l.now = l.now.Add(time.Hour)
		l.check(l.store.Outbox.Postpone(l.ctx(), m.ID, l.now, "451 4.7.1 Greylisted"))
	}
	_, err := l.Confirm(l.ctx(), tokens[0])
	l.check(err)
	if mails, _ := l.delivered(); len(mails) != 1 || mails[0].Kind != outbox.KindWelcome {
		t.Errorf("got the mails %s, want the welcome and no confirmation any more", kinds(mails))
	}
	for _, token := range tokens {
		if _, err := l.Confirm(l.ctx(), token); !errors.Is(err, subscribers.ErrUsed) {
			t.Errorf("got %v for a sibling of the used link, want ErrUsed", err)
		}
	}
}

// testConfirmWithdrawn unsubscribes between taking the mail and making its link.
func testConfirmWithdrawn(t *testing.T, l *list) {
	l.signUp(ada)
	m, _, err := l.store.Outbox.Take(l.ctx(), l.now)
	l.check(err)
	_, err = l.Remove(l.ctx(), ada, false)
	l.check(err)
	if token, err := l.store.Outbox.ComposeConfirm(l.ctx(), m.Subscriber.ID, l.now); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %q, %v, want ErrNotFound", token, err)
	}
	l.check(l.store.Outbox.Finish(l.ctx(), m, l.now)) // nobody's concern any more
	l.check(l.store.Outbox.Postpone(l.ctx(), m.ID, l.now, "451"))
	l.nothing("withdrawn")
}

func testReplayAfterLeaving(t *testing.T, l *list) {
	l.signUp(ada)
	token := l.confirmation()
	s, err := l.Confirm(l.ctx(), token)
	l.check(err)
	l.now = l.now.Add(time.Hour)
	_, err = l.Unsubscribe(l.ctx(), s.Token.String(), "one-click")
	l.check(err)
	if s, err := l.Confirm(l.ctx(), token); !errors.Is(err, subscribers.ErrUsed) || s.Status != subscribers.Unsubscribed {
		t.Errorf("got %+v, %v, want ErrUsed and the subscriber still gone", s, err)
	}
	l.stands(ada, subscribers.StandsUnsubscribed)

	// A link that was never used is void too.
	l.signUp("eve@example.com")
	_, tokens := l.delivered()
	_, err = l.Remove(l.ctx(), "eve@example.com", false)
	l.check(err)
	if _, err := l.Confirm(l.ctx(), tokens[len(tokens)-1]); !errors.Is(err, subscribers.ErrUsed) {
		t.Errorf("got %v, want ErrUsed", err)
	}
	l.stands("eve@example.com", subscribers.StandsUnsubscribed)
}

// testReturn lets somebody leave and come back by their own confirmation.
func testReturn(t *testing.T, l *list) {
	first := l.active(ada)
	_, err := l.Unsubscribe(l.ctx(), first.Token.String(), subscribers.ViaOneClick)
	l.check(err)
	leftAt := l.now
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: ada})) // in the same instant: it counts as before
	l.process()
	l.nothing("signed up before leaving")
	l.now = l.now.Add(time.Hour)
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: ada, Name: "Countess", Categories: []string{"Design"}}))
	l.process()
	s := l.stands(ada, subscribers.StandsUnsubscribed)
	if !s.UnsubscribedAt.Equal(leftAt) || s.Name != "Ada" || s.Categories != nil {
		t.Errorf("got %+v before the confirmation, want the record as it was", s)
	}
	token := l.confirmation()
	l.now = l.now.Add(time.Hour)
	s, err = l.Confirm(l.ctx(), token)
	l.check(err)
	if !s.Mailable() || s.Name != "Countess" || len(s.Categories) != 1 || s.Token != first.Token || s.ID != first.ID || !s.UnsubscribedAt.IsZero() {
		t.Errorf("got %+v, want Ada active again with her old token", s)
	}
	events, err := l.History(l.ctx(), s.ID)
	l.check(err)
	var got []string
	for _, e := range events {
		got = append(got, e.Kind)
	}
	want := []string{subscribers.EventAdd, subscribers.EventLeave, subscribers.EventSignUp, subscribers.EventConfirm}
	if !slices.Equal(got, want) {
		t.Errorf("got the history %q, want %q", got, want)
	}
}
