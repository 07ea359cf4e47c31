package pipeline

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// leasesThatLast renew whatever they are asked to.
type leasesThatLast struct{ delivery.Leases }

func (leasesThatLast) Acquire(_ context.Context, l delivery.Lease, _ bool, _ time.Time) (delivery.Sender, error) {
	return delivery.Sender{Edition: l.Edition, Epoch: 1}, nil
}
func (leasesThatLast) Renew(context.Context, delivery.Sender, time.Time) error { return nil }
func (leasesThatLast) Release(context.Context, delivery.Sender) error          { return nil }

// A sender that hangs is seen: in its search for work, and in each edition that it
// sends while the search goes on.
func TestHealthOfAHangingSender(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &Pipeline{signs: &signs{editions: map[int64]time.Time{}}}
		well := func(want bool, when string) {
			t.Helper()
			if err := p.Health(); (err == nil) != want || err != nil && !strings.Contains(err.Error(), "no sign of life") {
				t.Errorf("%s: got %v, want it well: %t", when, err, want)
			}
		}
		well(true, "before it runs")
		p.signs.look()
		time.Sleep(hung / 2)
		well(true, "at work")
		time.Sleep(hung)
		well(false, "the search hangs")
		p.signs.look()
		well(true, "it goes on")

		leases := watchedLeases{leasesThatLast{}, p.signs}
		s, err := leases.Acquire(t.Context(), delivery.Lease{Edition: 7}, false, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			time.Sleep(hung / 2)
			p.signs.look()
			if err := leases.Renew(t.Context(), s, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		well(true, "an edition is sent")
		time.Sleep(hung + time.Second)
		p.signs.look()
		well(false, "an edition's sender hangs, the search goes on")
		if err := leases.Release(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		well(true, "the edition's sender has ended")
	})
}
