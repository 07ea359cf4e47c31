package storetest

import (
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// ended sends an edition in which some readers fail, with what the server said
// of each, and the others are accepted.
func (d *deliveries) ended(week int, p delivery.Pause, faults map[int64]delivery.Fault) {
	d.t.Helper()
	at := monday().AddDate(0, 0, 7*week)
	d.id = d.AddEdition(fmt.Sprintf("2027-W%02d", 10+week))
	d.freeze(d.id)
	d.begin()
	var taken []delivery.Outcome
	for _, r := range d.claimAll() {
		o := delivery.Outcome{ID: r.ID, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}
		if f := faults[r.ID]; f != delivery.NoFault {
			o.State, o.Fault, o.Reply = delivery.Failed, f, "550 "+f.String()
		}
		d.intend(r.ID)
		taken = append(taken, o)
	}
	d.record(delivery.Group{At: at, Outcomes: taken, Pause: p})
	if p.Reason != "" {
		d.Pause(d.id, "")
	}
	if !d.finishedAt(at) {
		d.t.Fatal("got the send open, want it finished")
	}
}

func (d *deliveries) finishedAt(at time.Time) bool {
	d.t.Helper()
	done, err := d.queue.Finish(d.t.Context(), at)
	if err != nil {
		d.t.Fatal(err)
	}
	return done
}

// Hard bounces suppress when the edition ends, and not before.
func hardBounce(t *testing.T, d *deliveries) {
	d.sending(3)
	d.claimAll()
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Failed, Attempt: true, Fault: delivery.HardFault, Reply: "550 5.1.1 no such user"},
		{ID: 2, State: delivery.Failed, Attempt: true, Fault: delivery.SoftFault, Reply: "552 5.2.2 full"},
	}, Intents: intents(3)})
	d.want(dotting, 1, failed, 2)
	if got := d.Suppression(1); got != subscribers.NotSuppressed {
		t.Errorf("in mid-send: got suppression %d, want none", got)
	}
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 3, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}}})
	if !d.finished() {
		t.Fatal("got the send open, want it finished")
	}
	if got := d.Suppression(1); got != subscribers.HardBounce {
		t.Errorf("got suppression %d, want a hard bounce", got)
	}
	if got := d.Suppression(2); got != subscribers.NotSuppressed {
		t.Errorf("one soft bounce: got suppression %d, want none", got)
	}
	d.id = d.AddEdition("2026-W48")
	if got := d.freeze(d.id); got.Recipients != 2 {
		t.Errorf("next edition: got %d recipients, want 2", got.Recipients)
	}
}

// The third soft bounce within five editions suppresses; what is not the
// reader's never counts.
func softBounces(t *testing.T, d *deliveries) {
	d.AddReaders(2)
	soft := func(week int, f delivery.Fault) {
		d.ended(week, delivery.Pause{}, map[int64]delivery.Fault{1: f})
	}
	soft(0, delivery.SoftFault)
	soft(1, delivery.SoftFault)
	for i, f := range []delivery.Fault{delivery.PolicyFault, delivery.PathFault} {
		soft(2+i, f)
		if got := d.Suppression(1); got != subscribers.NotSuppressed {
			t.Fatalf("two bounces and %s: got suppression %d, want none", f, got)
		}
	}
	soft(4, delivery.SoftFault)
	if got := d.Suppression(1); got != subscribers.SoftBounces {
		t.Errorf("third bounce: got suppression %d, want soft bounces", got)
	}
	if got := d.Suppression(2); got != subscribers.NotSuppressed {
		t.Errorf("the other reader: got suppression %d, want none", got)
	}
}

