package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/saved"
)

// unknowns leaves readers 1 to n unknown.
func (d *deliveries) unknowns(n int64) {
	d.t.Helper()
	d.claimAll()
	for id := int64(1); id <= n; id++ {
		d.intend(id)
		d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: id, State: delivery.Unknown, Dotted: true, Attempt: true}}})
	}
}

func (d *deliveries) finished() bool {
	d.t.Helper()
	done, err := d.queue.Finish(d.t.Context(), monday())
	if err != nil {
		d.t.Fatal(err)
	}
	return done
}

func resolve(t *testing.T, d *deliveries) {
	d.sending(2)
	d.unknowns(2)
	if !d.finished() {
		t.Fatal("got the send open, want it finished: unknown is final")
	}
	if n, err := d.Resolve(t.Context(), d.id, delivery.ResolveRetry, monday()); err != nil || n != 2 {
		t.Fatalf("retry: got %d, %v, want 2", n, err)
	}
	d.want(queued, 2)
	if info := d.info(); info.State != "sending" || !info.FinishedAt.IsZero() {
		t.Errorf("got %+v, want the edition sending again", info)
	}
	d.begin()
	for _, r := range d.claimAll() {
		if r.Dots != 1 || r.Refused {
			t.Errorf("got %+v, want a second end, not refused", r)
		}
	}
	d.begin()
	d.unknowns(2)
	if n, err := d.Resolve(t.Context(), d.id, delivery.ResolveSent, monday()); err != nil || n != 2 {
		t.Fatalf("sent: got %d, %v, want 2", n, err)
	}
	d.want(accepted, 2)
}

func reconcile(t *testing.T, d *deliveries) {
	d.sending(5)
	d.claimAll()
	d.intend(1)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}}})
	n, err := d.Reconcile(t.Context(), d.id, delivery.JournalAccount{Node: "n1", Readers: []int64{1, 2, 3, 99}, Seq: 77}, monday())
	if err != nil || n != 2 {
		t.Errorf("got %d, %v, want 2 marked: 1 is final, 99 no recipient", n, err)
	}
	d.want(claimed, 2, accepted, 1, unknown, 2)
	if got := d.info().Seq("n1"); got != 77 {
		t.Errorf("got sequence %d, want 77", got)
	}
	var dotted []string
	err = d.VisitDotted(t.Context(), d.id, func(id int64, s delivery.State, dots int) error {
		dotted = append(dotted, fmt.Sprint(id, s, dots))
		return nil
	})
	if err != nil || fmt.Sprint(dotted) != "[1 accepted 1 2 unknown 1 3 unknown 1]" {
		t.Errorf("got %v, %v, want 1, 2 and 3", dotted, err)
	}
}

func cancelDeliveries(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claim(delivery.Claim{Limit: 2})
	d.intend(1)
	d.intend(2)
	_, err := d.Store.Cancel(t.Context(), d.id, monday())
	is(t, "not cancelled", err, delivery.ErrNotSending)
	d.Cancel(d.id)
	if n, err := d.Store.Cancel(t.Context(), d.id, monday()); err != nil || n != 2 {
		t.Errorf("got %d, %v, want 2", n, err)
	}
	d.want(dotting, 2, suppressed, 2)
	// A retry that comes to be only now is none.
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 2, State: delivery.Deferred, Dotted: true, Attempt: true, NextAttempt: monday(), Reply: "450 later"}}})
	d.want(dotting, 1, suppressed, 3)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 1, State: delivery.Unknown, Dotted: true, Attempt: true}}})
	_, err = d.Resolve(t.Context(), d.id, delivery.ResolveRetry, monday())
	is(t, "retry of a cancelled edition", err, delivery.ErrCancelled)
	d.want(unknown, 1, suppressed, 3)
	if n, err := d.Resolve(t.Context(), d.id, delivery.ResolveSent, monday()); err != nil || n != 1 {
		t.Errorf("sent: got %d, %v, want 1", n, err)
	}
}

func finish(t *testing.T, d *deliveries) {
	d.sending(3)
	if d.finished() {
		t.Error("queued: got finished, want open")
	}
	d.claimAll()
	if d.finished() {
		t.Error("claimed: got finished, want open")
	}
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 1, State: delivery.Failed, Attempt: true, Reply: "550 no"},
		{ID: 2, State: delivery.Deferred, Attempt: true, NextAttempt: monday(), Reply: "450 later"},
	}, Intents: intents(3)})
	if d.finished() {
		t.Error("dotting and deferred: got finished, want open")
	}
	d.Unsubscribe(2)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{{ID: 3, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}}})
	if !d.finished() {
		t.Error("all final: got open, want finished")
	}
	d.want(accepted, 1, failed, 1, suppressed, 1)
	if info := d.info(); info.State != "sent" || !info.FinishedAt.Equal(monday()) {
		t.Errorf("got %+v, want it sent", info)
	}
}

