package subscribers

import (
	"context"
	"testing"
	"time"
)

// noSignUps has nothing but a surge that goes on.
type noSignUps struct {
	SignUps
	state SurgeState
}

func (n noSignUps) SurgeState(context.Context, time.Time) (SurgeState, error) { return n.state, nil }

// A surge is told of once: the batch in which it begins knows when to the nanosecond, the
// next one as the store kept it.
func TestSurgeIsToldOnce(t *testing.T) {
	t.Parallel()
	kept := time.Date(2026, 11, 23, 9, 0, 0, int(28*time.Millisecond), time.UTC)
	told := 0
	tell := func(context.Context, SurgeState) error { told++; return nil }
	s := New(nil, noSignUps{state: SurgeState{Surges: []Surge{{Since: kept, Episode: kept}}}}, Options{Surged: tell})
	for _, at := range []time.Time{kept.Add(123_456 * time.Nanosecond), kept, kept} {
		gate := &Gate{at: at, all: &scope{since: at, episode: at}}
		if !gate.all.surging() {
			t.Fatal("got no surge, want one")
		}
		if err := s.follow(t.Context(), gate, at); err != nil {
			t.Fatal(err)
		}
	}
	if told != 1 {
		t.Errorf("got the operators told %d times, want once", told)
	}
}
