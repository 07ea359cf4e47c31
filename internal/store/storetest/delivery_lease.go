package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

func lease(t *testing.T, d *deliveries) {
	ctx, at := t.Context(), monday()
	id := d.AddEdition("2026-W47")
	lease := func(host, holder string, ends time.Duration) delivery.Lease {
		return delivery.Lease{Edition: id, Host: host, Holder: holder, Until: at.Add(ends)}
	}
	acquire := func(l delivery.Lease, dead bool, at time.Time) (delivery.Sender, error) {
		return d.Leases.Acquire(ctx, l, dead, at)
	}
	a, err := acquire(lease("h1", "pid 1", time.Minute), false, at)
	if err != nil || a.Edition != id || a.Epoch != 1 {
		t.Fatalf("got %+v, %v, want the first epoch of edition %d", a, err, id)
	}
	_, err = acquire(lease("h1", "pid 2", 3*time.Minute), false, at)
	is(t, "while it runs", err, delivery.ErrLocked)
	if err != nil && !strings.Contains(err.Error(), "pid 1") {
		t.Errorf("got %v, want the holder named", err)
	}
	other := lease("h2", "pid 2", 3*time.Minute)
	_, err = acquire(other, true, at)
	is(t, "on another host", err, delivery.ErrLocked)
	if err := d.Leases.Renew(ctx, a, at.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err = acquire(other, false, at.Add(90*time.Second))
	is(t, "after the renewal", err, delivery.ErrLocked)
	d.lapse()
	b, err := acquire(other, false, at.Add(2*time.Minute))
	is(t, "after its end", err, nil)
	if b.Epoch != 2 {
		t.Errorf("got epoch %d, want the second", b.Epoch)
	}
	is(t, "renewal by the one before", d.Leases.Renew(ctx, a, at.Add(9*time.Minute)), delivery.ErrLeaseLost)
	is(t, "release by the one before", d.Leases.Release(ctx, a), nil)
	again := lease("h2", "pid 1", time.Minute)
	_, err = acquire(again, false, at)
	is(t, "still held", err, delivery.ErrLocked)
	c, err := acquire(again, true, at)
	is(t, "a dead holder on this host", err, nil)
	is(t, "release", d.Leases.Release(ctx, c), nil)
	is(t, "renewal after the release", d.Leases.Renew(ctx, c, at.Add(time.Hour)), delivery.ErrLeaseLost)
	e, err := acquire(other, false, at)
	is(t, "free", err, nil)
	if e.Epoch != 4 {
		t.Errorf("got epoch %d, want a release to forget none", e.Epoch)
	}
}

// lapse ends every lease, where time has to pass for that.
func (d *deliveries) lapse() {
	d.t.Helper()
	if d.Lapse == nil {
		return
	}
	if err := d.Lapse(); err != nil {
		d.t.Fatal(err)
	}
}

// One edition's sender keeps no other edition's out.
func leaseEachEdition(t *testing.T, d *deliveries) {
	d.sending(2)
	d.claimAll()
	first := d.queue
	d.id = d.AddEdition("2026-W48")
	d.freeze(d.id)
	d.begin()
	d.claimAll()
	d.intend(1, 2)
	if err := first.Release(t.Context(), time.Time{}); err != nil {
		t.Errorf("the first edition's sender: got %v, want its lease held", err)
	}
	d.want(dotting, 2)
}

func leaseLost(t *testing.T, d *deliveries) {
	ctx := t.Context()
	d.sending(4)
	d.claim(delivery.Claim{Limit: 3})
	d.intend(1)
	old, before := d.queue, d.sender
	d.begin()
	_, err := old.Record(ctx, &delivery.Group{
		At: monday(), LeaseUntil: monday().Add(time.Minute), Seq: d.seq,
		Outcomes: []delivery.Outcome{
			{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}, // true, whoever sends now
			{ID: 2, State: delivery.Failed, Attempt: true, Reply: "550 no"},
		},
		Intents: intents(3),
	})
	is(t, "record", err, delivery.ErrLeaseLost)
	d.want(queued, 3, accepted, 1)
	_, err = old.Claim(ctx, delivery.Claim{Limit: 1, At: monday()})
	is(t, "claim", err, delivery.ErrLeaseLost)
	_, _, err = d.Recover(ctx, before, monday())
	is(t, "recover", err, delivery.ErrLeaseLost)
	is(t, "release", old.Release(ctx, time.Time{}), delivery.ErrLeaseLost)
	_, err = old.Finish(ctx, monday())
	is(t, "finish", err, delivery.ErrLeaseLost)
}

// A record names the sender that had it last.
func epochs(t *testing.T, d *deliveries) {
	d.sending(3)
	d.claim(delivery.Claim{Limit: 1})
	d.intend(1)
	d.begin()
	d.claim(delivery.Claim{Limit: 1})
	for state, want := range map[delivery.State]int64{delivery.Unknown: 1, delivery.Claimed: 2, delivery.Queued: 0} {
		got := d.only(state)
		if node := map[bool]string{true: "n1"}[want > 0]; got.Epoch != want || got.Node != node {
			t.Errorf("%s: got %+v, want epoch %d of %q", state, got, want, node)
		}
	}
}

// The database knows each node's journal for itself.
func journals(t *testing.T, d *deliveries) {
	d.sending(2)
	if got := d.info().Journals; len(got) != 0 {
		t.Errorf("before the first intent: got %v, want none", got)
	}
	d.claimAll()
	d.intend(1)
	if _, err := d.Reconcile(t.Context(), d.id, delivery.JournalAccount{Node: "n0", Seq: 9}, monday()); err != nil {
		t.Fatal(err)
	}
	want := []delivery.NodeJournal{{Node: "n0", Seq: 9}, {Node: "n1", Seq: 1}}
	if got := d.info().Journals; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
