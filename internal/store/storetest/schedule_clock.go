package storetest

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
)

// The latest time that the clock has shown stays.
func (l Ledger) seen(t *testing.T) {
	if l.Clock == nil {
		t.Skip("the ledger has no operator")
	}
	at := monday()
	for _, tc := range []struct{ shown, want time.Time }{{}, {at, at}, {at.Add(-time.Hour), at}} {
		if !tc.shown.IsZero() {
			l.observe(t, tc.shown)
		}
		if got, err := l.Clock.Seen(t.Context()); err != nil || !got.Equal(tc.want) {
			t.Errorf("after %s: got %s, %v, want %s", tc.shown, got, err, tc.want)
		}
	}
}

// A clock that was years ahead marks weeks as missed; when it is right again
// and reset, those weeks are open, and what was built or is past stays.
func (l Ledger) resetClock(t *testing.T) {
	if l.Clock == nil {
		t.Skip("the ledger has no operator")
	}
	ctx, now := t.Context(), monday()
	ahead := now.AddDate(4, 0, 0)
	l.observe(t, ahead)
	for n := -1; n <= 2; n++ {
		s := slotOf(n)
		l.wantClaim(t, s, "a", ahead, schedule.Won)
		l.settle(t, s, "a", schedule.TooLate)
		e := edition.Edition{Week: s.Week, State: edition.Missed, Slot: s.At, CreatedAt: ahead}
		if n == 2 {
			e.State = edition.Draft
		}
		if _, _, err := l.Editions.Insert(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	built := slotOf(2)
	if _, err := l.Editions.Revise(ctx, built.Week, edition.Revision{Build: &edition.Build{Hash: "h1"}, Slot: built.At, At: ahead}); err != nil {
		t.Fatal(err)
	}
	if err := l.Clock.ResetClock(ctx, now); err != nil {
		t.Fatal(err)
	}
	if seen := l.observe(t, now); !seen.Last.Equal(now) || !seen.First.Equal(now) || !seen.Through.Equal(now) {
		t.Errorf("got %+v, want everything at now", seen)
	}
	if _, err := l.Editions.Find(ctx, slotOf(1).Week); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("the coming week: got %v, want it open again", err)
	}
	for _, n := range []int{-1, 0, 2} {
		if _, err := l.Editions.Find(ctx, slotOf(n).Week); err != nil {
			t.Errorf("%s: got %v, want it kept", slotOf(n).Week, err)
		}
	}
}
