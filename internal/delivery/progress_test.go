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
		p.begin(Counts{Queued: 1_000_000}, now)
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
