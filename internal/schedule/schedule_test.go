package schedule

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"verdicts.example/digest/internal/edition"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func scheduleOf(t testing.TB, draft, send, in string, catchUp time.Duration) *Schedule {
	t.Helper()
	s, err := New(mustCron(t, draft), mustCron(t, send), zone(t, in), catchUp)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func weekOf(t testing.TB, s string) edition.Week {
	t.Helper()
	w, err := edition.ParseWeek(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSlotInChangesOfTheClocks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ what, zone, send, week, want string }{
		{"plain", "Europe/Berlin", "0 9 * * MON", "2026-W47", "2026-11-16T09:00:00+01:00"},
		{"year's end", "UTC", "0 9 * * SUN", "2026-W53", "2027-01-03T09:00:00Z"},
		{"skipped hour", "Europe/Berlin", "30 2 * * SUN", "2026-W13", "2026-03-29T03:00:00+02:00"},
		{"repeated hour", "Europe/Berlin", "30 2 * * SUN", "2026-W43", "2026-10-25T02:30:00+02:00"},
		{"skipped hour", "America/New_York", "30 2 * * SUN", "2026-W10", "2026-03-08T03:00:00-04:00"},
		{"repeated hour", "America/New_York", "30 1 * * SUN", "2026-W44", "2026-11-01T01:30:00-04:00"},
		{"just before the skip", "America/New_York", "59 1 * * SUN", "2026-W10", "2026-03-08T01:59:00-05:00"},
		{"just after the skip", "America/New_York", "0 3 * * SUN", "2026-W10", "2026-03-08T03:00:00-04:00"},
		{"skipped half hour", "Australia/Lord_Howe", "15 2 * * SUN", "2026-W40", "2026-10-04T02:30:00+11:00"},
		{"repeated half hour", "Australia/Lord_Howe", "45 1 * * SUN", "2026-W14", "2026-04-05T01:45:00+11:00"},
		{"no midnight", "America/Sao_Paulo", "0 0 * * SUN", "2018-W44", "2018-11-04T01:00:00-02:00"},
		{"repeated before midnight", "America/Sao_Paulo", "30 23 * * SAT", "2018-W07", "2018-02-17T23:30:00-02:00"},
		{"no such day", "Pacific/Apia", "0 9 * * FRI", "2011-W52", "2011-12-31T00:00:00+14:00"},
		{"quarter to six", "Asia/Kathmandu", "0 9 * * MON", "2026-W47", "2026-11-16T09:00:00+05:45"},
		{"only the first of a week", "UTC", "0 9 * * *", "2026-W47", "2026-11-16T09:00:00Z"},
		{"monthly", "UTC", "0 9 1 * *", "2026-W49", "2026-12-01T09:00:00Z"},
		{"monthly, not this week", "UTC", "0 9 1 * *", "2026-W47", ""},
	} {
		s := scheduleOf(t, "0 12 * * FRI", tc.send, tc.zone, 0)
		at, ok := s.SlotIn(weekOf(t, tc.week))
		got := ""
		if ok {
			got = at.Format(time.RFC3339)
		}
		if got != tc.want {
			t.Errorf("%s, %s, %q in %s: got %s, want %s", tc.what, tc.zone, tc.send, tc.week, got, tc.want)
		}
	}
}

// In every zone with a rule of its own, a slot lies in the week whose key it
// is, weeks follow each other, and the clocks there show what was asked for
// unless that time does not exist.
func TestSlotsOfManyZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Nuuk", "America/Sao_Paulo",
		"America/St_Johns", "Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Asia/Tehran",
		"Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati",
	} {
		for _, send := range []string{"0 0 * * MON", "30 2 * * SUN", "59 23 * * SUN", "15 0 * * FRI"} {
			s := scheduleOf(t, "0 12 * * FRI", send, name, 0)
			c := mustCron(t, send)
			before := time.Time{}
			for w := weekOf(t, "1990-W01"); w.Year < 2030; w = w.Add(1) {
				at, ok := s.SlotIn(w)
				if !ok || edition.WeekOf(at) != w || !at.After(before) {
					t.Fatalf("%s %q: got %v for %s after %v, want a later one in that week", name, send, at, w, before)
				}
				clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
				shown := clock == c.times[0] && has(c.dow, int(at.Weekday()))
				if change, _ := at.ZoneBounds(); !shown && !change.Equal(at) {
					t.Fatalf("%s %q: got %v for %s, want that local time or the end of a gap", name, send, at, w)
				}
				before = at
			}
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	s := scheduleOf(t, "0 12 * * FRI", "0 9 * * MON", "Europe/Berlin", 0)
	slot := time.Date(2026, time.November, 16, 9, 0, 0, 0, s.Zone())
	var got []string
	for _, n := range s.Next(slot, 3) {
		got = append(got, n.Week.String()+" "+n.At.Format(time.DateTime))
	}
	want := "2026-W48 2026-11-23 09:00:00, 2026-W49 2026-11-30 09:00:00, 2026-W50 2026-12-07 09:00:00"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if n := s.Next(slot.Add(-time.Nanosecond), 1); len(n) != 1 || !n[0].At.Equal(slot) {
		t.Errorf("just before a slot: got %v, want %v", n, slot)
	}
	leap := scheduleOf(t, "0 12 * * FRI", "0 9 29 2 *", "UTC", 0)
	if n := leap.Next(time.Date(2096, time.March, 1, 0, 0, 0, 0, time.UTC), 1); len(n) != 1 || n[0].At.Year() != 2104 {
		t.Errorf("29 February: got %v, want the one of 2104", n)
	}
}

func TestLatestDue(t *testing.T) {
	t.Parallel()
	s := scheduleOf(t, "0 12 * * FRI", "0 9 * * MON", "UTC", 0)
	slot := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		now  time.Time
		want string
	}{{slot.Add(-time.Second), "2026-W46"}, {slot, "2026-W47"}, {slot.AddDate(0, 0, 6), "2026-W47"}} {
		if due, ok := s.LatestDue(tc.now); !ok || due.Week.String() != tc.want {
			t.Errorf("%v: got %v, %v, want %s", tc.now, due, ok, tc.want)
		}
	}
}

