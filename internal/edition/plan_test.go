package edition_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"verdicts.example/digest/internal/edition"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("got %v, want zone %s", err, name)
	}
	return loc
}

// mondays is a schedule that sends on Mondays at nine in the morning.
func mondays(loc *time.Location) edition.Calendar {
	return edition.Calendar{Zone: loc, SlotIn: func(w edition.Week) (time.Time, bool) {
		m := w.Monday(loc)
		return time.Date(m.Year(), m.Month(), m.Day(), 9, 0, 0, 0, loc), true
	}}
}

func week(t testing.TB, s string) edition.Week {
	t.Helper()
	w, err := edition.ParseWeek(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func recorded(t testing.TB, cal edition.Calendar, w string, s edition.State, frozen bool) edition.Edition {
	t.Helper()
	wk := week(t, w)
	slot, _ := cal.SlotIn(wk)
	e := edition.Edition{Week: wk, State: s, Slot: slot, Since: slot.AddDate(0, 0, -7), Cutoff: slot}
	if frozen {
		e.FrozenAt = slot
	}
	if s.Finished() {
		e.FinishedAt = slot
	}
	return e
}

func TestPlanWindow(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Europe/Berlin")
	cal := mondays(loc)
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour, 0, 0, 0, loc) }
	in := func(w string, s edition.State, frozen bool) edition.Edition { return recorded(t, cal, w, s, frozen) }
	earlySkip := in("2026-W47", edition.Skipped, false)
	earlySkip.FinishedAt = at(13, 12)
	byHand := in("2026-W47", edition.Skipped, false)
	byHand.SkippedBy = "ada"
	early := in("2026-W45", edition.Sent, true)
	early.Cutoff = at(2, 8)

	// Monday 16 November 2026 is in week 47.
	for _, tc := range []struct {
		name    string
		week    string
		now     time.Time
		history []edition.Edition

		slot, since, cutoff time.Time
		previous            string
		off                 bool
	}{
		{name: "first, slot ahead", week: "2026-W47", now: at(16, 8),
			slot: at(16, 9), since: at(9, 8), cutoff: at(16, 8)},
		{name: "first, at the slot", week: "2026-W47", now: at(16, 9), history: []edition.Edition{in("2026-W47", edition.Draft, false)},
			slot: at(16, 9), since: at(9, 9), cutoff: at(16, 9)},
		{name: "slot passed, no edition", week: "2026-W47", now: at(18, 12),
			slot: at(18, 12), since: at(11, 12), cutoff: at(18, 12), off: true},
		{name: "slot passed, drafted for it", week: "2026-W47", now: at(18, 12), history: []edition.Edition{in("2026-W47", edition.Draft, false)},
			slot: at(16, 9), since: at(9, 9), cutoff: at(16, 9)},
		{name: "slot passed, held", week: "2026-W47", now: at(18, 12), history: []edition.Edition{in("2026-W47", edition.Held, false)},
			slot: at(16, 9), since: at(9, 9), cutoff: at(16, 9)},
		{name: "slot passed, skipped", week: "2026-W47", now: at(18, 12),
			history: []edition.Edition{in("2026-W46", edition.Sent, true), in("2026-W47", edition.Skipped, false)},
			slot:    at(18, 12), since: at(9, 9), cutoff: at(18, 12), previous: "2026-W46", off: true},
		{name: "slot passed, skipped by Friday's draft", week: "2026-W47", now: at(16, 10),
			history: []edition.Edition{in("2026-W46", edition.Sent, true), earlySkip},
			slot:    at(16, 9), since: at(9, 9), cutoff: at(16, 9), previous: "2026-W46"},
		{name: "slot passed, missed", week: "2026-W47", now: at(18, 12), history: []edition.Edition{in("2026-W47", edition.Missed, false)},
			slot: at(18, 12), since: at(9, 9), cutoff: at(18, 12), off: true},
		{name: "first, those before it missed and held", week: "2026-W47", now: at(16, 10),
			history: []edition.Edition{in("2026-W45", edition.Missed, false), in("2026-W46", edition.Held, false), in("2026-W47", edition.Draft, false)},
			slot:    at(16, 9), since: at(2, 9).AddDate(0, 0, -7), cutoff: at(16, 9)},
		{name: "skipped by an editor before its slot", week: "2026-W47", now: at(16, 10), history: []edition.Edition{byHand},
			slot: at(16, 9), since: at(9, 9), cutoff: at(16, 9)},
		{name: "after a week that an editor skipped", week: "2026-W48", now: at(23, 10),
			history: []edition.Edition{in("2026-W46", edition.Sent, true), byHand, in("2026-W48", edition.Draft, false)},
			slot:    at(23, 9), since: at(9, 9), cutoff: at(23, 9), previous: "2026-W46"},
		{name: "future week", week: "2026-W48", now: at(18, 12), history: []edition.Edition{in("2026-W47", edition.Sent, true)},
			slot: at(23, 9), since: at(16, 9), cutoff: at(18, 12), previous: "2026-W47"},
		{name: "past week", week: "2026-W46", now: at(18, 12),
			history: []edition.Edition{early, in("2026-W47", edition.Sent, true)},
			slot:    at(9, 9), since: at(2, 8), cutoff: at(9, 9), previous: "2026-W45"},
		{name: "after a skipped week", week: "2026-W47", now: at(16, 8),
			history: []edition.Edition{early, in("2026-W46", edition.Skipped, false)},
			slot:    at(16, 9), since: at(9, 9), cutoff: at(16, 8), previous: "2026-W46"},
		{name: "after a missed week", week: "2026-W47", now: at(16, 8),
			history: []edition.Edition{early, in("2026-W46", edition.Missed, false)},
			slot:    at(16, 9), since: at(2, 8), cutoff: at(16, 8), previous: "2026-W45"},
		{name: "after a held week", week: "2026-W47", now: at(16, 8),
			history: []edition.Edition{early, in("2026-W46", edition.Held, false)},
			slot:    at(16, 9), since: at(2, 8), cutoff: at(16, 8), previous: "2026-W45"},
		{name: "after a week cancelled before the freeze", week: "2026-W47", now: at(16, 8),
			history: []edition.Edition{early, in("2026-W46", edition.Cancelled, false)},
			slot:    at(16, 9), since: at(2, 8), cutoff: at(16, 8), previous: "2026-W45"},
		{name: "after a week cancelled in mid-send", week: "2026-W47", now: at(16, 8),
			history: []edition.Edition{early, in("2026-W46", edition.Cancelled, true)},
			slot:    at(16, 9), since: at(9, 9), cutoff: at(16, 8), previous: "2026-W46"},
		{name: "frozen", week: "2026-W46", now: at(18, 12), history: []edition.Edition{early, in("2026-W46", edition.Sending, true)},
			slot: at(9, 9), since: at(2, 9), cutoff: at(9, 9), previous: "2026-W45"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, err := edition.PlanFor(week(t, tc.week), tc.now, cal, tc.history)
			if err != nil {
				t.Fatal(err)
			}
			if !p.Slot.Equal(tc.slot) || !p.Since.Equal(tc.since) || !p.Cutoff.Equal(tc.cutoff) {
				t.Errorf("got slot %v, window (%v, %v], want slot %v, (%v, %v]", p.Slot, p.Since, p.Cutoff, tc.slot, tc.since, tc.cutoff)
			}
			if p.OffSchedule != tc.off {
				t.Errorf("off schedule: got %v, want %v", p.OffSchedule, tc.off)
			}
			if got := p.Previous; tc.previous == "" && !got.IsZero() || tc.previous != "" && got.String() != tc.previous {
				t.Errorf("previous: got %v, want %q", got, tc.previous)
			}
		})
	}
}

