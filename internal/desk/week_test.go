package desk_test

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
)

// mondays is a calendar of Mondays at 9:00 UTC.
func mondays() edition.Calendar {
	return edition.Calendar{Zone: time.UTC, SlotIn: func(w edition.Week) (time.Time, bool) {
		return w.Monday(time.UTC).Add(9 * time.Hour), true
	}}
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// editions reads "W47 sent, W48 draft".
func editions(t *testing.T, s string) []edition.Edition {
	t.Helper()
	var out []edition.Edition
	for _, part := range strings.Split(s, ", ") {
		if part == "" {
			continue
		}
		number, state, _ := strings.Cut(part, " ")
		w, err := edition.ParseWeek("2026-" + number)
		if err != nil {
			t.Fatal(err)
		}
		e := edition.Edition{Week: w, State: edition.State(state), Slot: w.Monday(time.UTC).Add(9 * time.Hour)}
		if e.State == edition.Sending || e.State == edition.Sent {
			e.FrozenAt = e.Slot
		}
		out = append(out, e)
	}
	return out
}

// Monday 2026-11-16 9:00 is W47's slot, the 23rd W48's.
func TestDefaultWeek(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, now, history, want, why string
	}{
		{"the draft of Friday noon is next week's", "2026-11-20T12:30:00Z", "W47 sent, W48 draft", "2026-W48", "is a draft"},
		{"on Sunday too", "2026-11-22T23:59:00Z", "W47 sent, W48 approved", "2026-W48", "is approved"},
		{"held is open", "2026-11-23T15:00:00Z", "W47 sent, W48 held", "2026-W48", "is held"},
		{"what is being sent goes first", "2026-11-20T12:30:00Z", "W47 sending, W48 draft", "2026-W47", "is being sent"},
		{"of two open ones the nearest slot", "2026-11-20T12:30:00Z", "W40 draft, W48 draft, W52 draft", "2026-W48", "is a draft"},
		{"nothing yet, an hour after the slot", "2026-11-16T10:00:00Z", "", "2026-W47", "had its slot on Monday 16 November at 09:00"},
		{"sent, an hour after: a doubled cron is harmless", "2026-11-16T10:00:00Z", "W47 sent", "2026-W47", "had its slot"},
		{"skipped", "2026-11-16T10:00:00Z", "W47 skipped", "2026-W47", "had its slot"},
		{"at the end of catch-up", "2026-11-17T21:00:00Z", "W47 sent", "2026-W47", "had its slot"},
		{"after it, the next slot", "2026-11-17T21:00:01Z", "W47 sent", "2026-W48", "has the next slot, on Monday 23 November at 09:00"},
		{"nothing yet, in mid-week", "2026-11-18T10:00:00Z", "", "2026-W48", "has the next slot"},
		{"before this week's slot", "2026-11-16T08:00:00Z", "", "2026-W47", "has the next slot"},
		{"over the turn of the year", "2026-12-31T10:00:00Z", "", "2027-W01", "has the next slot"},
	} {
		got := desk.DefaultWeek(at(t, tc.now), mondays(), 36*time.Hour, editions(t, tc.history))
		if got.Week.String() != tc.want || !strings.Contains(got.Why, tc.why) {
			t.Errorf("%s: got %s, which %s; want %s, which %s", tc.name, got.Week, got.Why, tc.want, tc.why)
		}
	}
}

// A slot of a week before may still be within catch-up, and a week may have none.
func TestDefaultWeekOfOtherCalendars(t *testing.T) {
	t.Parallel()
	sundays := edition.Calendar{Zone: time.UTC, SlotIn: func(w edition.Week) (time.Time, bool) {
		return w.Monday(time.UTC).AddDate(0, 0, 6).Add(20 * time.Hour), true
	}}
	if got := desk.DefaultWeek(at(t, "2026-11-16T06:00:00Z"), sundays, 36*time.Hour, nil); got.Week.String() != "2026-W46" {
		t.Errorf("on Monday morning after Sunday's slot: got %s, want 2026-W46", got.Week)
	}
	january := edition.Calendar{Zone: time.UTC, SlotIn: func(w edition.Week) (time.Time, bool) {
		return w.Monday(time.UTC).Add(9 * time.Hour), w.Number == 2
	}}
	if got := desk.DefaultWeek(at(t, "2026-02-01T06:00:00Z"), january, 36*time.Hour, nil); got.Week.String() != "2027-W02" {
		t.Errorf("once a year: got %s, want 2027-W02", got.Week)
	}
	never := edition.Calendar{Zone: time.UTC, SlotIn: func(edition.Week) (time.Time, bool) { return time.Time{}, false }}
	if got := desk.DefaultWeek(at(t, "2026-11-18T06:00:00Z"), never, 36*time.Hour, nil); got.Week.String() != "2026-W47" {
		t.Errorf("no slot at all: got %s, want the current week 2026-W47", got.Week)
	}
}

func TestLatestSend(t *testing.T) {
	t.Parallel()
	got, ok := desk.LatestSend(editions(t, "W45 sent, W47 sending, W48 draft"))
	if !ok || got.Week.String() != "2026-W47" || got.Why != "is being sent" {
		t.Errorf("got %v, %t, want 2026-W47, which is being sent", got, ok)
	}
	if got, ok := desk.LatestSend(editions(t, "W48 draft")); ok {
		t.Errorf("nothing sent: got %v, want none", got)
	}
}

func TestParseWeek(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ now, in, want string }{
		{"2026-11-18T10:00:00Z", "2026-W47", "2026-W47"},
		{"2026-11-18T10:00:00Z", "W47", "2026-W47"},
		{"2026-11-18T10:00:00Z", "w47", "2026-W47"},
		{"2026-11-18T10:00:00Z", "2026-w47", "2026-W47"},
		{"2026-11-18T10:00:00Z", "2026W47", "2026-W47"}, // ISO 8601's basic form
		{"2026-11-18T10:00:00Z", "2026-c47", "2026-C47"},
		{"2026-11-18T10:00:00Z", "last", "2026-W46"},
		{"2026-11-18T10:00:00Z", "next", "2026-W48"},
		{"2026-12-30T10:00:00Z", "next", "2027-W01"},
		{"2026-12-30T10:00:00Z", "W01", "2027-W01"}, // the nearest of that number
		{"2027-01-06T10:00:00Z", "W52", "2026-W52"},
		{"2027-01-06T10:00:00Z", "W53", "2026-W53"},  // 2027 has no week 53
		{"2026-11-15T23:30:00Z", "next", "2026-W48"}, // Monday already in Berlin
		{"2026-11-18T10:00:00Z", "47", ""},
		{"2026-11-18T10:00:00Z", "W60", ""},
		{"2026-11-18T10:00:00Z", "this", ""},
	} {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		got, err := desk.ParseWeek(tc.in, at(t, tc.now), berlin)
		if tc.want == "" {
			if err == nil || !strings.Contains(err.Error(), "2026-W47") {
				t.Errorf("%q: got %v, %v, want an error that says how to write it", tc.in, got, err)
			}
			continue
		}
		if err != nil || got.String() != tc.want {
			t.Errorf("%q at %s: got %v, %v, want %s", tc.in, tc.now, got, err, tc.want)
		}
	}
}
