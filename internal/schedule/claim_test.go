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
	for _, s := range edition.States() {
		want := s == edition.Sending || s == edition.Sent || s == edition.Cancelled
		if got := schedule.Send.SettledBy(s); got != want {
			t.Errorf("a send by a %s edition: got %t, want %t", s, got, want)
		}
		if schedule.Draft.SettledBy(s) {
			t.Errorf("a draft by a %s edition: got it settled", s)
		}
	}
}
