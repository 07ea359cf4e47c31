package pipeline

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

// TestHandOver leaves an edition to who has just frozen it, and to nobody for long.
func TestHandOver(t *testing.T) {
	t.Parallel()
	var f frozenHere
	now := time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)
	own, other := edition.Week{Year: 2026, Number: 46}, edition.Week{Year: 2026, Number: 47}
	f.note(own)
	for _, tt := range []struct {
		name string
		week edition.Week
		age  time.Duration
		want bool
	}{
		{"our own", own, 0, false},
		{"another's, just now", other, 0, true},
		{"another's, a second ago", other, time.Second, true},
		{"another's, who has not sent it", other, handOver, false},
		{"by a clock that is ahead", other, -time.Minute, false},
	} {
		if got := f.others(edition.Edition{Week: tt.week, FrozenAt: now.Add(-tt.age)}, now); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}
