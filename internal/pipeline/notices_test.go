package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/pipeline"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/smtpsink"
)

// A clock that jumps passes hundreds of slots; the editors get one mail.
func TestManyMissedWeeksAreOneMail(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var slots []schedule.Slot
	for i := range 40 {
		slots = append(slots, schedule.Slot{Kind: schedule.Send, Week: week48.Add(i), At: monday.AddDate(0, 0, 7*i)})
	}
	d.now = monday.AddDate(1, 0, 0)
	_, _, err := d.Build(t.Context(), week48)
	fatal(t, err)
	must(d.db.Editions().Change(t.Context(), week48, edition.Edition.Hold))
	fatal(t, d.Missed(t.Context(), slots, settled))
	if list := must(d.db.Editions().List(t.Context())); len(list) != 40 || list[0].State != edition.Missed || list[39].State != edition.Missed {
		t.Errorf("got %d editions, the first %s, want 40, missed, the held one too", len(list), list[0].State)
	}
	if got := d.notices(); len(got) != 1 || got[0] != "missed" {
		t.Errorf("got notices %v, want one", got)
	}
}

// What was to come and has no file any more is told, in a week with nothing new
// too.
func TestWithdrawnIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	fatal(t, d.DraftDue(ctx, week48, friday, settled))
	fatal(t, d.Missed(ctx, []schedule.Slot{{Kind: schedule.Send, Week: week48, At: monday}}, settled))
	d.notices()
	d.lib.Comparisons = nil
	d.now = friday.AddDate(0, 0, 7)
	for range 3 { // told once
		d.notYet(week48.Add(1))
		d.now = d.now.Add(time.Minute)
	}
	if got := d.notices(); len(got) != 1 || got[0] != "held" {
		t.Errorf("got notices %v, want what is gone named", got)
	}
	d.add("loom-vs-shuttle", "Loom", "Shuttle", "2026-11-26")
	draft := must(d.Draft(ctx, week48.Add(1)))
	found := false
	for _, f := range draft.Findings {
		found = found || f.Check == "content.withdrawn" && strings.Contains(f.Detail, "quill-vs-inkwell")
	}
	if !found {
		t.Errorf("got %v, want a finding that names what is gone", draft.Findings)
	}
}

// Each pause is told, also one for the same reason: what the operator fixed was
// not the cause.
func TestEachPauseIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, smtpsink.Fault{At: smtpsink.MAIL, Do: smtpsink.Reply, Reply: "550 5.7.1 not allowed to send as this domain"})
	ctx := t.Context()
	d.readers("ada@example.com")
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	for range 2 {
		if _, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{}); !errors.Is(err, delivery.ErrPaused) {
			t.Fatalf("got %v, want ErrPaused", err)
		}
		if got := d.notices(); len(got) != 1 || got[0] != "held" {
			t.Errorf("got notices %v, want one that it is paused", got)
		}
		must(d.db.Editions().Change(ctx, week48, edition.Edition.Resume))
		d.now = d.now.Add(time.Minute)
	}
}

// A send that an operator has opened again ends with a report of its own.
func TestReportAfterRetry(t *testing.T) {
	t.Parallel()
	d := newDesk(t, smtpsink.Fault{At: smtpsink.Dot, Do: smtpsink.DropSilent, Nth: 1})
	ctx := t.Context()
	d.readers("ada@example.com")
	e, _, err := d.release(ctx, week48)
	fatal(t, err)
	for i, want := range []delivery.State{delivery.Unknown, delivery.Accepted} {
		sum, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{})
		fatal(t, err)
		if !sum.Finished || sum.Counts[want] != 1 {
			t.Fatalf("run %d: got %v, want one %s", i, sum.Counts, want)
		}
		if got := d.notices(); len(got) != 1 || got[0] != "report" {
			t.Errorf("run %d: got notices %v, want a report", i, got)
		}
		_, err = d.db.Deliveries().Resolve(ctx, e.ID, delivery.ResolveRetry, d.now)
		fatal(t, err)
		d.now = d.now.Add(time.Hour)
	}
	proof, err := delivery.Verify(ctx, d.db.Deliveries(), d.in.Transport.Journals, e.ID)
	if err != nil || len(proof.Problems()) > 0 {
		t.Errorf("got %v, %v, want the proof to hold", proof.Problems(), err)
	}
}

