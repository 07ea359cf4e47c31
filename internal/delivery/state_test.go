package delivery

import (
	"errors"
	"strings"
	"testing"

	"verdicts.example/digest/internal/edition"
)

// What becomes of a delivery in each state when something happens to its reader,
// its sender or its database.
func TestStates(t *testing.T) {
	t.Parallel()
	rows := map[State]struct {
		withdrawn, takenOver, left State
		final, dropped, provable   bool
	}{
		Queued:     {withdrawn: Suppressed, takenOver: Queued, left: Unknown, provable: true},
		Claimed:    {withdrawn: Suppressed, takenOver: Queued, left: Unknown},
		Dotting:    {withdrawn: Dotting, takenOver: Unknown, left: Unknown},
		Accepted:   {withdrawn: Accepted, takenOver: Accepted, left: Accepted, final: true, dropped: true},
		Deferred:   {withdrawn: Suppressed, takenOver: Deferred, left: Unknown},
		Failed:     {withdrawn: Failed, takenOver: Failed, left: Failed, final: true},
		Unknown:    {withdrawn: Unknown, takenOver: Unknown, left: Unknown, final: true, provable: true},
		Suppressed: {withdrawn: Suppressed, takenOver: Suppressed, left: Suppressed, final: true, dropped: true},
	}
	for _, s := range States() {
		want, ok := rows[s]
		if !ok {
			t.Fatalf("%s: not in the table", s)
		}
		if got := s.Withdrawn(); got != want.withdrawn {
			t.Errorf("%s withdrawn: got %s, want %s", s, got, want.withdrawn)
		}
		if got := s.TakenOver(); got != want.takenOver {
			t.Errorf("%s taken over: got %s, want %s", s, got, want.takenOver)
		}
		if got := s.Left(); got != want.left {
			t.Errorf("%s left: got %s, want %s", s, got, want.left)
		}
		if s.Provable() != want.provable {
			t.Errorf("%s: got provable %t, want %t", s, s.Provable(), want.provable)
		}
		if s.Final() != want.final || s.Dropped() != want.dropped {
			t.Errorf("%s: got final %t, dropped %t, want %t, %t", s, s.Final(), s.Dropped(), want.final, want.dropped)
		}
	}
}

func TestOutcomeEndsWhatWasSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o     Outcome
		from  [2]State
		plain bool
	}{
		{Outcome{State: Accepted, Dotted: true, Attempt: true}, [2]State{Dotting, Unknown}, true},
		{Outcome{State: Accepted, Dotted: true}, [2]State{Dotting, Unknown}, false},
		{Outcome{State: Failed, Dotted: true, Attempt: true}, [2]State{Dotting, Unknown}, false},
		{Outcome{State: Deferred, Attempt: true}, [2]State{Claimed, Claimed}, false},
	} {
		if c.o.From() != c.from || c.o.Plain() != c.plain {
			t.Errorf("%+v: got %v, %t, want %v, %t", c.o, c.o.From(), c.o.Plain(), c.from, c.plain)
		}
	}
}

// What is kept of a relay's log names nobody, and is short.
func TestReplyLogged(t *testing.T) {
	t.Parallel()
	if got, want := ReplyLogged("4XyZ1k", "250 ok for ada@example.com"), "relay's log: 4XyZ1k 250 ok for <address>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ReplyLogged("4XyZ1k", strings.Repeat("x", 500)); len(got) != loggedMost {
		t.Errorf("got %d bytes, want %d", len(got), loggedMost)
	}
	if got, want := ReplyLogged("4XyZ1k", ""), "relay's log: 4XyZ1k"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What nobody would send again is not put back into the queue.
func TestResolutionMay(t *testing.T) {
	t.Parallel()
	for as, want := range map[Resolution]error{ResolveSent: nil, ResolveRetry: ErrCancelled, ResendFailed: ErrCancelled} {
		if got := as.May(edition.Cancelled); !errors.Is(got, want) {
			t.Errorf("%d of a cancelled edition: got %v, want %v", as, got, want)
		}
		if got := as.May(edition.Sent); got != nil {
			t.Errorf("%d of a sent edition: got %v, want none", as, got)
		}
	}
}

// States are all of them.
func States() []State {
	out := make([]State, states)
	for i := range out {
		out[i] = State(i)
	}
	return out
}
