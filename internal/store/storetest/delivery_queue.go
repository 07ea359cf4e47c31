package storetest

import (
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

func freezeList(t *testing.T, d *deliveries) {
	d.AddReaders(5)
	d.Unsubscribe(2)
	d.id = d.AddEdition("2026-W47")
	if got := d.freeze(d.id); got != (delivery.Frozen{Recipients: 4}) {
		t.Errorf("got %+v, want 4 recipients", got)
	}
	d.want(queued, 4)
	info := d.info()
	if info.Week != "2026-W47" || info.State != "sending" || info.Recipients != 4 || !info.StartedAt.Equal(monday()) {
		t.Errorf("got %+v, want the send of 2026-W47", info)
	}
	other := d.AddEdition("2026-W48")
	_, err := d.Info(t.Context(), other)
	is(t, "info before the freeze", err, delivery.ErrNotFound)
}

func freezeNobody(t *testing.T, d *deliveries) {
	d.id = d.AddEdition("2026-W47")
	f := delivery.Freeze{Edition: d.id, Hash: "h", Message: []byte("m"), At: monday()}
	_, err := d.Freeze(t.Context(), f)
	is(t, "no readers", err, delivery.ErrNobody)
	d.AddReaders(1)
	f.Hash = "other"
	_, err = d.Freeze(t.Context(), f)
	is(t, "built again", err, edition.ErrChanged)
	f.Hash, f.ApprovalRequired = "h", true
	_, err = d.Freeze(t.Context(), f)
	is(t, "not approved", err, edition.ErrNotApproved)
	d.want()
}

// Who joins after the freeze is not part of it.
func freezeTwice(t *testing.T, d *deliveries) {
	d.sending(3)
	d.AddReaders(2)
	if got := d.freeze(d.id); got != (delivery.Frozen{Recipients: 3, Resumed: true}) {
		t.Errorf("got %+v, want the first freeze's 3 recipients", got)
	}
	d.want(queued, 3)
}

func claimInOrder(t *testing.T, d *deliveries) {
	d.sending(6)
	d.Unsubscribe(2) // after the freeze
	d.want(queued, 5, suppressed, 1)
	c := d.claim(delivery.Claim{Limit: 3})
	if got := ids(c.Recipients); got != "[1 3 4]" || !c.More || c.From != delivery.Queued {
		t.Errorf("got %s, %+v, want 1, 3 and 4", got, c)
	}
	if r := c.Recipients[0]; r.Email == "" || r.Domain() == "" || r.Token == [16]byte{} || r.Attempts != 0 {
		t.Errorf("got %+v, want the reader's values", r)
	}
	c = d.claim(delivery.Claim{Limit: 3})
	if got := ids(c.Recipients); got != "[5 6]" || c.More {
		t.Errorf("got %s, %+v, want 5 and 6 and no more", got, c)
	}
	d.want(claimed, 5, suppressed, 1)
	if got := d.claimAll(); len(got) != 0 {
		t.Errorf("got %s claimed twice, want none", ids(got))
	}
}

func claimSkips(t *testing.T, d *deliveries) {
	d.sending(8)
	first := d.claim(delivery.Claim{Limit: 1}).Recipients[0]
	d.begin() // the reader is queued again
	skip := []string{first.Domain(), "unheard.example"}
	c := d.claim(delivery.Claim{Limit: 3, Skip: skip})
	if got := ids(c.Recipients); got != "[2 3 4]" || !c.More {
		t.Errorf("got %s, %+v, want 2 to 4 and more", got, c)
	}
	c = d.claim(delivery.Claim{Limit: 9, Skip: skip})
	if got := ids(c.Recipients); got != "[5 6 7 8]" || !c.More {
		t.Errorf("got %s, %+v, want 5 to 8, and the one that was skipped", got, c)
	}
	d.want(queued, 1, claimed, 7)
	if c = d.claim(delivery.Claim{Limit: 9, Skip: skip}); len(c.Recipients) != 0 || !c.More {
		t.Errorf("got %s, %+v, want the one that is skipped left", ids(c.Recipients), c)
	}
	if c = d.claim(delivery.Claim{Limit: 9}); ids(c.Recipients) != "[1]" || c.More {
		t.Errorf("got %s, %+v, want 1 in the end, and no more", ids(c.Recipients), c)
	}
}

func claimDue(t *testing.T, d *deliveries) {
	d.sending(3)
	d.claimAll()
	at := monday()
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Deferred, Attempt: true, NextAttempt: at.Add(2 * time.Minute), Reply: "450 later"},
		{ID: 2, State: delivery.Deferred, Attempt: true, NextAttempt: at.Add(time.Minute), Reply: "450 later"},
		{ID: 3, State: delivery.Deferred, Attempt: true, NextAttempt: at.Add(time.Hour), Reply: "450 later"},
	}})
	if next, err := d.NextDeferred(t.Context(), d.id); err != nil || !next.Equal(at.Add(time.Minute)) {
		t.Errorf("next: got %v, %v, want in a minute", next, err)
	}
	if c := d.claim(delivery.Claim{Limit: 9, Due: at}); len(c.Recipients) != 0 {
		t.Errorf("got %s, want none due yet", ids(c.Recipients))
	}
	c := d.claim(delivery.Claim{Limit: 9, Due: at.Add(5 * time.Minute)})
	if got := ids(c.Recipients); got != "[2 1]" || c.From != delivery.Deferred {
		t.Errorf("got %s, want 2 and 1, the earliest first", got)
	}
	if r := c.Recipients[0]; r.Attempts != 1 || !r.Since.Equal(at) || r.Dots != 0 || r.Refused {
		t.Errorf("got %+v, want one attempt, first refused now", r)
	}
	d.want(claimed, 2, deferred, 1)
}

func withdrawn(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claimAll()
	d.intend(1)
	d.Unsubscribe(1) // too late: its message's end is on its way
	d.Unsubscribe(2)
	res := d.record(delivery.Group{Intents: intents(2, 3)})
	if fmt.Sprint(res.Withdrawn) != "[2]" || res.Gate != nil {
		t.Errorf("got %+v, want 2 withdrawn", res)
	}
	// What a server said of a reader who left meanwhile changes nothing.
	d.Unsubscribe(4)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 4, State: delivery.Deferred, Attempt: true, NextAttempt: monday(), Reply: "450 later"},
		{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"},
	}})
	d.want(accepted, 1, dotting, 1, suppressed, 2)
}

func recoverCrashed(t *testing.T, d *deliveries) {
	d.sending(5)
	d.claimAll()
	d.intend(1, 2)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}}})
	if got := d.begin(); got != (delivery.Recovered{Requeued: 3, Unknown: 1}) {
		t.Errorf("got %+v, want 3 queued again and 1 unknown", got)
	}
	d.want(queued, 3, accepted, 1, unknown, 1)
	if u := d.only(delivery.Unknown); u.ID != 2 || u.Dots != 1 || u.Email == "" {
		t.Errorf("got %+v, want reader 2", u)
	}
}

func release(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claim(delivery.Claim{Limit: 2})
	if err := d.queue.Release(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	d.want(queued, 4)
	d.begin()
	d.claim(delivery.Claim{Limit: 2})
	until := monday().Add(time.Hour)
	if err := d.queue.Release(t.Context(), until); err != nil {
		t.Fatal(err)
	}
	d.want(deferred, 4)
	if next, err := d.NextDeferred(t.Context(), d.id); err != nil || !next.Equal(until) {
		t.Errorf("next: got %v, %v, want %v", next, err, until)
	}
}