// The editors are told why a slot was missed.
func TestWhyASlotWasMissed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		approval bool
		before   func(d *desk)
		want     outbox.Because
	}{
		{"the program was down", false, func(*desk) {}, outbox.BecauseDown},
		{"down, with a draft", false, func(d *desk) { must(first(d.Build(d.t.Context(), week48))) }, outbox.BecauseDown},
		{"nobody approved", true, func(d *desk) { must(first(d.Build(d.t.Context(), week48))) }, outbox.BecauseUnapproved},
		{"held", false, func(d *desk) {
			must(first(d.Build(d.t.Context(), week48)))
			must(d.db.Editions().Change(d.t.Context(), week48, edition.Edition.Hold))
		}, outbox.BecauseHeld},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.set(func(s *pipeline.Settings) { s.ApprovalRequired = c.approval })
			c.before(d)
			d.now = monday.Add(48 * time.Hour)
			if err := d.Missed(t.Context(), []schedule.Slot{{Kind: schedule.Send, Week: week48, At: monday}}, settled); err != nil {
				t.Fatal(err)
			}
			e, ok, err := d.db.Outbox().Take(t.Context(), d.now)
			if !ok || err != nil {
				t.Fatalf("got %v, %v, want the event", ok, err)
			}
			if got, ok := must(e.Payload()).(outbox.Missed); !ok || got.Because != c.want {
				t.Errorf("got %+v, want it because %s", got, c.want)
			}
		})
	}
}

func first[A, B any](a A, _ B, err error) (A, error) { return a, err }

// A week whose comparisons all break a rule is no quiet week: the editors are
// told.
func TestOnlyBrokenComparisons(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.lib.Comparisons = nil
	d.lib.Problems = []comparison.Problem{{File: "a.yaml", Line: 3, Message: "two tools are needed"}}
	ctx := t.Context()
	d.readers("ada@example.com")
	d.notYet(week48)
	if got := d.notices(); len(got) != 1 || got[0] != "held" {
		t.Errorf("draft: got notices %v, want the problems", got)
	}
	d.lib.Problems = append(d.lib.Problems, comparison.Problem{File: "b.yaml", Line: 1, Message: "a slug is needed"})
	d.now = monday.Add(time.Minute)
	for range 2 {
		fatal(t, d.SendDue(ctx, week48, monday, settled))
	}
	if got := d.notices(); len(got) != 1 || got[0] != "held" {
		t.Errorf("send: got notices %v, want that nothing goes out, and why", got)
	}
}

// What could not be read at the slot is told, and is new in the week after, whether
// it was all of the week or a part of it.
func TestBrokenAtTheSlotIsNotLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		whole bool // another comparison can be read
		state edition.State
	}{{"all broken", false, edition.Skipped}, {"some broken", true, edition.Sent}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			ctx := t.Context()
			d.readers("ada@example.com")
			if !c.whole {
				d.lib.Comparisons = nil
			}
			d.lib.Problems = []comparison.Problem{{File: "comparisons/brush-vs-pen.yaml", Line: 3, Message: "two tools are needed"}}
			d.lib.Broken = []comparison.Broken{{File: "brush-vs-pen.yaml", Slug: "brush-vs-pen"}}
			d.now = monday
			fatal(t, d.SendDue(ctx, week48, monday, settled))
			if c.whole {
				must(d.Deliver(ctx, week48, pipeline.DeliverOptions{}))
			}
			if got := d.state(); got != c.state {
				t.Fatalf("got %s, want %s", got, c.state)
			}
			if told := d.told(); !strings.Contains(told, "brush-vs-pen.yaml") {
				t.Errorf("got %q told, want the file that could not be read", told)
			}
			d.lib.Problems, d.lib.Broken = nil, nil
			d.add("brush-vs-pen", "Brush", "Pen", "2026-11-19")
			d.now = monday.AddDate(0, 0, 7)
			next := must(d.Draft(ctx, week48.Add(1)))
			if got := next.Selection.Featured; len(got) != 1 || got[0].Slug != "brush-vs-pen" {
				t.Errorf("got %+v in the next edition, want what was corrected", got)
			}
		})
	}
}

// notYet fails unless there is nothing for a week's draft, and nothing is settled.
func (d *desk) notYet(w edition.Week) {
	d.t.Helper()
	never := func(context.Context) error { d.t.Errorf("the draft of %s is settled, want it open", w); return nil }
	if err := d.DraftDue(d.t.Context(), w, d.now, never); !errors.Is(err, schedule.ErrNotYet) {
		d.t.Fatalf("%s: got %v, want that there is nothing yet", w, err)
	}
}

