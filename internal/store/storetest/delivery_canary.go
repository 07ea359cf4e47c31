package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// The first part of a list: set once, claimed alone, and what became of it.
func canary(t *testing.T, d *deliveries) {
	ctx := context.Background()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	d.sending(6)
	var offered []int64
	fatal(d.Candidates(ctx, d.id, func(id int64, email string) error {
		if email == "" {
			t.Errorf("reader %d: got no address", id)
		}
		offered = append(offered, id)
		return nil
	}))
	if want := []int64{1, 2, 3, 4, 5, 6}; !slices.Equal(offered, want) {
		t.Errorf("got %v offered, want %v", offered, want)
	}
	fatal(d.EndCanary(ctx, d.id, monday(), true))
	if got := d.info().Canary; len(got.IDs) != 0 || !got.Until.IsZero() {
		t.Errorf("got %+v, want no first part", got)
	}
	first := []int64{2, 4, 5}
	fatal(d.BeginCanary(ctx, d.id, first))
	fatal(d.BeginCanary(ctx, d.id, []int64{1})) // another node's
	if got := d.info().Canary; !slices.Equal(got.IDs, first) || !got.Until.IsZero() || !got.Pending(monday()) {
		t.Errorf("got %+v, want %v, and the others to wait", got, first)
	}
	got := d.claim(delivery.Claim{Limit: 2, Only: first})
	more := d.claim(delivery.Claim{Limit: 2, Only: first})
	if fmt.Sprint(ids(append(got.Recipients, more.Recipients...))) != "[2 4 5]" || got.From != delivery.Queued {
		t.Errorf("got %v and %v, want 2, 4 and 5", ids(got.Recipients), ids(more.Recipients))
	}
	if end := d.claim(delivery.Claim{Limit: 2, Only: first}); len(end.Recipients) != 0 || end.More {
		t.Errorf("got %+v, want none and no more of them", end)
	}
	d.intend(2, 5)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 2, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"},
		{ID: 5, State: delivery.Failed, Dotted: true, Attempt: true, Fault: delivery.HardFault, Reply: "550 5.1.1 <x@y.example> no such user"},
	}})
	until := monday().Add(30 * time.Minute)
	fatal(d.EndCanary(ctx, d.id, until, true))
	fatal(d.EndCanary(ctx, d.id, until.Add(time.Hour), true)) // another node's
	if c := d.info().Canary; !c.Until.Equal(until) || !c.Pending(until.Add(-time.Second)) || c.Pending(until) {
		t.Errorf("got %+v, want it to end at %s", c, until)
	}
	r, err := d.CanaryRecord(ctx, d.id, first)
	fatal(err)
	want := delivery.Counts{delivery.Accepted: 1, delivery.Failed: 1, delivery.Claimed: 1}
	if r.Counts != want || r.Refused != "550 5.1.1 <address> no such user" || len(r.Returned) != 0 {
		t.Errorf("got %+v, want %v and the reply without its address", r, want)
	}
	f := finding(1, 2, subscribers.BounceComplaint, "a complaint")
	f.Week = "2026-W47"
	d.back(f)
	if r, err = d.CanaryRecord(ctx, d.id, first); err != nil || len(r.Returned) != 1 || r.Returned[0].Reader != 2 || r.Returned[0].Class != subscribers.BounceComplaint {
		t.Errorf("got %+v, %v, want the complaint of 2", r.Returned, err)
	}
	fatal(d.EndCanary(ctx, d.id, monday(), false))
	if c := d.info().Canary; !c.Until.Equal(monday()) {
		t.Errorf("got %+v, want it ended", c)
	}
	if all := d.claimAll(); fmt.Sprint(ids(all)) != "[1 3 6]" {
		t.Errorf("got %v, want the others", ids(all))
	}
}
