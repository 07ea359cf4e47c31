package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// surging is a service for which 20 unconfirmed sign-ups an hour are no surge.
// Its editor is told of one.
func (l *list) surging() *subscribers.Service {
	return subscribers.New(l.store.List, l.store.SignUps, subscribers.Options{
		Now: func() time.Time { return l.now }, Surge: subscribers.SurgeRule{Floor: 20, Times: 8},
		Surged: func(ctx context.Context, s subscribers.SurgeState) error {
			return l.store.Outbox.Tell(ctx, []string{"editor@example.com"}, outbox.Surge{Since: s.Surges[0].Episode}, s.Surges[0].Episode.String(), l.now)
		},
	})
}

// state wants so many held, and a surge or none.
func (l *list) surge(goesOn bool, held int) subscribers.SurgeState {
	l.t.Helper()
	s, err := l.SurgeState(l.ctx())
	l.check(err)
	if len(s.Surges) > 0 != goesOn || s.Held != held {
		l.t.Errorf("got %d surges and %d held, want a surge: %v, and %d held", len(s.Surges), s.Held, goesOn, held)
	}
	return s
}

// asked signs up in a surge, and answers the question.
func (l *list) asked(email string) {
	l.t.Helper()
	var q *subscribers.QuestionError
	if err := l.SignUp(l.ctx(), subscribers.SignUp{Email: email}); !errors.As(err, &q) || !errors.Is(err, subscribers.ErrAsked) || q.Again {
		l.t.Fatalf("%s: got %v, want a question", email, err)
	}
	in := subscribers.SignUp{Email: email, Question: q.Token, Answer: "no idea"}
	if err := l.SignUp(l.ctx(), in); !errors.As(err, &q) || !q.Again {
		l.t.Errorf("%s: got %v to a wrong answer, want another question", email, err)
	}
	in.Question = q.Token
	for _, word := range strings.Fields(strings.NewReplacer(",", "", "?", "").Replace(q.Text)) {
		if in.Answer = word; l.SignUp(l.ctx(), in) == nil {
			l.process()
			return
		}
	}
	l.t.Fatalf("%s: got none of the words of %q taken", email, q.Text)
}

// testSurge has 25 strangers signed up at once.
func testSurge(t *testing.T, l *list) {
	l.Service = l.surging()
	for i := range 25 {
		l.check(l.SignUp(l.ctx(), subscribers.SignUp{
			Email: fmt.Sprintf("victim@company%d.example", i), Source: "form", IP: netip.AddrFrom4([4]byte{192, 0, byte(i), 1}),
		}))
	}
	l.process()
	mails, tokens := l.delivered()
	if len(tokens) != 20 || len(mails) != 21 || mails[20].Kind != outbox.KindSurge {
		t.Errorf("got the mails %s, want 20 confirmations, and one to the editor", kinds(mails))
	}
	if s := l.surge(true, 5); s.Asked != 25 || s.Domains() != nil {
		t.Errorf("got %+v, want 25 asked, of all domains", s)
	}
	l.asked("reader@example.org")
	if token := l.confirmation(); token != "" {
		_, err := l.Confirm(l.ctx(), token)
		l.check(err)
	}
	if s := l.surge(true, 5); s.Confirmed != 1 {
		t.Errorf("got %+v, want one confirmed", s)
	}
	l.delivered() // the welcome

	l.now = l.now.Add(time.Minute)
	l.Service = l.surging() // a restart, or another node
	l.process()
	l.nothing("the editor was told")
	l.asked("another@example.org")
	l.confirmation()
	testHeld(t, l)
}

// testHeld goes on from where five are held.
func testHeld(t *testing.T, l *list) {
	l.asked("victim@company24.example") // they were held, and come themselves
	l.confirmation()
	l.surge(true, 4)
	if _, err := l.Erase(l.ctx(), "victim@company23.example"); err != nil {
		t.Fatal(err)
	}
	l.surge(true, 3)
	_, err := l.Add(l.ctx(), subscribers.NewReader{Email: "victim@company22.example"})
	l.check(err)
	l.now = l.now.Add(subscribers.CountedBy)
	l.process()
	mails, _ := l.delivered()
	if len(mails) != 2 || mails[0].Kind != outbox.KindConfirm {
		t.Errorf("got the mails %s, want the confirmations of two who were held: one has come by another way", kinds(mails))
	}
	l.surge(true, 0)
	l.now = l.now.Add(time.Hour)
	l.process()
	l.surge(false, 0)
	l.signUp("late@example.org")
	l.confirmation()
}
