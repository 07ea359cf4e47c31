package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
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

// claim takes the one event that is due.
func (l *list) claim() outbox.Event {
	l.t.Helper()
	e, ok, err := l.store.Outbox.Take(l.ctx(), l.now)
	if !ok || err != nil {
		l.t.Fatalf("got %v, %v, want an event", ok, err)
	}
	return e
}

// testOutboxLease loses a courier in the middle of a mail.
func testOutboxLease(t *testing.T, l *list) {
	l.signUp(ada)
	created := l.now
	e := l.claim()
	if !e.CreatedAt.Equal(created) {
		t.Errorf("got created at %s, want %s", e.CreatedAt, created)
	}
	if _, ok, err := l.store.Outbox.Take(l.ctx(), l.now.Add(9*time.Minute)); ok || err != nil {
		t.Errorf("got %v, %v while it is leased, want nothing", ok, err)
	}
	l.wait(10 * time.Minute)
	if again := l.claim(); again.ID != e.ID || again.Attempts != 2 {
		t.Errorf("got %+v after the lease, want the same event", again)
	}
	l.check(l.store.Outbox.Finish(l.ctx(), e, l.now))
	l.now = l.now.Add(time.Hour)
	l.nothing("finished")
}

func testOutboxTriesAgain(t *testing.T, l *list) {
	l.signUp(ada)
	e := l.claim()
	later := l.now.Add(time.Minute)
	l.check(l.store.Outbox.Postpone(l.ctx(), e.ID, later, "451 4.7.1 greylisted"))
	l.nothing("postponed")
	l.now = later
	if e = l.claim(); e.Attempts != 2 {
		t.Errorf("got attempt %d, want 2", e.Attempts)
	}
	// What could not be tried did not cost an attempt.
	l.check(l.store.Outbox.PutBack(l.ctx(), e.ID, l.now, "connection refused"))
	if e = l.claim(); e.Attempts != 2 {
		t.Errorf("got attempt %d after it was put back, want 2", e.Attempts)
	}
	l.check(l.store.Outbox.GiveUp(l.ctx(), e.ID, "550 5.1.1", l.now))
	l.check(l.store.Outbox.Postpone(l.ctx(), e.ID, l.now, "too late")) // nobody's concern any more
	l.now = l.now.Add(time.Hour)
	l.nothing("given up")
	// The mailbox may be asked again: what was given up is not waiting, and was
	// taken by no server.
	l.signUp(ada)
	if mails, _ := l.delivered(); len(mails) != 1 {
		t.Errorf("got %s, want a new confirmation", kinds(mails))
	}
}

// testOutboxCounts has no server take a mailbox's confirmations: they are not
// counted, and do not lock the address.
func testOutboxCounts(t *testing.T, l *list) {
	for i := range subscribers.ConfirmMax + 2 {
		l.signUp(ada)
		e := l.claim()
		if n, since, err := l.store.Outbox.Waiting(l.ctx()); n != 1 || !since.Equal(l.now) || err != nil {
			t.Errorf("got %d waiting since %s, %v, want 1 since %s", n, since, err, l.now)
		}
		l.check(l.store.Outbox.GiveUp(l.ctx(), e.ID, "554 5.7.1 Relay access denied", l.now))
		if n, _, err := l.store.Outbox.Waiting(l.ctx()); n != 0 || err != nil {
			t.Errorf("got %d waiting, %v, want none", n, err)
		}
		l.now = l.now.Add(time.Duration(i) * time.Minute)
	}
	l.signUp(ada)
	l.confirmation()
	l.now = l.now.Add(subscribers.ConfirmEvery - time.Minute)
	l.signUp(ada)
	l.nothing("within a day of the first one that was taken")
}

func testNotices(t *testing.T, l *list) {
	week := edition.Week{Year: 2026, Number: 47}
	tell := func(week edition.Week, recipients ...string) {
		t.Helper()
		l.check(l.store.Outbox.Tell(l.ctx(), recipients, outbox.Held{Week: week, Reason: "why"}, week.String(), l.now))
	}
	tell(week, "editor@example.com")
	tell(week, "editor@example.com", "other@example.com")
	mails, _ := l.delivered()
	if got := kinds(mails); got != `["held to editor@example.com" "held to other@example.com"]` {
		t.Fatalf("got %s, want one each", got)
	}
	p, err := mails[0].Payload()
	if want := (outbox.Held{Week: week, Reason: "why"}); err != nil || !reflect.DeepEqual(p, want) || mails[0].Subscriber.ID != 0 {
		t.Errorf("got %+v, %v for subscriber %d, want %+v and no subscriber", p, err, mails[0].Subscriber.ID, want)
	}
	tell(week, "editor@example.com")
	l.nothing("the same notice after it was told")
	tell(week.Add(1), "editor@example.com")
	if mails, _ := l.delivered(); len(mails) != 1 || !strings.HasPrefix(mails[0].Recipient, "editor") {
		t.Errorf("got %s, want next week's notice", fmt.Sprint(kinds(mails)))
	}
}
