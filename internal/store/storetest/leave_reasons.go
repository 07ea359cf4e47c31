package storetest

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// LeaveReasons is a store of why readers left, with the list whose readers leave.
type LeaveReasons struct {
	Answer   func(ctx context.Context, reader int64, why subscribers.LeaveReason, at time.Time) (bool, error)
	Answered func(ctx context.Context, reader int64) (bool, error)
	Counts   func(ctx context.Context, from, to time.Time) (map[subscribers.LeaveReason]int64, error)
	// Confirmation makes the link of a confirmation that waits to be mailed.
	Confirmation func(ctx context.Context, reader int64, at time.Time) (token string, err error)
	// Service is the list at an instant.
	Service func(at time.Time) *subscribers.Service
}

// RunLeaveReasons runs the suite on an empty store.
func RunLeaveReasons(t *testing.T, s LeaveReasons) {
	at := monday()
	list := s.Service(at)
	sub, err := list.Add(t.Context(), subscribers.NewReader{Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	answer := func(what string, why subscribers.LeaveReason, at time.Time, want bool) {
		t.Helper()
		if counted, err := s.Answer(t.Context(), sub.ID, why, at); err != nil || counted != want {
			t.Errorf("%s: got counted %t, %v, want %t", what, counted, err, want)
		}
	}
	answered := func(what string, want bool) {
		t.Helper()
		if got, err := s.Answered(t.Context(), sub.ID); err != nil || got != want {
			t.Errorf("%s: got answered %t, %v, want %t", what, got, err, want)
		}
	}
	leave := func(at time.Time) {
		t.Helper()
		if _, err := s.Service(at).Unsubscribe(t.Context(), sub.Token.String(), "page"); err != nil {
			t.Fatal(err)
		}
	}
	answer("on the list", subscribers.LeftTooLong, at, false)
	leave(at)
	answered("left", false)
	answer("left", subscribers.LeftTooLong, at, true)
	answered("said why", true)
	answer("said why", subscribers.LeftTooOften, at, false)
	leave(at.Add(time.Minute)) // pressed again: the same leaving
	answer("pressed again", subscribers.LeftTooOften, at, false)

	s.comeBack(t, sub, at.Add(time.Hour))
	answered("came back", false)
	leave(at.Add(25 * time.Hour))
	s.answerAtOnce(t, sub.ID, at.Add(25*time.Hour))

	s.wantCounts(t, "the first day", at, at.AddDate(0, 0, 1), map[subscribers.LeaveReason]int64{subscribers.LeftTooLong: 1})
	s.wantCounts(t, "both days", at, at.AddDate(0, 0, 2), map[subscribers.LeaveReason]int64{subscribers.LeftTooLong: 1, subscribers.LeftTooOften: 1})
	s.wantCounts(t, "the day after", at.AddDate(0, 0, 2), at.AddDate(0, 0, 3), map[subscribers.LeaveReason]int64{})

	if _, err := s.Service(at).Erase(t.Context(), "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	answered("erased", false)
	answer("erased", subscribers.LeftTooLong, at, false)
	s.wantCounts(t, "after the erasure", at, at.AddDate(0, 0, 1), map[subscribers.LeaveReason]int64{subscribers.LeftTooLong: 1})
}

// comeBack has a reader who left ask for a confirmation, and confirm.
func (s LeaveReasons) comeBack(t *testing.T, sub subscribers.Subscriber, at time.Time) {
	t.Helper()
	list := s.Service(at)
	if err := list.Rejoin(t.Context(), sub.Token.String(), netip.Addr{}); err != nil {
		t.Fatal(err)
	}
	if _, err := list.Process(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, err := s.Confirmation(t.Context(), sub.ID, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Confirm(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

// answerAtOnce has several requests answer for one leaving; one counts.
func (s LeaveReasons) answerAtOnce(t *testing.T, reader int64, at time.Time) {
	t.Helper()
	var all sync.WaitGroup
	var counted atomic.Int64
	for range 8 {
		all.Go(func() {
			ok, err := s.Answer(t.Context(), reader, subscribers.LeftTooOften, at)
			if err != nil {
				t.Errorf("at once: %v", err)
			}
			if ok {
				counted.Add(1)
			}
		})
	}
	all.Wait()
	if counted.Load() != 1 {
		t.Errorf("got %d counted of those at once, want 1", counted.Load())
	}
}

func (s LeaveReasons) wantCounts(t *testing.T, what string, from, to time.Time, want map[subscribers.LeaveReason]int64) {
	t.Helper()
	if got, err := s.Counts(t.Context(), from, to); err != nil || !maps.Equal(got, want) {
		t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
	}
}
