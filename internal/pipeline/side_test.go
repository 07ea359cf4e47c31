package pipeline_test

import (
	"context"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
)

// An edition that waits for a retry keeps no other from being sent.
func TestEditionsSideBySide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com", "grace@example.com")
	first, _, err := d.release(ctx, week48)
	fatal(t, err)
	d.putOff(first.ID)
	d.add("loom-vs-shuttle", "Loom", "Shuttle", "2026-11-26")
	d.now = monday.AddDate(0, 0, 7)
	second, _, err := d.release(ctx, week48.Add(1))
	fatal(t, err)
	runCtx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- d.Run(runCtx) }()
	var counts delivery.Counts
	d.until("the second edition is sent", func() bool {
		counts, err = d.db.Deliveries().Counts(ctx, second.ID)
		fatal(t, err)
		return counts.Open() == 0
	})
	cancel()
	fatal(t, <-done)
	if counts[delivery.Accepted] != 2 {
		t.Errorf("got %v, want the second edition sent", counts)
	}
	waiting, err := d.db.Deliveries().Counts(ctx, first.ID)
	fatal(t, err)
	if waiting[delivery.Deferred] != 2 {
		t.Errorf("got %v, want the first edition waiting", waiting)
	}
	e, err := d.db.Editions().Find(ctx, week48)
	fatal(t, err)
	if e.State != edition.Sending {
		t.Errorf("got %s, want the first edition open", e.State)
	}
}

// Of two who looked at once the second goes on with the send that the first began.
func TestTwoLookAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	first, err := d.Look(ctx, week48)
	fatal(t, err)
	second, err := d.Look(ctx, week48)
	fatal(t, err)
	_, _, err = d.Release(ctx, first)
	fatal(t, err)
	e, frozen, err := d.Release(ctx, second)
	if err != nil || !frozen.Resumed || e.State != edition.Sending {
		t.Errorf("got %s, %+v, %v, want the first one's send", e.State, frozen, err)
	}
}

// putOff defers an edition's deliveries for long, as a server's answer does.
func (d *desk) putOff(id int64) {
	d.t.Helper()
	ctx := d.t.Context()
	sender, err := d.db.Leases().Acquire(ctx, delivery.Lease{Edition: id, Host: "h", Until: d.now.Add(time.Minute)}, false, d.now)
	fatal(d.t, err)
	queue, _, err := d.db.Deliveries().Recover(ctx, sender, d.now)
	fatal(d.t, err)
	fatal(d.t, queue.Release(ctx, d.now.AddDate(1, 0, 0)))
	fatal(d.t, d.db.Leases().Release(ctx, sender))
}
