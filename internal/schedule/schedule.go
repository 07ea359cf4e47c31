package schedule

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

const (
	// onTime is how late a slot may be taken and still be on time, whatever the
	// catch-up: a tick is a minute, and a restart takes some.
	onTime = 5 * time.Minute
	// searchWeeks is how far the search for a slot looks: a 29 February is at
	// most eight years away.
	searchWeeks = 9 * 53
)

// Kind is what a slot is for.
type Kind string

// The kinds.
const (
	Draft Kind = "draft"
	Send  Kind = "send"
)

// A Slot is a scheduled instant of an edition. Its key is kind and week.
type Slot struct {
	Kind Kind
	Week edition.Week // of the edition: the ISO week of the send
	At   time.Time    // in the list's zone
}

// A Schedule says when editions are drafted and sent. It is immutable.
type Schedule struct {
	draft, send Cron
	zone        *time.Location
	catchUp     time.Duration
}

// New makes a schedule. catchUp is how late a send may still go out after the
// program was down; it fails when that is negative.
func New(draft, send Cron, zone *time.Location, catchUp time.Duration) (*Schedule, error) {
	if catchUp < 0 {
		return nil, fmt.Errorf("catch-up time %s is negative; write 0s to send on time or not at all", catchUp)
	}
	return &Schedule{draft: draft, send: send, zone: zone, catchUp: catchUp}, nil
}

// Zone is the list's time zone.
func (s *Schedule) Zone() *time.Location { return s.zone }

// CatchUp is how late a send may go out, at least a few minutes.
func (s *Schedule) CatchUp() time.Duration { return max(s.catchUp, onTime) }

// Calendar is the schedule as planning an edition needs it.
func (s *Schedule) Calendar() edition.Calendar {
	return edition.Calendar{Zone: s.zone, SlotIn: s.SlotIn}
}

// SlotIn is the send's slot in a week: the first time that the expression
// fires in it. It is false where it does not fire.
func (s *Schedule) SlotIn(w edition.Week) (time.Time, bool) { return s.send.first(w, s.zone) }

// StillDue reports whether a week's send may go on at a time: its catch-up is not
// over.
func (s *Schedule) StillDue(w edition.Week, now time.Time) bool {
	slot, ok := s.SlotIn(w)
	return ok && !now.After(slot.Add(s.CatchUp()))
}

// DraftFor is when the edition of a week is drafted: the last time that the
// draft's expression fires between the send before and the week's own send. It
// is false where there is none; the send then builds the edition itself.
func (s *Schedule) DraftFor(w edition.Week) (at time.Time, ok bool) {
	send, sends := s.SlotIn(w)
	if !sends {
		return time.Time{}, false
	}
	after := send.AddDate(0, 0, -7*searchWeeks)
	if before, ok := s.before(w); ok {
		after = before.At
	}
	for v := w; !ok && !v.Add(1).Monday(s.zone).Before(after); v = v.Add(-1) {
		s.draft.in(v, s.zone, func(t time.Time) bool {
			if t.After(after) && t.Before(send) {
				at, ok = t, true
			}
			return t.Before(send)
		})
	}
	return at, ok
}

// before gives the send before the week's.
func (s *Schedule) before(w edition.Week) (Slot, bool) {
	for i := 1; i <= searchWeeks; i++ {
		v := w.Add(-i)
		if at, ok := s.SlotIn(v); ok {
			return Slot{Kind: Send, Week: v, At: at}, true
		}
	}
	return Slot{}, false
}

// Next gives the next n sends after an instant, fewer where the expression has
// none in nine years.
func (s *Schedule) Next(after time.Time, n int) []Slot {
	var list []Slot
	w := edition.WeekOf(after.In(s.zone))
	for idle := 0; idle < searchWeeks && len(list) < n; idle, w = idle+1, w.Add(1) {
		if at, ok := s.SlotIn(w); ok && at.After(after) {
			list, idle = append(list, Slot{Kind: Send, Week: w, At: at}), 0
		}
	}
	return list
}

// NextSend is the next send after an instant; zero where there is none. It knows no
// weeks that were left out or went early: edition.NextOpen does.
func (s *Schedule) NextSend(after time.Time) time.Time {
	if next := s.Next(after, 1); len(next) > 0 {
		return next[0].At
	}
	return time.Time{}
}

// NextDue is the next draft or send after an instant; zero where there is none.
func (s *Schedule) NextDue(after time.Time) time.Time {
	next := s.Next(after, 1)
	if len(next) == 0 {
		return time.Time{}
	}
	if at, ok := s.DraftFor(next[0].Week); ok && at.After(after) {
		return at
	}
	return next[0].At
}

// LatestDue gives the last send that is due at now: at or before it.
func (s *Schedule) LatestDue(now time.Time) (Slot, bool) {
	w := edition.WeekOf(now.In(s.zone))
	if at, ok := s.SlotIn(w); ok && !at.After(now) {
		return Slot{Kind: Send, Week: w, At: at}, true
	}
	return s.before(w)
}

// due gives every send after one instant and at or before another.
func (s *Schedule) due(after, now time.Time) []Slot {
	var list []Slot
	last := edition.WeekOf(now.In(s.zone))
	for w := edition.WeekOf(after.In(s.zone)); !last.Before(w); w = w.Add(1) {
		if at, ok := s.SlotIn(w); ok && at.After(after) && !at.After(now) {
			list = append(list, Slot{Kind: Send, Week: w, At: at})
		}
	}
	return list
}

// Warnings says what is allowed and probably not meant.
func (s *Schedule) Warnings() []string {
	var list []string
	if s.send.often() {
		list = append(list, fmt.Sprintf("schedule.send %q fires more than once in a week; there is one edition a week, so only the first time counts", s.send))
	}
	if s.draft.often() {
		list = append(list, fmt.Sprintf("schedule.draft %q fires more than once in a week; only the last time before a send counts", s.draft))
	}
	if w := edition.WeekOf(time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)); len(list) == 0 && !s.draftsAround(w) {
		list = append(list, fmt.Sprintf("schedule.draft %q leaves editions without a draft; they are built when they are sent", s.draft))
	}
	return list
}

// draftsAround reports whether every send in the weeks after w has a draft.
func (s *Schedule) draftsAround(w edition.Week) bool {
	for range 60 {
		if _, sends := s.SlotIn(w); sends {
			if _, ok := s.DraftFor(w); !ok {
				return false
			}
		}
		w = w.Add(1)
	}
	return true
}
