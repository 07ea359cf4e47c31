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
	// Pass lets time pass for what the ledger measures by a clock of its own; nil:
	// it measures nothing.
	Pass func(time.Duration)
	// Clock is what an operator sees and sets of it, and Editions are the weeks'; nil
	// where the ledger knows no editions.
	Clock interface {
		Seen(ctx context.Context) (time.Time, error)
		ResetClock(ctx context.Context, now time.Time) error
	}
	Editions edition.Store
}

func (l Ledger) pass(d time.Duration) {
	if l.Pass != nil {
		l.Pass(d)
	}
}

// RunLedger runs the suite; open gives an empty ledger for one test.
func RunLedger(t *testing.T, open func(t *testing.T) Ledger) {
	for name, test := range map[string]func(Ledger, *testing.T){
		"Clock":       Ledger.clock,
		"ClaimOnce":   Ledger.claimOnce,
		"ClaimAtOnce": Ledger.claimAtOnce,
		"Lease":       Ledger.lease,
		"Through":     Ledger.through,
		"SentByHand":  Ledger.sentByHand,
		"Seen":        Ledger.seen,
		"ResetClock":  Ledger.resetClock,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(open(t), t)
		})
	}
}

func slotOf(n int) schedule.Slot {
	return schedule.Slot{Kind: schedule.Send, Week: week(n), At: monday().AddDate(0, 0, 7*n)}
}

func (l Ledger) wantClaim(t *testing.T, s schedule.Slot, owner string, at time.Time, want schedule.Claim) {
	t.Helper()
	got, err := l.Claim(t.Context(), s, owner, at, at.Add(10*time.Minute))
	if err != nil || got != want {
		t.Errorf("%s claims %s %s: got %d, %v, want %d", owner, s.Kind, s.Week, got, err, want)
	}
}

func (l Ledger) settle(t *testing.T, s schedule.Slot, owner string, o schedule.Outcome) {
	t.Helper()
	if err := l.Settle(t.Context(), s, owner, o, monday()); err != nil {
		t.Fatal(err)
	}
}

func (l Ledger) observe(t *testing.T, at time.Time) schedule.Observed {
	t.Helper()
	seen, err := l.Observe(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func (l Ledger) clock(t *testing.T) {
	start := monday()
	for i, step := range []struct{ at, last time.Duration }{
		{0, 0}, {time.Minute, 0}, {-time.Hour, time.Minute}, {2 * time.Minute, time.Minute},
	} {
		seen := l.observe(t, start.Add(step.at))
		if !seen.First.Equal(start) || !seen.Last.Equal(start.Add(step.last)) || !seen.Through.IsZero() {
			t.Errorf("step %d: got %+v, want first %v, last %v, through none", i, seen, start, start.Add(step.last))
		}
	}
}

func (l Ledger) claimOnce(t *testing.T) {
	s, draft := slotOf(0), slotOf(0)
	draft.Kind = schedule.Draft
	l.wantClaim(t, s, "a", monday(), schedule.Won)
	l.wantClaim(t, s, "b", monday(), schedule.Busy)
	l.wantClaim(t, s, "a", monday(), schedule.Won)
	l.wantClaim(t, draft, "b", monday(), schedule.Won)
	l.wantClaim(t, slotOf(1), "b", monday(), schedule.Won)
	if err := l.Release(t.Context(), s, "b"); err != nil {
		t.Fatal(err)
	}
	l.wantClaim(t, s, "b", monday(), schedule.Busy)
	if err := l.Release(t.Context(), s, "a"); err != nil {
		t.Fatal(err)
	}
	l.wantClaim(t, s, "b", monday(), schedule.Won)
	l.settle(t, s, "a", schedule.Done)
	l.wantClaim(t, s, "b", monday(), schedule.Won)
	l.settle(t, s, "b", schedule.Done)
	moved := s
	moved.At = s.At.Add(time.Hour)
	for _, owner := range []string{"a", "b"} {
		l.wantClaim(t, s, owner, monday().AddDate(1, 0, 0), schedule.Settled)
		l.wantClaim(t, moved, owner, monday(), schedule.Settled)
	}
	if err := l.Release(t.Context(), s, "b"); err != nil {
		t.Fatal(err)
	}
	l.wantClaim(t, s, "b", monday(), schedule.Settled)
}

func (l Ledger) claimAtOnce(t *testing.T) {
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c, err := l.Claim(context.WithoutCancel(t.Context()), slotOf(0), string(rune('a'+i)), monday(), monday().Add(time.Minute))
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

func (l Ledger) lease(t *testing.T) {
	s := slotOf(0)
	l.wantClaim(t, s, "a", monday(), schedule.Won)
	l.pass(9 * time.Minute)
	l.wantClaim(t, s, "b", monday().Add(9*time.Minute), schedule.Busy)
	l.pass(time.Minute)
	l.wantClaim(t, s, "b", monday().Add(10*time.Minute), schedule.Won)
	l.settle(t, s, "a", schedule.TooLate)
	l.wantClaim(t, s, "b", monday(), schedule.Won)
}

func (l Ledger) through(t *testing.T) {
	check := func(what string, want time.Time) {
		t.Helper()
		if seen := l.observe(t, monday()); !seen.Through.Equal(want) {
			t.Errorf("%s: got settled through %v, want %v", what, seen.Through, want)
		}
	}
	draft := slotOf(5)
	draft.Kind = schedule.Draft
	l.wantClaim(t, draft, "a", monday(), schedule.Won)
	l.settle(t, draft, "a", schedule.Done)
	check("drafts do not count", time.Time{})
	for _, n := range []int{0, 1, 2} {
		l.wantClaim(t, slotOf(n), "a", monday(), schedule.Won)
	}
	l.settle(t, slotOf(0), "a", schedule.TooLate)
	l.settle(t, slotOf(2), "a", schedule.Done)
	if seen := l.observe(t, monday()); seen.Through.Before(slotOf(0).At) || !seen.Through.Before(slotOf(1).At) {
		t.Errorf("one open: got settled through %v, want from %v to before %v", seen.Through, slotOf(0).At, slotOf(1).At)
	}
	l.settle(t, slotOf(1), "a", schedule.TooLate)
	check("all settled", slotOf(2).At)
}

func (l Ledger) sentByHand(t *testing.T) {
	if l.Send == nil {
		t.Skip("this ledger knows no editions")
	}
	for n, claimed := range []bool{false, true} {
		if claimed {
			l.wantClaim(t, slotOf(n), "a", monday(), schedule.Won)
		}
		l.Send(t, week(n))
		l.wantClaim(t, slotOf(n), "a", monday(), schedule.Settled)
		draft := slotOf(n)
		draft.Kind = schedule.Draft
		l.wantClaim(t, draft, "a", monday(), schedule.Won)
	}
	if seen := l.observe(t, monday()); !seen.Through.Equal(slotOf(1).At) {
		t.Errorf("got settled through %v, want %v", seen.Through, slotOf(1).At)
	}
}
