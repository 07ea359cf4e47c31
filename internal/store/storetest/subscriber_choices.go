package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func testPreferences(t *testing.T, l *list) {
	s := l.active(ada)
	links, err := l.Links(l.ctx())
	l.check(err)
	token := links.Token(subscribers.PurposePreferences, s.ID)
	got, err := l.SetTopics(l.ctx(), token, []string{"Design", " design", "Agents"})
	l.check(err)
	if subscribers.JoinCategories(got.Categories) != "Design,Agents" {
		t.Errorf("got the topics %q, want them cleaned", got.Categories)
	}
	until := l.now.Add(21 * 24 * time.Hour)
	got, err = l.Pause(l.ctx(), token, until)
	l.check(err)
	if !got.Paused(l.now) || got.Paused(until) || !got.PausedUntil.Equal(until) {
		t.Errorf("got paused until %v, want %v", got.PausedUntil, until)
	}
	if _, err := l.Pause(l.ctx(), token, l.now.AddDate(3, 0, 0)); !errors.Is(err, subscribers.ErrDetails) {
		t.Errorf("got %v for three years, want ErrDetails", err)
	}
	got, err = l.Pause(l.ctx(), token, time.Time{})
	l.check(err)
	if got = l.stands(ada, subscribers.StandsActive); got.Paused(l.now) || len(got.Categories) != 2 {
		t.Errorf("got %+v, want the pause over and the topics kept", got)
	}
	for name, bad := range map[string]string{
		"another purpose": links.Token(subscribers.PurposeVote, s.ID), "nobody": links.Token(subscribers.PurposePreferences, s.ID+99), "a token to leave": s.Token.String(),
	} {
		if _, err := l.SetTopics(l.ctx(), bad, nil); !errors.Is(err, subscribers.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
	_, err = l.Erase(l.ctx(), ada)
	l.check(err)
	if _, err := l.ByLink(l.ctx(), subscribers.PurposePreferences, token); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for who was erased, want ErrNotFound", err)
	}
}

func testConsent(t *testing.T, l *list) {
	const text = "Send me the digest each Monday."
	version := subscribers.WordingVersion(text)
	l.UseWording(text)
	l.UseWording(text)
	_, err := l.Process(l.ctx())
	l.check(err)
	if got, err := l.WordingText(l.ctx(), version); got != text || err != nil {
		t.Errorf("got %q, %v, want the text", got, err)
	}
	if _, err := l.WordingText(l.ctx(), "nonsense"); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	asked := l.now
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: ada, Source: "https://example.com/compare/a-vs-b", Wording: version}))
	l.process()
	token := l.confirmation()
	l.now = l.now.Add(time.Hour)
	s, err := l.Confirm(l.ctx(), token)
	l.check(err)
	events, err := l.History(l.ctx(), s.ID)
	l.check(err)
	got := subscribers.Consents(s, events)
	want := subscribers.Consent{AskedAt: asked, ConfirmedAt: l.now, Source: "https://example.com/compare/a-vs-b", Wording: version}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// testForgetPending holds that who never confirms is forgotten, and their limits
// are not.
func testForgetPending(t *testing.T, l *list) {
	l.imported("email,status,created_at\nvouched@example.com,pending,2020-01-01\n")
	for i := range subscribers.ConfirmMax {
		if i > 0 {
			l.now = l.now.Add(subscribers.ConfirmEvery)
		}
		l.signUp(ada)
		l.confirmation()
	}
	l.signUp("later@example.com")
	l.now = l.now.Add(subscribers.PendingFor - time.Hour)
	l.signUp("last@example.com")
	l.stands(ada, subscribers.StandsPending)
	l.now = l.now.Add(2 * time.Hour)
	l.signUp("more@example.com")
	l.stands(ada, "")
	l.stands("later@example.com", "")
	l.stands("last@example.com", subscribers.StandsPending)
	l.stands("vouched@example.com", subscribers.StandsPending)
	l.delivered()
	l.signUp(ada)
	l.nothing(fmt.Sprintf("%d confirmations were sent to her already", subscribers.ConfirmMax))
}