// A draft that is due before there is content settles nothing: what comes until the
// slot is drafted and told, and goes out.
func TestContentAfterAnEmptyDraft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	d.lib.Comparisons = nil
	d.notYet(week48)
	if list := must(d.db.Editions().List(ctx)); len(list) != 0 || len(d.notices()) != 0 {
		t.Fatalf("got %+v recorded, want nothing before the slot", list)
	}
	d.add("brush-vs-pen", "Brush", "Pen", "2026-11-20")
	d.now = friday.Add(20 * time.Hour)
	fatal(t, d.DraftDue(ctx, week48, friday, settled))
	if got := d.notices(); d.state() != edition.Draft || len(got) != 1 || got[0] != "draft_ready" {
		t.Fatalf("got %s and %v told, want the draft", d.state(), got)
	}
	d.now = monday
	fatal(t, d.SendDue(ctx, week48, monday, settled))
	if got := d.state(); got != edition.Sending {
		t.Errorf("got %s at the slot, want it sending", got)
	}
}

// What was built and has no content any more is recorded as that, once.
func TestDraftThatLostItsContent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, _, err := d.Build(t.Context(), week48)
	fatal(t, err)
	d.lib.Comparisons = nil
	for range 2 {
		d.notYet(week48)
		if got := d.state(); got != edition.Skipped {
			t.Fatalf("got %s, want skipped: what was built is gone", got)
		}
	}
}

// A slot at which the feed cannot be read is not settled as a week without news: it
// is asked again, and goes out when there is something.
func TestNothingWhileTheFeedFails(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	var failed error
	d.in.Behind = func() error { return failed }
	d.Pipeline = pipeline.New(d.in)
	d.readers("ada@example.com")
	d.lib.Comparisons, d.now, failed = nil, monday, errors.New("comparisons.feed: no route to host")
	never := func(context.Context) error { t.Error("the slot is settled, want it open"); return nil }
	for range 2 {
		if err := d.SendDue(ctx, week48, monday, never); !errors.Is(err, failed) {
			t.Fatalf("got %v, want why", err)
		}
	}
	if told := d.told(); d.state() != edition.Draft || !strings.Contains(told, "no route to host") {
		t.Errorf("got %s and %q told, want it open, and why", d.state(), told)
	}
	failed = nil
	d.add("brush-vs-pen", "Brush", "Pen", "2026-11-21")
	d.now = monday.Add(time.Hour)
	fatal(t, d.SendDue(ctx, week48, monday, settled))
	if got := d.state(); got != edition.Sending {
		t.Errorf("got %s, want it sending", got)
	}
}

// A comparison that came, or was corrected in the feed, after its edition is a
// warning of the next draft and in the editors' mail, also in a week without news.
func TestCameLateIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	d.now = monday
	fatal(t, d.SendDue(ctx, week48, monday, settled))
	must(d.Deliver(ctx, week48, pipeline.DeliverOptions{}))
	d.notices()
	d.add("brush-vs-pen", "Brush", "Pen", "2026-11-19")
	d.now = friday.AddDate(0, 0, 7)
	d.notYet(week48.Add(1))
	if told := d.told(); !strings.Contains(told, "brush-vs-pen (published in the time of 2026-W48") {
		t.Errorf("got %q told in a week without news, want what came late", told)
	}
	d.notices()
	d.add("loom-vs-shuttle", "Loom", "Shuttle", "2026-11-26")
	fatal(t, d.DraftDue(ctx, week48.Add(1), d.now, settled))
	told := d.told()
	for _, want := range []string{"content.late: brush-vs-pen: published in the time of 2026-W48", "Title:Brush vs Pen Reason:published in the time of"} {
		if !strings.Contains(told, want) {
			t.Errorf("got %q told, want %q in it", told, want)
		}
	}
}

// told is the last event that waits for the editors, as it is stored.
func (d *desk) told() string {
	d.t.Helper()
	e, ok, err := d.db.Outbox().Take(d.t.Context(), d.now)
	if !ok || err != nil {
		d.t.Fatalf("got %v, %v, want an event", ok, err)
	}
	return fmt.Sprintf("%+v", must(e.Payload()))
}

// A look at an edition far ahead says when its slot is, too.
func TestLookFarAheadKnowsTheSlot(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := must(d.Look(t.Context(), week48.Add(2)))
	if want := monday.AddDate(0, 0, 14); !errors.Is(l.Refusal, pipeline.ErrEarly) || !l.Edition.Slot.Equal(want) {
		t.Errorf("got %v and the slot %s, want that it is too early for %s", l.Refusal, l.Edition.Slot, want)
	}
}
