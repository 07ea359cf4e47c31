package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// wantRelays compares what was tried by relay.
func (d *deliveries) wantRelays(what string, want ...delivery.RelayCounts) {
	d.t.Helper()
	got, err := d.Relays(d.t.Context(), d.id)
	if err != nil || !reflect.DeepEqual(got, want) {
		d.t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
	}
}

// The relay is recorded with the intent, so that it is known where to look for a
// message without an answer, and with the verdict of one that had none. It is the last
// one, and stays known when the deliveries are dropped.
func relays(t *testing.T, d *deliveries) {
	d.sending(6)
	d.claimAll()
	d.record(delivery.Group{Intents: []delivery.Intent{{ID: 1, Relay: "a"}, {ID: 2, Relay: "b"}, {ID: 3, Relay: "a"}}})
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK", Relay: "a"},
		{ID: 3, State: delivery.Failed, Dotted: true, Attempt: true, Reply: "550 no", Relay: "a"},
		{ID: 4, State: delivery.Failed, Attempt: true, Reply: "550 no", Relay: "c"},
		{ID: 5, State: delivery.Deferred, Attempt: true, NextAttempt: monday(), Reply: "450 later", Relay: "b"},
		{ID: 6, State: delivery.Failed, Attempt: true, Reply: "not sent"},
	}})
	d.lapse()
	d.begin() // the message to 2 is unknown now
	if got := d.only(delivery.Unknown); got.ID != 2 || got.Relay != "b" {
		t.Errorf("got %+v, want reader 2 unknown at relay b", got)
	}
	d.wantRelays("after a crash",
		delivery.RelayCounts{Counts: delivery.Counts{delivery.Failed: 1}},
		delivery.RelayCounts{Relay: "a", Counts: delivery.Counts{delivery.Accepted: 1, delivery.Failed: 1}},
		delivery.RelayCounts{Relay: "b", Counts: delivery.Counts{delivery.Deferred: 1, delivery.Unknown: 1}},
		delivery.RelayCounts{Relay: "c", Counts: delivery.Counts{delivery.Failed: 1}})

	c := d.claim(delivery.Claim{Limit: 10, Due: monday().Add(time.Hour)})
	if got := ids(c.Recipients); got != "[5]" {
		t.Fatalf("got %s due, want 5", got)
	}
	d.record(delivery.Group{Intents: []delivery.Intent{{ID: 5, Relay: "c"}}})
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 5, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK", Relay: "c"}}})
	if !d.finished() {
		t.Fatal("got the send open, want it finished")
	}
	later := monday().Add(time.Hour)
	if n, err := d.Compact(later, later); err != nil || n != 2 {
		t.Fatalf("compact: got %d, %v, want the two accepted", n, err)
	}
	d.wantRelays("compacted",
		delivery.RelayCounts{Counts: delivery.Counts{delivery.Failed: 1}},
		delivery.RelayCounts{Relay: "a", Counts: delivery.Counts{delivery.Accepted: 1, delivery.Failed: 1}},
		delivery.RelayCounts{Relay: "b", Counts: delivery.Counts{delivery.Unknown: 1}},
		delivery.RelayCounts{Relay: "c", Counts: delivery.Counts{delivery.Accepted: 1, delivery.Failed: 1}})
	d.want(accepted, 2, failed, 3, unknown, 1)
}

// How relays stand is told while the sender's lease runs, and what a dead one said is
// forgotten.
func relayStands(t *testing.T, d *deliveries) {
	d.sending(2)
	keep := func(list ...delivery.RelayStand) {
		t.Helper()
		if err := d.KeepRelays(t.Context(), d.sender, list, monday()); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, want ...delivery.RelayStand) {
		t.Helper()
		got, err := d.RelayStands(t.Context(), d.id, monday())
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
		}
	}
	want("at first")
	keep(delivery.RelayStand{Relay: "b", Open: 9, May: 9, Most: 9})
	a := delivery.RelayStand{Relay: "a", Open: 3, May: 5, Most: 64}
	b := delivery.RelayStand{Relay: "b", Open: 0, May: 1, Most: 8, RestsUntil: monday().Add(time.Minute), Reason: "535 5.7.8 no"}
	keep(b, a)
	for _, r := range []*delivery.RelayStand{&a, &b} {
		r.Node, r.At = "n1", monday()
	}
	want("of a sender at work", a, b)
	d.lapse()
	d.begin()
	want("of the one that was taken over")
	keep(delivery.RelayStand{Relay: "a", Open: 1, May: 1, Most: 1})
	want("of its successor", delivery.RelayStand{Node: "n1", Relay: "a", Open: 1, May: 1, Most: 1, At: monday()})
	keep()
	want("of one that ends")
}
