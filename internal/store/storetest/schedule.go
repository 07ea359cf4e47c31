package storetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
)

// A Ledger is a schedule's ledger under test. Send makes the week's edition
// one that is being sent by hand; nil where the ledger knows no editions.
type Ledger struct {
	schedule.Ledger
	Send func(t *testing.T, w edition.Week)
}

// RunLedger runs the suite; open gives an empty ledger for one test.
func RunLedger(t *testing.T, open func(t *testing.T) Ledger) {
	for name, test := range map[string]func(*testing.T, Ledger){
		"Clock":       clock,
		"ClaimOnce":   claimOnce,
		"ClaimAtOnce": claimAtOnce,
		"Lease":       lease,
		"Through":     through,
		"SentByHand":  sentByHand,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func slotOf(n int) schedule.Slot {
	return schedule.Slot{Kind: schedule.Send, Week: week(n), At: now().AddDate(0, 0, 7*n)}
}

func wantClaim(t *testing.T, l Ledger, s schedule.Slot, owner string, at time.Time, want schedule.Claim) {
	t.Helper()
	got, err := l.ClaimSlot(t.Context(), s, owner, at, at.Add(10*time.Minute))
	if err != nil || got != want {
		t.Errorf("%s claims %s %s: got %d, %v, want %d", owner, s.Kind, s.Week, got, err, want)
	}
}

func settle(t *testing.T, l Ledger, s schedule.Slot, owner string, o schedule.Outcome) {
	t.Helper()
	if err := l.SettleSlot(t.Context(), s, owner, o, now()); err != nil {
		t.Fatal(err)
	}
}

func observe(t *testing.T, l Ledger, at time.Time) schedule.Observed {
	t.Helper()
	seen, err := l.ObserveClock(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func clock(t *testing.T, l Ledger) {
	start := now()
	for i, step := range []struct{ at, last time.Duration }{
		{0, 0}, {time.Minute, 0}, {-time.Hour, time.Minute}, {2 * time.Minute, time.Minute},
	} {
		seen := observe(t, l, start.Add(step.at))
		if !seen.First.Equal(start) || !seen.Last.Equal(start.Add(step.last)) || !seen.Through.IsZero() {
			t.Errorf("step %d: got %+v, want first %v, last %v, through none", i, seen, start, start.Add(step.last))
		}
	}
}

func claimOnce(t *testing.T, l Ledger) {
	s, draft := slotOf(0), slotOf(0)
	draft.Kind = schedule.Draft
	wantClaim(t, l, s, "a", now(), schedule.Won)
	wantClaim(t, l, s, "b", now(), schedule.Busy)
	wantClaim(t, l, s, "a", now(), schedule.Won)
	wantClaim(t, l, draft, "b", now(), schedule.Won)
	wantClaim(t, l, slotOf(1), "b", now(), schedule.Won)
	if err := l.ReleaseSlot(t.Context(), s, "b"); err != nil {
		t.Fatal(err)
	}
	wantClaim(t, l, s, "b", now(), schedule.Busy)
	if err := l.ReleaseSlot(t.Context(), s, "a"); err != nil {
		t.Fatal(err)
	}
	wantClaim(t, l, s, "b", now(), schedule.Won)
	settle(t, l, s, "a", schedule.Done)
	wantClaim(t, l, s, "b", now(), schedule.Won)
	settle(t, l, s, "b", schedule.Done)
	moved := s
	moved.At = s.At.Add(time.Hour)
	for _, owner := range []string{"a", "b"} {
		wantClaim(t, l, s, owner, now().AddDate(1, 0, 0), schedule.Settled)
		wantClaim(t, l, moved, owner, now(), schedule.Settled)
	}
	if err := l.ReleaseSlot(t.Context(), s, "b"); err != nil {
		t.Fatal(err)
	}
	wantClaim(t, l, s, "b", now(), schedule.Settled)
}

func claimAtOnce(t *testing.T, l Ledger) {
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c, err := l.ClaimSlot(context.WithoutCancel(t.Context()), slotOf(0), string(rune('a'+i)), now(), now().Add(time.Minute))
			if err != nil {
				t.Errorf("got %v", err)
			}
			if c == schedule.Won {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if n := won.Load(); n != 1 {
		t.Errorf("got %d owners of one slot, want 1", n)
	}
}

func lease(t *testing.T, l Ledger) {
	s := slotOf(0)
	wantClaim(t, l, s, "a", now(), schedule.Won)
	wantClaim(t, l, s, "b", now().Add(9*time.Minute), schedule.Busy)
	wantClaim(t, l, s, "b", now().Add(10*time.Minute), schedule.Won)
	settle(t, l, s, "a", schedule.TooLate)
	wantClaim(t, l, s, "b", now(), schedule.Won)
}

func through(t *testing.T, l Ledger) {
	check := func(what string, want time.Time) {
		t.Helper()
		if seen := observe(t, l, now()); !seen.Through.Equal(want) {
			t.Errorf("%s: got settled through %v, want %v", what, seen.Through, want)
		}
	}
	draft := slotOf(5)
	draft.Kind = schedule.Draft
	wantClaim(t, l, draft, "a", now(), schedule.Won)
	settle(t, l, draft, "a", schedule.Done)
	check("drafts do not count", time.Time{})
	for _, n := range []int{0, 1, 2} {
		wantClaim(t, l, slotOf(n), "a", now(), schedule.Won)
	}
	settle(t, l, slotOf(0), "a", schedule.TooLate)
	settle(t, l, slotOf(2), "a", schedule.Done)
	if seen := observe(t, l, now()); seen.Through.Before(slotOf(0).At) || !seen.Through.Before(slotOf(1).At) {
		t.Errorf("one open: got settled through %v, want from %v to before %v", seen.Through, slotOf(0).At, slotOf(1).At)
	}
	settle(t, l, slotOf(1), "a", schedule.TooLate)
	check("all settled", slotOf(2).At)
}

func sentByHand(t *testing.T, l Ledger) {
	if l.Send == nil {
		t.Skip("this ledger knows no editions")
	}
	for n, claimed := range []bool{false, true} {
		if claimed {
			wantClaim(t, l, slotOf(n), "a", now(), schedule.Won)
		}
		l.Send(t, week(n))
		wantClaim(t, l, slotOf(n), "a", now(), schedule.Settled)
		draft := slotOf(n)
		draft.Kind = schedule.Draft
		wantClaim(t, l, draft, "a", now(), schedule.Won)
	}
	if seen := observe(t, l, now()); !seen.Through.Equal(slotOf(1).At) {
		t.Errorf("got settled through %v, want %v", seen.Through, slotOf(1).At)
	}
}