func TestDraftFor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ what, draft, send, want string }{
		{"the Friday before", "0 12 * * FRI", "0 9 * * MON", "2026-11-13T12:00:00Z"},
		{"the same day", "0 7 * * MON", "0 9 * * MON", "2026-11-16T07:00:00Z"},
		{"after the send in the week", "0 10 * * MON", "0 9 * * MON", "2026-11-09T10:00:00Z"},
		{"daily: the last before the send", "0 7 * * *", "0 9 * * MON", "2026-11-16T07:00:00Z"},
		{"at the send", "0 9 * * MON", "0 9 * * MON", ""},
		{"monthly", "0 9 1 * *", "0 9 * * MON", ""},
		{"monthly both", "0 9 28 * *", "0 9 16 * *", "2026-10-28T09:00:00Z"},
	} {
		at, ok := scheduleOf(t, tc.draft, tc.send, "UTC", 0).DraftFor(weekOf(t, "2026-W47"))
		got := ""
		if ok {
			got = at.Format(time.RFC3339)
		}
		if got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.what, got, tc.want)
		}
	}
	s := scheduleOf(t, "0 9 28 * *", "0 9 1 * *", "UTC", 0)
	if at, ok := s.DraftFor(weekOf(t, "2026-W47")); ok {
		t.Errorf("a week without a send: got a draft at %v", at)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ draft, send, want string }{
		{"0 12 * * FRI", "0 9 * * MON", ""},
		{"0 12 * * FRI", "0 9 * * MON,THU", "schedule.send"},
		{"0 12 * * FRI", "0 9,17 * * MON", "schedule.send"},
		{"0 12 * * FRI", "0 9 1,3 * *", "schedule.send"},
		{"0 12 * * *", "0 9 * * MON", "schedule.draft"},
		{"0 9 * * MON", "0 9 * * MON", "without a draft"},
		{"0 12 25 * *", "0 9 1 * *", ""},
	} {
		got := strings.Join(scheduleOf(t, tc.draft, tc.send, "UTC", 0).Warnings(), "\n")
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%q, %q: got warnings %q, want %q", tc.draft, tc.send, got, tc.want)
		}
	}
	if _, err := New(Cron{}, Cron{}, time.UTC, -time.Hour); err == nil {
		t.Error("got no error for a negative catch-up time")
	}
}

func TestStillDue(t *testing.T) {
	t.Parallel()
	s := scheduleOf(t, "0 12 * * FRI", "0 9 * * MON", "UTC", 6*time.Hour)
	slot := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]bool{-time.Hour: true, 0: true, 6 * time.Hour: true, 6*time.Hour + 1: false} {
		if got := s.StillDue(weekOf(t, "2026-W47"), slot.Add(after)); got != want {
			t.Errorf("%s after the slot: got %t, want %t", after, got, want)
		}
	}
}
