package storetest

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

func intent(t *testing.T, d *deliveries) {
	d.sending(3)
	d.claim(delivery.Claim{Limit: 2})
	res := d.record(delivery.Group{Intents: []int64{1, 3}}) // 3 is not claimed
	if len(res.Withdrawn) != 1 || res.Withdrawn[0] != 3 {
		t.Errorf("got %+v, want 3 refused", res)
	}
	res = d.record(delivery.Group{Intents: []int64{1}})
	if len(res.Withdrawn) != 1 {
		t.Errorf("second intent: got %+v, want it refused", res)
	}
	d.want(queued, 1, claimed, 1, dotting, 1)
	if got := d.info().Seq("n1"); got != 1 {
		t.Errorf("got sequence %d, want that of the group whose intent held: 1", got)
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
	for _, r := range d.claimAll() {
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
	res := d.record(delivery.Group{Outcomes: accept, Intents: []int64{2}, Pause: "AUTH 535"})
	is(t, "a pause of our own", res.Gate, delivery.ErrPaused)
	d.want(claimed, 3, accepted, 1) // the outcome is recorded, the intent is not
	if got := d.info().PauseReason; got != "AUTH 535" {
		t.Errorf("got reason %q, want AUTH 535", got)
	}
	d.record(delivery.Group{Pause: "later"})
	if got := d.info().PauseReason; got != "AUTH 535" {
		t.Errorf("got reason %q, want the first one kept", got)
	}
	d.Pause(d.id, "")
	d.intend(2)
	d.Pause(d.id, "by the editor")
	is(t, "a pause by others", d.record(delivery.Group{Intents: []int64{3}}).Gate, delivery.ErrPaused)
	d.Pause(d.id, "")
	d.Cancel(d.id)
	is(t, "cancelled", d.record(delivery.Group{Intents: []int64{3}, Pause: "x"}).Gate, delivery.ErrCancelled)
	d.want(claimed, 2, dotting, 1, accepted, 1)
}

func hardBounce(t *testing.T, d *deliveries) {
	d.sending(3)
	d.claimAll()
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Failed, Attempt: true, Suppression: delivery.Suppress, Reply: "550 5.1.1 no such user"},
		{ID: 2, State: delivery.Failed, Attempt: true, Suppression: delivery.CountSoft, Reply: "552 5.2.2 full"},
	}})
	d.want(claimed, 1, failed, 2)
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

// The third failure within five editions suppresses; refusals by policy are not
// the reader's.
func softBounces(t *testing.T, d *deliveries) {
	d.AddReaders(2)
	soft := func(i int, reply string) {
		d.id = d.AddEdition(monday().AddDate(0, 0, 7*i).Format("2006") + "-W" + []string{"10", "11", "12", "13", "14", "15", "16", "17"}[i])
		d.freeze(d.id)
		d.begin()
		d.claimAll()
		d.record(delivery.Group{At: monday().AddDate(0, 0, 7*i), Outcomes: []delivery.Outcome{
			{ID: 1, State: delivery.Failed, Attempt: true, Suppression: delivery.CountSoft, Reply: reply},
		}})
	}
	soft(0, "552 5.2.2 full")
	soft(1, "552 5.2.2 full")
	soft(2, "550 5.7.1 policy")
	if got := d.Suppression(1); got != subscribers.NotSuppressed {
		t.Fatalf("two bounces and a policy: got suppression %d, want none", got)
	}
	soft(3, "550 user unknown")
	if got := d.Suppression(1); got != subscribers.SoftBounces {
		t.Errorf("third bounce: got suppression %d, want soft bounces", got)
	}
	if got := d.Suppression(2); got != subscribers.NotSuppressed {
		t.Errorf("the other reader: got suppression %d, want none", got)
	}
}
