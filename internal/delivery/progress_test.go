package delivery

import (
	"math"
	"testing"
	"time"
)

// A steady send shows its rate from the first look on, however often one looks.
func TestProgressRate(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{50 * time.Millisecond, 250 * time.Millisecond, time.Second, 10 * time.Second} {
		p := &Progress{}
		now := time.Unix(0, 0)
		p.begin(Counts{Queued: 1_000_000}, nil, now)
		for range 20 {
			n := int64(every / (10 * time.Millisecond)) // 100 a second
			p.move(Queued, Claimed, n)
			for range n {
				p.end("a.example", Accepted)
			}
			now = now.Add(every)
			s := p.Snapshot(now, 1)
			left := float64(s.Counts[Queued]) / 100
			if math.Abs(s.Rate-100) > 0.01 || math.Abs(s.Left.Seconds()-left) > 1 {
				t.Fatalf("every %v: got %.2f/s, %v left, want 100/s, %.0f s left", every, s.Rate, s.Left, left)
			}
		}
	}
}

// A send that goes on shows its domains from the beginning; what is deferred ends
// again, and counts then.
func TestProgressGoesOn(t *testing.T) {
	t.Parallel()
	p, now := &Progress{}, time.Unix(0, 0)
	p.begin(Counts{Queued: 5, Claimed: 1, Accepted: 7, Deferred: 2}, []DomainCounts{
		{Domain: "one.example", Counts: Counts{Queued: 5, Accepted: 7, Deferred: 2}},
		{Domain: "two.example", Counts: Counts{Queued: 1}},
	}, now)
	p.end("one.example", Accepted)
	got := p.Snapshot(now, 3).Domains
	if len(got) != 1 || got[0].Domain != "one.example" || got[0].Counts[Accepted] != 8 || got[0].Counts[Deferred] != 0 {
		t.Errorf("got %v, want 8 accepted at one.example", got)
	}
}
