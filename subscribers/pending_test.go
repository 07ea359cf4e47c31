package subscribers_test

import (
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

func TestForgotten(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	long := now.Add(-subscribers.PendingFor)
	many := make([]subscribers.PendingReader, subscribers.ForgetMost+1)
	for i := range many {
		many[i] = subscribers.PendingReader{ID: int64(i), AskedAt: long.Add(-time.Hour)}
	}
	tests := []struct {
		name    string
		pending []subscribers.PendingReader
		want    int
	}{
		{"nobody", nil, 0},
		{"asked long ago", []subscribers.PendingReader{{ID: 1, AskedAt: long.Add(-time.Millisecond)}}, 1},
		{"asked just in time", []subscribers.PendingReader{{ID: 1, AskedAt: long}}, 0},
		{"brought by an import", []subscribers.PendingReader{{ID: 1}}, 0},
		{"more than are forgotten at a time", many, subscribers.ForgetMost},
	}
	for _, tt := range tests {
		got := subscribers.Forgotten(tt.pending, now)
		if len(got) != tt.want || len(got) > 0 && got[0] != tt.pending[0].ID {
			t.Errorf("%s: got %v, want %d of them", tt.name, got, tt.want)
		}
	}
}

func TestUsualPerHour(t *testing.T) {
	t.Parallel()
	hours := int64(subscribers.CountedFor / time.Hour)
	for unconfirmed, want := range map[int64]float64{0: 0, hours: 1, 5 * hours: 5, -3: 0} { // more confirmed than asked: of before
		if got := subscribers.UsualPerHour(unconfirmed); got != want {
			t.Errorf("%d: got %v, want %v", unconfirmed, got, want)
		}
	}
}

// A hard bounce that is not believed counts as a soft one; nothing else is weighed.
func TestBounceClasses(t *testing.T) {
	t.Parallel()
	ofReader := []subscribers.BounceClass{subscribers.BounceComplaint, subscribers.BounceHard, subscribers.BounceSoft}
	for _, c := range []subscribers.BounceClass{
		subscribers.BounceComplaint, subscribers.BounceHard, subscribers.BounceSoft, subscribers.BouncePolicy,
		subscribers.BounceSender, subscribers.BouncePath, subscribers.BounceDelayed, "",
	} {
		if got, want := c.OfReader(), slices.Contains(ofReader, c); got != want {
			t.Errorf("%q of the reader: got %t, want %t", c, got, want)
		}
		want := c
		if c == subscribers.BounceHard {
			want = subscribers.BounceSoft
		}
		if got := c.Weighed(false); got != want || c.Weighed(true) != c {
			t.Errorf("%q: got %q not believed and %q believed, want %q and %q", c, got, c.Weighed(true), want, c)
		}
	}
}

// A reader's choice changes the name, the topics and the pause, whatever else the
// page that offers it has filled in.
func TestChoose(t *testing.T) {
	t.Parallel()
	until := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	old := subscribers.Subscriber{ID: 1, Email: "a@example.com", Name: "A", Status: subscribers.Active}
	got := old.Choose(subscribers.Subscriber{ID: 2, Email: "b@example.com", Name: "B", Status: subscribers.Pending, Categories: []string{"ci"}, PausedUntil: until})
	if got.ID != 1 || got.Email != "a@example.com" || got.Status != subscribers.Active {
		t.Errorf("got %+v, want number, address and status as they were", got)
	}
	if got.Name != "B" || !slices.Equal(got.Categories, []string{"ci"}) || !got.PausedUntil.Equal(until) {
		t.Errorf("got %+v, want the name, topics and pause that were chosen", got)
	}
}
