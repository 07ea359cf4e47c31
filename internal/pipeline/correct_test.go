package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

// amended sends week 48 to the first of the readers before it is amended, and then to
// the others.
func (d *desk) amended(first int64, readers ...string) {
	d.t.Helper()
	ctx := d.t.Context()
	d.readers(readers...)
	_, _, err := d.release(ctx, week48)
	fatal(d.t, err)
	_, err = d.Deliver(ctx, week48, pipeline.DeliverOptions{Limit: first})
	fatal(d.t, err)
	d.lib.Comparisons[0].Tools[0].Reviews[0].Take = "It does rather less than it says."
	must(d.db.Editions().Change(ctx, week48, func(e edition.Edition) (edition.Edition, error) { return e.Pause("a mistake") }))
	draft, err := d.DraftAmendment(ctx, week48, "ada")
	fatal(d.t, err)
	must(d.Amend(ctx, draft, "ada"))
	must(d.db.Editions().Change(ctx, week48, edition.Edition.Resume))
	must(d.Deliver(ctx, week48, pipeline.DeliverOptions{}))
}

// corrections are how many mails of a correction each reader got.
func (d *desk) corrections() map[string]int {
	got := map[string]int{}
	for _, m := range d.sink.Messages() {
		if strings.Contains(string(m.Data), "Message-ID: <2026-c48.") {
			got[m.To]++
		}
	}
	return got
}

const correctionOf48 = "Inkwell is *not* free."

// Those who got the first version are told what was wrong in it: once, whatever falls
// in between, and nobody else is. It is proved as a send of its own.
func TestCorrection(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, key := t.Context(), week48.InCorrection()
	d.amended(3, "ada@example.com", "grace@example.com", "mary@example.com", "joan@example.com")
	c, err := d.DraftCorrection(ctx, week48, correctionOf48)
	if err != nil || c.Older != 3 || !strings.Contains(c.Rendered.Text, "Inkwell is not free.") {
		t.Fatalf("got %d readers, %v:\n%s", c.Older, err, c.Rendered.Text)
	}
	if _, err := d.db.Editions().Find(ctx, key); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("after a look at it: got %v, want nothing recorded", err)
	}
	frozen, err := d.Correct(ctx, c, "ada")
	if err != nil || frozen.Recipients != 3 {
		t.Fatalf("got %d readers, %v, want 3", frozen.Recipients, err)
	}
	must(d.Deliver(ctx, key, pipeline.DeliverOptions{Limit: 1}))
	d.Pipeline = pipeline.New(d.in) // another process goes on
	d.now = d.now.Add(time.Minute)
	if _, err := d.Correct(ctx, c, "ada"); !errors.Is(err, edition.ErrSent) {
		t.Errorf("a second one in mid-send: got %v, want ErrSent", err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- d.Run(running) }()
	d.until("serve goes on with it", func() bool { return must(d.db.Editions().Find(ctx, key)).State == edition.Sent })
	stop()
	fatal(t, <-ended)
	for to, n := range d.corrections() {
		if n != 1 {
			t.Errorf("%s got %d corrections, want 1", to, n)
		}
	}
	if got := d.corrections(); len(got) != 3 {
		t.Errorf("got corrections to %v, want to the first 3", got)
	}
	e := must(d.db.Editions().Find(ctx, key))
	p, err := delivery.Verify(ctx, d.db.Deliveries(), d.in.Transport.Journals, e.ID)
	if err != nil || p.Counts[delivery.Accepted] != 3 || len(p.Problems()) > 0 {
		t.Errorf("verify: got %v, %v, %v, want 3 accepted and no problem", p.Counts, p.Problems(), err)
	}
	if _, err := d.Correct(ctx, c, "ada"); !errors.Is(err, edition.ErrSent) {
		t.Errorf("a second one: got %v, want ErrSent", err)
	}
}

// A Freezer that fails is a process that dies between the record and the freeze.
type failingFreezer struct{ delivery.Freezer }

func (failingFreezer) Freeze(context.Context, delivery.Freeze) (delivery.Frozen, error) {
	return delivery.Frozen{}, errors.New("the process dies")
}

// A correction that was cut short before its freeze was never begun: it can be made
// again, with other words. The weeks know nothing of it.
func TestCorrectionBeforeItBegins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, key := t.Context(), week48.InCorrection()
	if _, err := d.DraftCorrection(ctx, week48, correctionOf48); !errors.Is(err, edition.ErrNotFound) {
		t.Errorf("of nothing: got %v, want ErrNotFound", err)
	}
	d.amended(2, "ada@example.com", "grace@example.com", "mary@example.com")
	first := must(d.DraftCorrection(ctx, week48, correctionOf48))
	d.in.Freezer = failingFreezer{d.db.Deliveries()}
	d.Pipeline = pipeline.New(d.in)
	if _, err := d.Correct(ctx, first, "ada"); err == nil {
		t.Fatal("the freeze failed: got no error")
	}
	d.in.Freezer = d.db.Deliveries()
	d.Pipeline = pipeline.New(d.in)
	if _, err := d.Look(ctx, key); !errors.Is(err, pipeline.ErrCorrection) {
		t.Errorf("a send of it before it is frozen: got %v, want ErrCorrection", err)
	}
	must(d.Correct(ctx, must(d.DraftCorrection(ctx, week48, "Inkwell costs $8.")), "ada"))
	must(d.Deliver(ctx, key, pipeline.DeliverOptions{}))
	if got := d.corrections(); len(got) != 2 {
		t.Errorf("got corrections to %v, want to the first 2", got)
	}
	if l, err := d.Look(ctx, week48.Add(1)); err != nil || l.Edition.Week != week48.Add(1) {
		t.Errorf("the next week: got %v, %v", l.Edition.Week, err)
	}
	if _, err := d.DraftCorrection(ctx, key, correctionOf48); !errors.Is(err, edition.ErrState) {
		t.Errorf("of a correction: got %v, want ErrState", err)
	}
}

// Where nobody has an older version there is nobody to tell.
func TestCorrectionOfNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	must(d.Deliver(ctx, week48, pipeline.DeliverOptions{}))
	if _, err := d.DraftCorrection(ctx, week48, correctionOf48); !errors.Is(err, edition.ErrSame) {
		t.Errorf("got %v, want ErrSame", err)
	}
}
