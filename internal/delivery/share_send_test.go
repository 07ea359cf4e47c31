package delivery_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// Two editions share a connection. The first has it, and seldom something to send:
// its domain takes one message a minute, so that its session waits, and no lull is ever
// expected. The second is through long before, because the session makes way; and the
// first goes on.
func TestEditionsShareAConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 12
		f := deliverytest.Open(t, t.TempDir())
		f.AddReadersAt(n, func(id int64) string { return fmt.Sprintf("reader%d@slow.example", id) })
		first, second := f.AddEdition(deliverytest.Week), f.AddEdition("2026-W48")
		pacing := delivery.Pacing{Connections: 1}
		share := delivery.NewShare(pacing, nil, nil)
		server := &deliverytest.Server{}
		send := func(edition int64, p delivery.Pacing) delivery.Summary {
			f := *f
			f.Edition = edition
			opt := f.Options(server)
			opt.Pacing, opt.Share, opt.LeaseFor = p, share, 12*time.Hour
			sum, err := delivery.Run(t.Context(), opt)
			if err != nil || !sum.Finished {
				t.Errorf("edition %d: got %+v, %v, want it sent", edition, sum, err)
			}
			return sum
		}
		for _, id := range []int64{first, second} {
			if _, err := f.Stores.Freezer.Freeze(t.Context(), f.FreezeOf(id)); err != nil {
				t.Fatal(err)
			}
		}
		var slow, quick delivery.Summary
		var both sync.WaitGroup
		both.Go(func() {
			p := pacing
			p.Domain = delivery.DomainLimit{Rate: 1.0 / 60}
			slow = send(first, p)
		})
		time.Sleep(90 * time.Second)
		both.Go(func() { quick = send(second, pacing) })
		both.Wait()
		if quick.Took > time.Minute || slow.Took < (n-2)*time.Minute || slow.Took > (n+2)*time.Minute {
			t.Errorf("got %v and %v, want the one at once and the other at its pace", quick.Took, slow.Took)
		}
		for to, messages := range server.Received() {
			if messages != 2 {
				t.Errorf("%s: got %d messages, want one of each edition", to, messages)
			}
		}
	})
}

// Two editions with much to send share two connections: neither waits for the other's
// end.
func TestEditionsShareEqually(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1200
		f := deliverytest.Open(t, t.TempDir())
		f.AddReaders(n)
		pacing := delivery.Pacing{Connections: 2}
		share := delivery.NewShare(pacing, nil, nil)
		server := &deliverytest.Server{Takes: 100 * time.Millisecond}
		var took [2]time.Duration
		var both sync.WaitGroup
		for i, week := range []string{deliverytest.Week, "2026-W48"} {
			f := *f
			f.Edition = f.AddEdition(week)
			f.Freeze()
			both.Go(func() {
				opt := f.Options(server)
				opt.Pacing, opt.Share, opt.LeaseFor = pacing, share, 12*time.Hour
				sum, err := delivery.Run(t.Context(), opt)
				if err != nil || !sum.Finished {
					t.Errorf("%s: got %+v, %v, want it sent", week, sum, err)
				}
				took[i] = sum.Took
			})
		}
		both.Wait()
		if late, early := max(took[0], took[1]), min(took[0], took[1]); early < late*3/4 {
			t.Errorf("got %v and %v, want both to end at about the same time", early, late)
		}
	})
}
