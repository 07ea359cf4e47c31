package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/subscribers"
)

// SubscriberStore is what RunSubscribers exercises.
type SubscriberStore struct {
	List    subscribers.List
	SignUps subscribers.SignUps
	Outbox  Outbox
	// Pass lets time pass for what the store measures by a clock of its own; nil:
	// it measures nothing.
	Pass func(time.Duration)
}

// wait lets time pass.
func (l *list) wait(d time.Duration) {
	l.now = l.now.Add(d)
	if l.store.Pass != nil {
		l.store.Pass(d)
	}
}

// Outbox is what a store's outbox keeps.
type Outbox interface {
	Tell(ctx context.Context, recipients []string, p outbox.Payload, dedupe string, at time.Time) error
	Take(ctx context.Context, now time.Time) (outbox.Event, bool, error)
	ComposeConfirm(ctx context.Context, subscriberID int64, at time.Time) (string, error)
	ComposeFreshLink(ctx context.Context, e outbox.Event, p subscribers.Purpose, at time.Time) (string, error)
	Finish(ctx context.Context, e outbox.Event, at time.Time) error
	Postpone(ctx context.Context, id int64, next time.Time, reason string) error
	PutBack(ctx context.Context, id int64, next time.Time, reason string) error
	GiveUp(ctx context.Context, id int64, reason string, at time.Time) error
	Waiting(ctx context.Context) (n int, since time.Time, err error)
}

// RunSubscribers runs the conformance suite of the list, the outbox and the
// import. Each test opens a store of its own.
func RunSubscribers(t *testing.T, open func(t testing.TB) SubscriberStore) {
	tests := map[string]func(*testing.T, *list){
		"SignUp":              testSignUp,
		"SignUpStates":        testSignUpStates,
		"SignUpLimits":        testSignUpLimits,
		"LeaveLink":           testLeaveLink,
		"Rejoin":              testRejoin,
		"SignUpQueueIsFull":   testSignUpQueueIsFull,
		"SignUpRefuses":       testSignUpRefuses,
		"Surge":               testSurge,
		"Confirm":             testConfirm,
		"ConfirmExpires":      testConfirmExpires,
		"Decline":             testDecline,
		"DeclineRejoin":       testDeclineRejoin,
		"ConfirmEveryAttempt": testConfirmEveryAttempt,
		"ConfirmWithdrawn":    testConfirmWithdrawn,
		"ReplayAfterLeaving":  testReplayAfterLeaving,
		"Return":              testReturn,
		"Unsubscribe":         testUnsubscribe,
		"Goodbye":             testGoodbye,
		"Remove":              testRemove,
		"Add":                 testAdd,
		"Suppress":            testSuppress,
		"Lift":                testLift,
		"Erase":               testErase,
		"List":                testList,
		"OutboxOrder":         testOutboxOrder,
		"OutboxLease":         testOutboxLease,
		"OutboxTriesAgain":    testOutboxTriesAgain,
		"OutboxCounts":        testOutboxCounts,
		"Notices":             testNotices,
		"ImportFormats":       testImportFormats,
		"ImportBadRows":       testImportBadRows,
		"ImportBadFiles":      testImportBadFiles,
		"ImportIsAtomic":      testImportIsAtomic,
		"ImportKeepsLeavers":  testImportKeepsLeavers,
		"ImportDuplicates":    testImportDuplicates,
		"ImportTokens":        testImportTokens,
		"ImportIntoFullList":  testImportIntoFullList,
		"ImportUnknownStatus": testImportUnknownStatus,
		"ImportListmonk":      testImportListmonk,
		"ImportUndo":          testImportUndo,
		"Preferences":         testPreferences,
		"Consent":             testConsent,
		"ForgetPending":       testForgetPending,
		"FreshLinks":          testFreshLinks,
		"ExportImport":        testExportImport,
		"SuppressionsTravel":  testSuppressionsTravel,
		"Machine":             testMachine,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			test(t, newList(t, store, func() SubscriberStore { return open(t) }))
		})
	}
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func newList(t failer, store SubscriberStore, open func() SubscriberStore) *list {
	l := &list{t: t, store: store, open: open, now: time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)}
	l.Service = subscribers.New(store.List, store.SignUps, subscribers.Options{Now: func() time.Time { return l.now }})
	return l
}

