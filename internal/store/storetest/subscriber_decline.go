package storetest

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// decline gives the token of a subscriber's link to decline.
func (l *list) decline(id int64) string {
	links, err := l.Links(l.ctx())
	l.check(err)
	return links.Token(subscribers.PurposeDecline, id)
}

// Who says that a sign-up was not theirs is forgotten, and the form asks the mailbox no
// more for a while, however it is spelt. Their number goes to nobody else.
func testDecline(t *testing.T, l *list) {
	l.signUp(ada)
	confirm, sub := l.confirmation(), l.stands(ada, subscribers.StandsPending)
	token := l.decline(sub.ID)
	l.check(l.DeclineInfo(l.ctx(), token))
	l.stands(ada, subscribers.StandsPending) // looking changes nothing
	for range 2 {
		l.check(l.Decline(l.ctx(), token))
		l.check(l.DeclineInfo(l.ctx(), token))
	}
	l.stands(ada, "")
	if _, err := l.Confirm(l.ctx(), confirm); !errors.Is(err, subscribers.ErrNotFound) {
		t.Errorf("confirm after declining: got %v, want ErrNotFound", err)
	}
	for _, wait := range []time.Duration{subscribers.ConfirmEvery, subscribers.DeclinedFor - subscribers.ConfirmEvery - time.Second} {
		l.wait(wait)
		l.signUp(ada)
		l.nothing("lately declined")
		l.stands(ada, "")
	}
	if bob := l.active("bob@example.org"); bob.ID == sub.ID {
		t.Error("got the number of who declined for somebody else")
	}
	l.wait(time.Second)
	l.signUp(ada)
	confirm = l.confirmation()
	again := l.stands(ada, subscribers.StandsPending)
	l.check(l.Decline(l.ctx(), token)) // an old link is no link of today's sign-up
	l.stands(ada, subscribers.StandsPending)
	_, err := l.Confirm(l.ctx(), confirm)
	l.check(err)
	for _, act := range []func() error{
		func() error { return l.DeclineInfo(l.ctx(), l.decline(again.ID)) },
		func() error { return l.Decline(l.ctx(), l.decline(again.ID)) },
	} {
		if err := act(); !errors.Is(err, subscribers.ErrExists) {
			t.Errorf("after confirming: got %v, want ErrExists", err)
		}
	}
	l.stands(ada, subscribers.StandsActive)
	for _, bad := range []string{"", "x", again.Token.String(), confirm, token[1:]} {
		if err := l.Decline(l.ctx(), bad); !errors.Is(err, subscribers.ErrNotFound) {
			t.Errorf("token %q: got %v, want ErrNotFound", bad, err)
		}
	}
}

// Who had left stays away: the sign-up's links work no more, and their own way back does.
func testDeclineRejoin(t *testing.T, l *list) {
	sub := l.active(ada)
	_, err := l.Unsubscribe(l.ctx(), sub.Token.String(), subscribers.ViaOneClick)
	l.check(err)
	l.delivered()
	l.wait(subscribers.ConfirmEvery)
	l.signUp(ada)
	confirm := l.confirmation()
	l.check(l.Decline(l.ctx(), l.decline(sub.ID)))
	l.stands(ada, subscribers.StandsUnsubscribed)
	if _, err := l.Confirm(l.ctx(), confirm); !errors.Is(err, subscribers.ErrUsed) {
		t.Errorf("confirm after declining: got %v, want ErrUsed", err)
	}
	l.wait(subscribers.ConfirmEvery)
	l.signUp(ada)
	l.nothing("lately declined")
	l.check(l.Rejoin(l.ctx(), sub.Token.String(), netip.Addr{}))
	l.process()
	if mails, _ := l.delivered(); len(mails) != 1 || mails[0].Kind != outbox.KindConfirm {
		t.Errorf("got the mails %s, want a confirmation: the link is their own", kinds(mails))
	}
}