func compact(t *testing.T, d *deliveries) {
	d.sending(4)
	d.unknowns(1)
	d.intend(2)
	d.record(delivery.Group{Outcomes: []delivery.Outcome{
		{ID: 2, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"},
		{ID: 3, State: delivery.Failed, Attempt: true, Reply: "550 no"},
	}})
	d.Unsubscribe(4)
	later := monday().Add(time.Hour)
	if n, err := d.Compact(later, later); err != nil || n != 0 {
		t.Errorf("open: got %d dropped, %v, want none", n, err)
	}
	if !d.finished() {
		t.Fatal("got the send open, want it finished")
	}
	if n, err := d.Compact(monday(), later); err != nil || n != 0 {
		t.Errorf("young: got %d dropped, %v, want none", n, err)
	}
	if n, err := d.Compact(later, later); err != nil || n != 2 {
		t.Errorf("got %d dropped, %v, want the accepted and the suppressed", n, err)
	}
	d.want(accepted, 1, failed, 1, unknown, 1, suppressed, 1)
	if got := d.info().CompactedAt; !got.Equal(later) {
		t.Errorf("got compacted at %v, want %v", got, later)
	}
	if got := d.only(delivery.Failed); got.ID != 3 {
		t.Errorf("got %+v, want the failed one kept", got)
	}
}

// What readers were told of saved comparisons goes with their deliveries, and the
// lines themselves with the last of them.
func compactLines(t *testing.T, d *deliveries) {
	d.AddReaders(3)
	for _, reader := range []int64{1, 2, 3} {
		if err := d.Saved.Save(t.Context(), saved.Item{Reader: reader, Slug: "a-vs-b", At: monday()}); err != nil {
			t.Fatal(err)
		}
	}
	send := func(week string, failing ...int64) {
		d.id = d.AddEdition(week)
		kept, err := d.Saved.Kept(t.Context())
		if err != nil || len(kept) != 1 {
			t.Fatalf("%s: got %d states, %v, want the one that all were told last", week, len(kept), err)
		}
		now := kept[0].State
		now.Votes[0].Ship++
		if _, err := d.Freeze(t.Context(), delivery.Freeze{
			Edition: d.id, Hash: "h", Message: []byte("m"), At: monday(),
			Lines: []saved.Line{{Slug: "a-vs-b", From: kept[0].ID, Now: now, Text: "A has another vote"}},
		}); err != nil {
			t.Fatal(err)
		}
		d.begin()
		d.claimAll()
		var g delivery.Group
		for _, id := range []int64{1, 2, 3} {
			o := delivery.Outcome{ID: id, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK"}
			if slices.Contains(failing, id) {
				o = delivery.Outcome{ID: id, State: delivery.Failed, Attempt: true, Reply: "550 no"}
			} else {
				d.intend(id)
			}
			g.Outcomes = append(g.Outcomes, o)
		}
		d.record(g)
		if !d.finished() {
			t.Fatalf("%s: got the send open, want it finished", week)
		}
	}
	wantTold := func(what string, id int64, lines int, readers ...int64) {
		t.Helper()
		told, err := d.Saved.Told(t.Context(), id)
		if err != nil || len(told.Lines) != lines || !slices.Equal(slices.Sorted(maps.Keys(told.Readers)), readers) {
			t.Errorf("%s: got %+v, %v, want %d lines for %v", what, told, err, lines, readers)
		}
	}
	send("2026-W47")
	all := d.id
	send("2026-W48", 2)
	wantTold("before", all, 1, 1, 2, 3)
	wantTold("before", d.id, 1, 1, 2, 3)
	later := monday().Add(time.Hour)
	if n, err := d.Compact(later, later); err != nil || n != 5 {
		t.Fatalf("got %d dropped, %v, want the 5 that were accepted", n, err)
	}
	wantTold("everybody accepted it", all, 0)
	wantTold("one delivery is kept", d.id, 1, 2)
}

func days(t *testing.T, d *deliveries) {
	d.sending(4)
	d.claimAll()
	d.record(delivery.Group{Day: 7, Intents: intents(1, 2)})
	d.record(delivery.Group{Day: 7, Intents: intents(3, 3)}) // the second does not hold
	d.record(delivery.Group{Day: 8, Intents: intents(4)})
	for day, want := range map[int64]int64{6: 0, 7: 3, 8: 1} {
		if n, err := d.SentOnDay(t.Context(), day); err != nil || n != want {
			t.Errorf("day %d: got %d, %v, want %d", day, n, err, want)
		}
	}
}

// What one sender has reserved of a day is no other's, until it gives it back, or is
// dead.
func reservations(t *testing.T, d *deliveries) {
	d.sending(4)
	one := d.sender
	d.claimAll()
	d.record(delivery.Group{Day: 7, Intents: intents(1, 2)})
	second := d.AddEdition("2026-W48")
	d.freeze(second)
	two := d.acquire(second)
	for i, c := range []struct {
		by            delivery.Sender
		holds, n, got int64
	}{
		{one, 2, 10, 10}, // 2 were sent, 12 are reserved
		{two, 0, 10, 6},
		{two, 6, 10, 0},
		{one, 5, 0, 0}, // gives 7 back
		{two, 6, 10, 7},
		{two, 3, 0, 0},
		{one, 5, 99, 10},
	} {
		r := delivery.DayRequest{Day: 7, Most: 20, Holds: c.holds, More: c.n, At: monday()}
		if got, err := d.ReserveDay(t.Context(), c.by, r); err != nil || got != c.got {
			t.Errorf("step %d: got %d, %v, want %d", i, got, err, c.got)
		}
	}
	r := delivery.DayRequest{Day: 7, Most: 20, More: 99, At: monday()}
	if err := d.Leases.Release(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if got, err := d.ReserveDay(t.Context(), two, r); err != nil || got != 18 {
		t.Errorf("after a release: got %d, %v, want 18", got, err)
	}
	if _, err := d.ReserveDay(t.Context(), one, r); !errors.Is(err, delivery.ErrLeaseLost) {
		t.Errorf("without a lease: got %v, want ErrLeaseLost", err)
	}
	d.lapse()
	third := d.acquire(d.id)
	r.At = monday().Add(time.Hour)
	if got, err := d.ReserveDay(t.Context(), third, r); err != nil || got != 18 {
		t.Errorf("after the other has died: got %d, %v, want 18", got, err)
	}
	if _, err := d.ReserveDay(t.Context(), two, r); !errors.Is(err, delivery.ErrLeaseLost) {
		t.Errorf("the dead one: got %v, want ErrLeaseLost", err)
	}
}