// another gives a second, empty list.
func (l *list) another() *list { return newList(l.t, l.open(), l.open) }

// list is a service over a store, with a clock that tests move.
type list struct {
	*subscribers.Service
	t     failer
	store SubscriberStore
	open  func() SubscriberStore
	now   time.Time
}

func (l *list) ctx() context.Context { return context.Background() }

// check fails the test when err is not nil.
func (l *list) check(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("got %v, want no error", err)
	}
}

// signUp queues a sign-up and works the queue off.
func (l *list) signUp(email string) {
	l.t.Helper()
	l.check(l.SignUp(l.ctx(), subscribers.SignUp{Email: email, Source: "form"}))
	l.process()
}

func (l *list) process() {
	l.t.Helper()
	for {
		n, err := l.Process(l.ctx())
		l.check(err)
		if n == 0 {
			return
		}
	}
}

// delivered sends every mail that is due and returns them, with the tokens of
// the confirmations.
func (l *list) delivered() (mails []outbox.Event, tokens []string) {
	l.t.Helper()
	for {
		m, ok, err := l.store.Outbox.Take(l.ctx(), l.now)
		l.check(err)
		if !ok {
			return mails, tokens
		}
		if m.Kind == outbox.KindConfirm {
			token, err := l.store.Outbox.ComposeConfirm(l.ctx(), m.Subscriber.ID, l.now)
			l.check(err)
			tokens = append(tokens, token)
		}
		l.check(l.store.Outbox.Finish(l.ctx(), m, l.now))
		mails = append(mails, m)
	}
}

// confirmation delivers exactly one mail, a confirmation, and returns its token.
func (l *list) confirmation() string {
	l.t.Helper()
	mails, tokens := l.delivered()
	if len(mails) != 1 || len(tokens) != 1 {
		l.t.Fatalf("got the mails %s, want one confirmation", kinds(mails))
	}
	return tokens[0]
}

// nothing fails when a mail is due.
func (l *list) nothing(why string) {
	l.t.Helper()
	if mails, _ := l.delivered(); len(mails) > 0 {
		l.t.Errorf("%s: got the mails %s, want none", why, kinds(mails))
	}
}

func kinds(mails []outbox.Event) string {
	var k []string
	for _, m := range mails {
		k = append(k, string(m.Kind)+" to "+m.Recipient)
	}
	return fmt.Sprintf("%q", k)
}

// active adds an active reader.
func (l *list) active(email string) subscribers.Subscriber {
	l.t.Helper()
	s, err := l.Add(l.ctx(), subscribers.NewReader{Email: email, Name: "Ada"})
	l.check(err)
	return s
}

// stands fails unless the address stands as wanted; "" is not on the list.
func (l *list) stands(email string, want subscribers.Standing) subscribers.Subscriber {
	l.t.Helper()
	s, err := l.Get(l.ctx(), email)
	if errors.Is(err, subscribers.ErrNotFound) {
		if want != "" {
			l.t.Errorf("%s: got not on the list, want %s", email, want)
		}
		return s
	}
	l.check(err)
	if got := s.Standing(); got != want {
		l.t.Errorf("%s: got %s, want %q", email, got, want)
	}
	return s
}

// counts fails unless the list has so many of each standing.
func (l *list) counts(want subscribers.Counts) {
	l.t.Helper()
	got, err := l.Counts(l.ctx())
	l.check(err)
	if got != want {
		l.t.Errorf("got %+v, want %+v", got, want)
	}
}
