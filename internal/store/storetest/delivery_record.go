package storetest

import (
	"fmt"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
)

func intent(t *testing.T, d *deliveries) {
	d.sending(3)
	d.claim(delivery.Claim{Limit: 2})
	res := d.record(delivery.Group{Intents: intents(1, 3)}) // 3 is not claimed
	if len(res.Withdrawn) != 1 || res.Withdrawn[0] != 3 {
		t.Errorf("got %+v, want 3 refused", res)
	}
	res = d.record(delivery.Group{Intents: intents(1)})
	if len(res.Withdrawn) != 1 {
		t.Errorf("second intent: got %+v, want it refused", res)
	}
	d.want(queued, 1, claimed, 1, dotting, 1)
	if got := d.info().Seq("n1"); got != 1 {
		t.Errorf("got sequence %d, want that of the group whose intent held: 1", got)
	}
}

// largeGroup is a group of more readers than a statement need name; one of them has left.
func largeGroup(t *testing.T, d *deliveries) {
	const n = 700
	d.sending(n)
	d.claimAll()
	d.Unsubscribe(333)
	var ids []int64
	var took []delivery.Outcome
	for id := int64(1); id <= n; id++ {
		ids = append(ids, id)
		if id != 333 {
			took = append(took, delivery.Outcome{ID: id, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: fmt.Sprintf("250 2.0.0 Ok: %d", id)})
		}
	}
	if res := d.record(delivery.Group{Intents: intents(ids...)}); len(res.Withdrawn) != 1 || res.Withdrawn[0] != 333 {
		t.Errorf("got %+v, want 333 withdrawn", res)
	}
	d.want(dotting, n-1, suppressed, 1)
	d.record(delivery.Group{Outcomes: took})
	d.want(accepted, n-1, suppressed, 1)
	list, err := d.List(t.Context(), d.id, delivery.Accepted, 600, 1)
	if err != nil || len(list) != 1 || list[0].Reply != "250 2.0.0 Ok: 601" || list[0].Dots != 1 {
		t.Errorf("got %+v, %v, want what was said of 601", list, err)
	}
}

func outcomes(t *testing.T, d *deliveries) {
	d.sending(5)
	d.claimAll()
	d.intend(1, 2, 3)
	long := "550 " + strings.Repeat("x", 150)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 2.0.0 Ok: queued as X"},
		{ID: 2, State: delivery.Unknown, Dotted: true, Attempt: true},
		{ID: 3, State: delivery.Queued, Dotted: true, Reply: "550 5.7.1 no"},
		{ID: 4, State: delivery.Failed, Attempt: true, Reply: long},
		{ID: 5, State: delivery.Queued},
	}})
	d.want(queued, 2, accepted, 1, failed, 1, unknown, 1)
	if got := d.only(delivery.Accepted); got.Reply != "250 2.0.0 Ok: queued as X" || got.Attempts != 1 || got.Dots != 1 || !got.At.Equal(monday()) {
		t.Errorf("got %+v, want the reply as it was", got)
	}
	if got := d.only(delivery.Failed); got.Reply != long {
		t.Errorf("got %q, want the long reply as it was", got.Reply)
	}
	d.begin()
	for _, r := range append(d.claimAll(), d.claimAll()...) { // who was refused is last in line
		if refused := r.ID == 3; r.Refused != refused || r.Attempts != 0 {
			t.Errorf("claimed again: got %+v, want Refused %v at no attempt", r, refused)
		}
	}
	// An outcome after the end needs an end.
	_, err := d.tryRecord(delivery.Group{Outcomes: []delivery.Outcome{{ID: 5, State: delivery.Accepted, Dotted: true}}})
	is(t, "accepted without an intent", err, delivery.ErrNotSending)
	d.want(claimed, 2, accepted, 1, failed, 1, unknown, 1)
}

// An intent whose message was not ended is undone, but stays counted; what has
// an outcome stays as it is, and so does all that may be another sender's.
func undone(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claimAll()
	d.intend(1, 2)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Deferred, Dotted: true, Attempt: true, NextAttempt: monday(), Reply: "450 4.2.0 later"},
		{ID: 2, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"},
	}})
	if got := d.claim(delivery.Claim{Due: monday(), Limit: 9}).Recipients; len(got) != 1 {
		t.Fatalf("got %+v claimed, want the deferred one", got)
	}
	d.intend(1, 3)
	d.record(delivery.Group{Undone: []int64{1, 2, 4}})
	d.want(queued, 1, claimed, 1, dotting, 1, accepted, 1)
	if got := d.only(delivery.Queued); got.ID != 1 || got.Dots != 2 || got.Attempts != 1 || got.Reply != "450 4.2.0 later" {
		t.Errorf("got %+v, want reader 1 with two intents, one attempt and its reply", got)
	}
	d.acquire(d.id)
	_, err := d.tryRecord(delivery.Group{Undone: []int64{3}})
	is(t, "without the lease", err, delivery.ErrLeaseLost)
	d.want(queued, 1, claimed, 1, dotting, 1, accepted, 1)
}

func gate(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claimAll()
	d.intend(1)
	accept := []delivery.Outcome{{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}}
	res := d.record(delivery.Group{Outcomes: accept, Intents: intents(2), Pause: delivery.Pause{Reason: "AUTH 535"}})
	is(t, "a pause of our own", res.Gate, delivery.ErrPaused)
	d.want(claimed, 3, accepted, 1) // the outcome is recorded, the intent is not
	if got := d.info().PauseReason; got != "AUTH 535" {
		t.Errorf("got reason %q, want AUTH 535", got)
	}
	d.record(delivery.Group{Pause: delivery.Pause{Reason: "later"}})
	if got := d.info().PauseReason; got != "AUTH 535" {
		t.Errorf("got reason %q, want the first one kept", got)
	}
	d.Pause(d.id, "")
	d.intend(2)
	d.Pause(d.id, "by the editor")
	is(t, "a pause by others", d.record(delivery.Group{Intents: intents(3)}).Gate, delivery.ErrPaused)
	d.Pause(d.id, "")
	d.Cancel(d.id)
	is(t, "cancelled", d.record(delivery.Group{Intents: intents(3), Pause: delivery.Pause{Reason: "x"}}).Gate, delivery.ErrCancelled)
	d.want(dotting, 1, accepted, 1, suppressed, 2) // nobody is left in the queue of what was cancelled
}