// A domain of which several readers who took mail before are said to be gone has
// an outage: they stay, and it counts as a soft bounce. So it does when a circuit
// breaker has stopped the edition.
func unbelieved(t *testing.T, d *deliveries) {
	d.AddReadersAt(10, func(id int64) string { return fmt.Sprintf("u%d@one.example", id) })
	d.ended(0, delivery.Pause{}, nil)
	gone := func(n int64) map[int64]delivery.Fault {
		faults := map[int64]delivery.Fault{}
		for id := int64(1); id <= n; id++ {
			faults[id] = delivery.HardFault
		}
		return faults
	}
	d.ended(1, delivery.Pause{}, gone(3))
	d.ended(2, delivery.Pause{Reason: "many", Breaker: true}, gone(1))
	for id := int64(1); id <= 3; id++ {
		if got := d.Suppression(id); got != subscribers.NotSuppressed {
			t.Errorf("reader %d: got suppression %d, want none", id, got)
		}
	}
	d.ended(3, delivery.Pause{}, map[int64]delivery.Fault{1: delivery.SoftFault})
	if got := d.Suppression(1); got != subscribers.SoftBounces {
		t.Errorf("reader 1: got suppression %d, want three soft bounces", got)
	}
	d.ended(4, delivery.Pause{}, map[int64]delivery.Fault{9: delivery.HardFault})
	if got := d.Suppression(9); got != subscribers.HardBounce {
		t.Errorf("reader 9: got suppression %d, want one mailbox that is gone believed", got)
	}
}

// Who was refused and put back is last in line.
func lastInLine(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claimAll()
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 2, State: delivery.Queued, Fault: delivery.PolicyFault, Reply: "550 5.7.1 no"}}})
	d.begin()
	if got := d.claim(delivery.Claim{Limit: 9}); ids(got.Recipients) != "[1 3 4]" || !got.More {
		t.Errorf("got %+v, want the others first", got)
	}
	got := d.claim(delivery.Claim{Limit: 9})
	if ids(got.Recipients) != "[2]" || got.More || !got.Recipients[0].Refused || got.Recipients[0].Attempts != 0 {
		t.Errorf("got %+v, want the refused one last", got)
	}
}

// Where the circuit breaker has paused the send, no refusal is believed: everybody
// who failed comes back by an operator's word.
func resendStopped(t *testing.T, d *deliveries) {
	d.AddReaders(6)
	d.ended(0, delivery.Pause{Reason: "the first 20 readers", Breaker: true}, map[int64]delivery.Fault{
		1: delivery.HardFault, 2: delivery.SoftFault, 3: delivery.PolicyFault,
	})
	info, err := d.Info(t.Context(), d.id)
	if err != nil || !info.Stopped {
		t.Errorf("got %+v, %v, want it stopped", info, err)
	}
	if n, err := d.Resolve(t.Context(), d.id, delivery.ResendFailed, monday()); err != nil || n != 3 {
		t.Errorf("got %d, %v, want all 3", n, err)
	}
	d.want(queued, 3, accepted, 3)
}

// What failed through no fault of the readers comes back by an operator's word.
func resend(t *testing.T, d *deliveries) {
	d.AddReaders(6)
	d.ended(0, delivery.Pause{}, map[int64]delivery.Fault{
		1: delivery.HardFault, 2: delivery.SoftFault, 3: delivery.PolicyFault, 4: delivery.AccountFault, 5: delivery.PathFault,
	})
	refusals, err := d.Refusals(t.Context(), d.id)
	if err != nil || len(refusals) != 5 || refusals[0].Count != 1 || refusals[0].State != delivery.Failed {
		t.Errorf("got %+v, %v, want each refusal", refusals, err)
	}
	n, err := d.Resolve(t.Context(), d.id, delivery.ResendFailed, monday())
	if err != nil || n != 3 {
		t.Errorf("got %d, %v, want 3", n, err)
	}
	d.want(queued, 3, accepted, 1, failed, 2)
	d.begin()
	if got := d.claimAll(); ids(got) != "[3 4 5]" || got[0].Attempts != 0 || got[0].Refused {
		t.Errorf("got %+v, want 3 to 5 as if never tried", got)
	}
}
