package edition

import (
	"fmt"
	"slices"
	"strings"
)

// States lists every state in the order of an edition's life.
func States() []State {
	return []State{Draft, Approved, Held, Sending, Sent, Skipped, Missed, Cancelled}
}

// next is the table of transitions. An edition that nobody has built yet may be
// inserted as draft, skipped or missed.
//
// Skipped and missed editions have sent nothing, so an editor may still build
// them; sent and cancelled ones are final.
func (s State) next() []State {
	switch s {
	case Draft:
		return []State{Approved, Held, Sending, Skipped, Missed, Cancelled}
	case Approved:
		return []State{Draft, Held, Sending, Skipped, Missed, Cancelled}
	case Held:
		return []State{Approved, Cancelled}
	case Sending:
		return []State{Sent, Cancelled}
	case Skipped, Missed:
		return []State{Draft}
	default:
		return nil
	}
}

// CanBecome reports whether an edition may go from s to t.
func (s State) CanBecome(t State) bool { return slices.Contains(s.next(), t) }

// Buildable reports whether an edition in state s may be (re)built.
func (s State) Buildable() bool {
	return slices.Contains([]State{Draft, Approved, Held, Skipped, Missed}, s)
}

// Final reports whether nothing can follow s.
func (s State) Final() bool { return len(s.next()) == 0 }

// Finished reports whether s ends an edition's week: the clock has nothing more
// to do for it, though an editor may build a skipped or missed one by hand.
func (s State) Finished() bool {
	return slices.Contains([]State{Sent, Skipped, Missed, Cancelled}, s)
}

// Check is nil when the edition of week w may go from one state to another,
// else an ErrState that says what is possible.
func Check(w Week, from, to State) error {
	if from.CanBecome(to) {
		return nil
	}
	return fmt.Errorf("edition %s is %s and cannot become %s (possible: %s): %w", w, from, to, possible(from), ErrState)
}

func possible(s State) string {
	if s.Final() {
		return "nothing, it is final"
	}
	names := make([]string, 0, len(s.next()))
	for _, t := range s.next() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// CheckBuild is nil when the edition of week w may be built in state s.
func CheckBuild(w Week, s State) error {
	if s.Buildable() {
		return nil
	}
	return fmt.Errorf("edition %s is %s and cannot be built again: %w", w, s, ErrState)
}

// Released reports whether an edition of this state and approval may be sent:
// approved, or a draft where editors need not approve.
func (e Edition) Released(approvalRequired bool) bool {
	return e.State == Approved || e.State == Draft && !approvalRequired
}

// Frozen reports whether the edition's bytes and recipients are fixed: readers
// may have it.
func (e Edition) Frozen() bool { return !e.FrozenAt.IsZero() }

// Advances reports whether the next edition's content starts at this one's
// cutoff. Missed and held editions, and those cancelled before the freeze,
// reached nobody: their content is still to come.
func (e Edition) Advances() bool { return e.Frozen() || e.State == Skipped }
