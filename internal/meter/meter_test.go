package meter

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

func snapshot() delivery.Snapshot {
	return delivery.Snapshot{
		Counts: delivery.Counts{delivery.Queued: 450, delivery.Claimed: 50, delivery.Accepted: 480, delivery.Failed: 12, delivery.Deferred: 7, delivery.Unknown: 1},
		Rate:   123.4, Left: 4*time.Second + 52*time.Millisecond,
		Domains: []delivery.DomainCounts{
			{Domain: "one.example", Counts: delivery.Counts{delivery.Accepted: 300, delivery.Failed: 12}},
			{Domain: "two.example", Counts: delivery.Counts{delivery.Accepted: 180}},
		},
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		s    delivery.Snapshot
		want string
	}{
		{"empty", delivery.Snapshot{}, " 0 %  0/0"},
		{"running", snapshot(), " 49 %  493/1000  123/s  4s left"},
		{"slow", delivery.Snapshot{Counts: delivery.Counts{delivery.Queued: 9, delivery.Accepted: 1}, Rate: 0.25, Left: 36 * time.Second}, " 10 %  1/10  0.2/s  36s left"},
		{"no rate", delivery.Snapshot{Counts: delivery.Counts{delivery.Queued: 9}, Rate: 0.001, Left: 9000 * time.Hour}, " 0 %  0/9"},
		{"nearly done", delivery.Snapshot{Counts: delivery.Counts{delivery.Queued: 1, delivery.Accepted: 999}}, " 99 %  999/1000"},
	} {
		if got := figures(tc.s); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	if got, want := outcomes(snapshot().Counts), "480 accepted, 12 failed, 7 deferred, 1 unknown"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := domains(snapshot()), "one.example 300, 12 failed; two.example 180"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
