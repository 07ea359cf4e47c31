package storetest

import (
	"errors"
	"testing"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// freshLink delivers exactly one mail with a fresh link, and gives its token and
// whom it went to.
func (l *list) freshLink() (token, recipient string) {
	l.t.Helper()
	e, ok, err := l.store.Outbox.Take(l.ctx(), l.now)
	l.check(err)
	if !ok || e.Kind != outbox.KindFreshLink {
		l.t.Fatalf("got the event %q, want a fresh link", e.Kind)
	}
	p, err := e.Payload()
	l.check(err)
	token, err = l.store.Outbox.ComposeFreshLink(l.ctx(), e, p.(outbox.FreshLink).Purpose, l.now)
	l.check(err)
	l.check(l.store.Outbox.Finish(l.ctx(), e, l.now))
	return token, e.Recipient
}

// testFreshLinks walks a reader through what a forwarded mail must not allow.
func testFreshLinks(t *testing.T, l *list) {
	s := l.active(ada)
	links, err := l.Links(l.ctx())
	l.check(err)
	preferences := links.Token(subscribers.PurposePreferences, s.ID)
	ask := func(p subscribers.Purpose) string {
		t.Helper()
		l.check(l.AskFreshLink(l.ctx(), preferences, p))
		token, to := l.freshLink()
		if to != ada {
			t.Errorf("got the link mailed to %s, want the reader", to)
		}
		return token
	}

	about := ask(subscribers.PurposeAbout)
	if _, err := l.ChangeAddress(l.ctx(), about, "Eve", "eve@example.com"); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for another purpose, want ErrNotFound", err)
	}
	if info, err := l.FreshLinkInfo(l.ctx(), about); err != nil || info.Purpose != subscribers.PurposeAbout {
		t.Errorf("got %+v, %v, want what it is for", info, err)
	}
	got, err := l.About(l.ctx(), about)
	l.check(err)
	if got.Subscriber.Email != ada || len(got.Events) != 1 || len(got.Consents) != 1 {
		t.Errorf("got %+v, want what is known of her", got)
	}
	if _, err := l.About(l.ctx(), about); !errors.Is(err, subscribers.ErrUsed) {
		t.Errorf("got %v for a second time, want ErrUsed", err)
	}

	change := ask(subscribers.PurposeAddress)
	l.active("taken@example.com")
	l.signUp("new@example.com") // pending there: she is the same person
	l.delivered()
	_, err = l.ChangeAddress(l.ctx(), change, "Countess", "typo@example.com")
	l.check(err)
	mistyped, _, err := l.store.Outbox.Take(l.ctx(), l.now)
	l.check(err)
	l.check(l.store.Outbox.Postpone(l.ctx(), mistyped.ID, l.now.AddDate(0, 1, 0), "its server does not answer"))
	_, err = l.ChangeAddress(l.ctx(), ask(subscribers.PurposeAddress), "Countess", "new@example.com")
	l.check(err)
	if err := l.AskFreshLink(l.ctx(), preferences, subscribers.PurposeErase); !errors.Is(err, subscribers.ErrLimited) {
		t.Errorf("got %v for a fourth link to her mailbox in a day, want ErrLimited", err)
	}
	l.stands(ada, subscribers.StandsActive)
	move, to := l.freshLink()
	if to != "new@example.com" {
		t.Errorf("got the link mailed to %s, want the new address", to)
	}
	moved, err := l.MoveTo(l.ctx(), move)
	l.check(err)
	if moved.ID != s.ID || moved.Token != s.Token || moved.Name != "Countess" {
		t.Errorf("got %+v, want the same reader with her old links", moved)
	}
	l.stands(ada, "")
	l.stands("new@example.com", subscribers.StandsActive)
	if mails, _ := l.delivered(); len(mails) != 1 || mails[0].Kind != outbox.KindMoved || mails[0].Recipient != ada {
		t.Errorf("got the mails %s, want the old address told", kinds(mails))
	}
	l.now = l.now.Add(subscribers.FreshEvery)
	l.check(l.AskFreshLink(l.ctx(), preferences, subscribers.PurposeErase))
	late, _ := l.freshLink()
	l.now = l.now.Add(subscribers.FreshFor)
	if err := l.EraseByLink(l.ctx(), late); !errors.Is(err, subscribers.ErrExpired) {
		t.Errorf("got %v after an hour, want ErrExpired", err)
	}
	l.check(l.AskFreshLink(l.ctx(), preferences, subscribers.PurposeErase))
	erase, _ := l.freshLink()
	l.check(l.EraseByLink(l.ctx(), erase))
	l.stands("new@example.com", "")
	if again := l.imported("email\nnew@example.com\n"); len(again.Rejected) != 1 {
		t.Errorf("got %+v, want her kept off", again)
	}
	if err := l.AskFreshLink(l.ctx(), preferences, subscribers.PurposeAbout); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v for who was erased, want ErrNotFound", err)
	}

	other := l.active("other@example.com")
	l.check(l.AskFreshLink(l.ctx(), links.Token(subscribers.PurposePreferences, other.ID), subscribers.PurposeAddress))
	change, _ = l.freshLink()
	_, err = l.ChangeAddress(l.ctx(), change, "", "taken@example.com")
	l.check(err)
	move, _ = l.freshLink()
	if _, err := l.MoveTo(l.ctx(), move); !errors.Is(err, subscribers.ErrExists) {
		t.Errorf("got %v for a reader's address, want ErrExists", err)
	}
	l.stands("other@example.com", subscribers.StandsActive)

	l.check(l.Suppress(l.ctx(), "never@example.com", subscribers.Complaint, "asked for none"))
	l.check(l.AskFreshLink(l.ctx(), links.Token(subscribers.PurposePreferences, other.ID), subscribers.PurposeAddress))
	change, _ = l.freshLink()
	_, err = l.ChangeAddress(l.ctx(), change, "", "never@example.com")
	l.check(err)
	l.nothing("a suppressed address is never mailed, whoever types it")
	if _, err := l.FreshLinkInfo(l.ctx(), "nonsense"); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