func TestPlanInherits(t *testing.T) {
	t.Parallel()
	cal := mondays(time.UTC)
	sent := recorded(t, cal, "2026-W45", edition.Sent, true)
	sent.Items, sent.Carried = []edition.Item{{Slug: "a"}}, []edition.Item{{Slug: "b"}}
	skipped := recorded(t, cal, "2026-W46", edition.Skipped, false)
	skipped.Carried = []edition.Item{{Slug: "b"}, {Slug: "c"}}
	draft := recorded(t, cal, "2026-W47", edition.Draft, false)
	draft.Items = []edition.Item{{Slug: "b"}}
	later := recorded(t, cal, "2026-W48", edition.Cancelled, true)
	later.Items = []edition.Item{{Slug: "d"}}

	p, err := edition.PlanFor(draft.Week, draft.Slot, cal, []edition.Edition{sent, skipped, draft, later})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Carried) != 2 || p.Carried[0].Slug != "b" || p.Carried[1].Slug != "c" {
		t.Errorf("carried: got %v, want b and c of the skipped week", p.Carried)
	}
	if len(p.Featured) != 2 || p.Featured[0].Slug != "a" || p.Featured[1].Slug != "d" || p.Featured[1].Week != later.Week {
		t.Errorf("featured: got %v, want a and d, which readers have had", p.Featured)
	}
}

func TestPlanWithoutSlot(t *testing.T) {
	t.Parallel()
	cal := edition.Calendar{Zone: time.UTC, SlotIn: func(edition.Week) (time.Time, bool) { return time.Time{}, false }}
	now := time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC)
	for _, w := range []string{"2026-W46", "2026-W48"} {
		if _, err := edition.PlanFor(week(t, w), now, cal, nil); !errors.Is(err, edition.ErrNoSlot) {
			t.Errorf("%s: got %v, want ErrNoSlot", w, err)
		}
	}
	p, err := edition.PlanFor(week(t, "2026-W47"), now, cal, nil)
	if err != nil || !p.OffSchedule || !p.Slot.Equal(now) {
		t.Errorf("this week: got %+v, %v, want an edition off schedule, now", p, err)
	}
}
