package edition

import (
	"slices"
	"strings"
	"time"
)

// Buildable reports whether an edition in state s may be (re)built. Skipped and
// missed editions have sent nothing, so an editor may still build them; frozen
// ones keep their bytes, and cancelled ones are final.
func (s State) Buildable() bool {
	return slices.Contains([]State{Draft, Approved, Held, Skipped, Missed}, s)
}

// Finished reports whether s ends an edition's week: the clock has nothing more
// to do for it, though an editor may build a skipped or missed one by hand.
func (s State) Finished() bool {
	return slices.Contains([]State{Sent, Skipped, Missed, Cancelled}, s)
}

// Closed reports whether the clock has nothing to do for an edition: it is being
// sent, sent or cancelled, or an editor has left its week out.
func (e Edition) Closed() bool { return !e.State.Buildable() || e.SkippedBy != "" }

// NextOpen is the first slot after an instant that a digest can still go out at, by
// next, the schedule, and by what is recorded: not one whose edition went early,
// is on its way, or was left out. It is zero where there is none within a year.
func NextOpen(next func(after time.Time) time.Time, after time.Time, recorded []Edition) time.Time {
	closed := map[int64]bool{}
	for _, e := range recorded {
		if e.Closed() {
			closed[e.Slot.Unix()] = true
		}
	}
	until := after.AddDate(1, 0, 0)
	t := next(after)
	for !t.IsZero() && closed[t.Unix()] {
		if t = next(t); t.After(until) {
			return time.Time{}
		}
	}
	return t
}

// Status is the state as a sentence says it: "edition 2026-W47 is already sent".
func (e Edition) Status() string {
	switch {
	case e.State == Draft:
		return "a draft"
	case e.State == Sending && e.PauseReason != "":
		return "paused"
	case e.State == Sending:
		return "being sent"
	case e.State == Sent:
		return "already sent"
	}
	return string(e.State)
}

// SkippedBecause says why a skipped week had no edition, as a sentence's second half,
// with the files that could not be read: they are candidates of the next.
func (e Edition) SkippedBecause() string {
	if e.SkippedBy != "" {
		return "left out by " + e.SkippedBy
	}
	var files []string
	for _, it := range e.Unread() {
		files = append(files, it.Unread.File)
	}
	if len(files) > 0 {
		return "there was nothing new that could be read: " + strings.Join(files, ", ")
	}
	return "there was nothing new"
}

// Released reports whether an edition may be sent: approved, or a draft where
// editors need not approve and none has held or approved it.
func (e Edition) Released(approvalRequired bool) bool {
	return e.State == Approved || e.State == Draft && !approvalRequired && !e.NeedsApproval
}

// Frozen reports whether the edition's bytes and recipients are fixed: readers
// may have it.
func (e Edition) Frozen() bool { return !e.FrozenAt.IsZero() }

// Advances reports whether the next edition's content starts at this one's
// cutoff. Editions that were missed, held, left out by an editor or cancelled
// before the freeze reached nobody: their content is still to come.
func (e Edition) Advances() bool {
	return e.Frozen() || e.State == Skipped && e.SkippedBy == ""
}
