package schedule_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
)

func TestClaimOfARecord(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		r    schedule.Record
		want schedule.Claim
	}{
		"nobody has tried it":  {schedule.Record{}, schedule.Won},
		"given back":           {schedule.Record{Outcome: schedule.Open}, schedule.Won},
		"mine already":         {schedule.Record{Outcome: schedule.Open, Owner: "me", Until: now.Add(time.Minute)}, schedule.Won},
		"another's":            {schedule.Record{Outcome: schedule.Open, Owner: "you", Until: now.Add(time.Minute)}, schedule.Busy},
		"another's, that died": {schedule.Record{Outcome: schedule.Open, Owner: "you", Until: now}, schedule.Won},
		"done":                 {schedule.Record{Outcome: schedule.Done}, schedule.Settled},
		"too late":             {schedule.Record{Outcome: schedule.TooLate}, schedule.Settled},
	} {
		if got := c.r.Claim("me", now); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestWhatSettlesASend(t *testing.T) {
	t.Parallel()
	for _, s := range []edition.State{
		edition.Draft, edition.Approved, edition.Held, edition.Sending, edition.Sent, edition.Skipped, edition.Missed, edition.Cancelled,
	} {
		want := s == edition.Sending || s == edition.Sent || s == edition.Cancelled
		if got := schedule.Send.SettledBy(s); got != want {
			t.Errorf("a send by a %s edition: got %t, want %t", s, got, want)
		}
		if schedule.Draft.SettledBy(s) {
			t.Errorf("a draft by a %s edition: got it settled", s)
		}
	}
}

func TestSettledThrough(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ open, latest, want time.Time }{
		{},
		{latest: at, want: at},
		{open: at, latest: at.AddDate(0, 0, 7), want: at.Add(-time.Millisecond)}, // a later one is settled
		{open: at, latest: at, want: at.Add(-time.Millisecond)},
	} {
		if got := schedule.SettledThrough(tc.open, tc.latest); !got.Equal(tc.want) {
			t.Errorf("open from %s, the latest %s: got %s, want %s", tc.open, tc.latest, got, tc.want)
		}
	}
}

func TestMadeByClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	missed := edition.Edition{State: edition.Missed, Slot: now.AddDate(0, 0, 7)}
	with := func(change func(*edition.Edition)) edition.Edition {
		e := missed
		change(&e)
		return e
	}
	for name, tc := range map[string]struct {
		e    edition.Edition
		want bool
	}{
		"missed, to come":   {missed, true},
		"missed, now":       {with(func(e *edition.Edition) { e.Slot = now }), false},
		"a draft to come":   {with(func(e *edition.Edition) { e.State = edition.Draft }), false},
		"sent, to come":     {with(func(e *edition.Edition) { e.State = edition.Sent }), false},
		"built":             {with(func(e *edition.Edition) { e.Hash = "h" }), false},
		"with content":      {with(func(e *edition.Edition) { e.Items = []edition.Item{{}} }), false},
		"with carried over": {with(func(e *edition.Edition) { e.Carried = []edition.Item{{}} }), false},
	} {
		if got := schedule.MadeByClock(tc.e, now); got != tc.want {
			t.Errorf("%s: got %t, want %t", name, got, tc.want)
		}
	}
}
