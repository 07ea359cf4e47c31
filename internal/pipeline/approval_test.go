package pipeline_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

func TestApprovalBindsToTheContent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.set(func(s *pipeline.Settings) { s.ApprovalRequired = true })
	ctx := t.Context()
	d.readers("ada@example.com")
	e, first, err := d.Build(ctx, week48)
	if err != nil {
		t.Fatal(err)
	}
	d.approve(e.Hash)
	// The same content again: the same bytes, still approved.
	if _, again, err := d.Build(ctx, week48); err != nil || again.Build.Hash != first.Build.Hash || d.state() != edition.Approved {
		t.Fatalf("got %v, state %s, want the same hash, approved", err, d.state())
	}
	// One more comparison is not what was approved, and voids nothing; a change of
	// what was does. The slot does not send that, and the editors are told once.
	d.add("loom-vs-shuttle", "Loom", "Shuttle", "2026-11-19")
	if _, again, err := d.Build(ctx, week48); err != nil || again.Build.Hash != first.Build.Hash || d.state() != edition.Approved {
		t.Fatalf("another comparison: got %v, state %s, want the same hash, approved", err, d.state())
	}
	d.lib.Comparisons[0].Tools[0].Tagline = "Does two things"
	d.now = monday.Add(time.Minute)
	for range 2 {
		if err := d.SendDue(ctx, week48, monday, settled); !errors.Is(err, edition.ErrNotApproved) {
			t.Fatalf("got %v, want ErrNotApproved", err)
		}
	}
	if got := d.notices(); len(got) != 1 || got[0] != "held" {
		t.Errorf("got notices %v, want one that it is held", got)
	}
	// An hour later somebody approves: it goes out.
	e, err = d.db.Editions().Find(ctx, week48)
	if err != nil {
		t.Fatal(err)
	}
	d.approve(e.Hash)
	d.now = monday.Add(time.Hour)
	if err := d.SendDue(ctx, week48, monday, settled); err != nil || d.state() != edition.Sending {
		t.Errorf("got %v and %s, want it sending", err, d.state())
	}
}

// What somebody approved, goes, whatever is published until the slot; that comes
// in the next edition. Who it is from is part of what was approved.
func TestWhatWasApprovedGoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com")
	e, _, err := d.Build(ctx, week48)
	fatal(t, err)
	d.approve(e.Hash)
	d.add("loom-vs-shuttle", "Loom", "Shuttle", "2026-11-21")
	d.now = monday.Add(time.Minute)
	fatal(t, d.SendDue(ctx, week48, monday, settled))
	sent := must(d.db.Editions().Find(ctx, week48))
	if sent.State != edition.Sending || sent.Hash != e.Hash || len(sent.Items) != 1 {
		t.Errorf("got %s with %d items, want what was approved", sent.State, len(sent.Items))
	}
	d.now = monday.AddDate(0, 0, 4)
	next := must(d.Draft(ctx, week48.Add(1)))
	if len(next.Selection.Featured) != 1 || next.Selection.Featured[0].Slug != "loom-vs-shuttle" {
		t.Errorf("next: got %v, want the one published meanwhile", next.Selection.Featured)
	}

	d = newDesk(t)
	d.readers("ada@example.com")
	e, _, err = d.Build(ctx, week48)
	fatal(t, err)
	d.approve(e.Hash)
	d.set(func(s *pipeline.Settings) { s.Headers.From.Name = "Somebody Else" })
	d.now = monday.Add(time.Minute)
	if err := d.SendDue(ctx, week48, monday, settled); !errors.Is(err, edition.ErrNotApproved) {
		t.Errorf("another From: got %v, want ErrNotApproved", err)
	}
}

// What an editor decided is an input of the pick and of the mail, and voids an
// approval that was given before.
func TestEditsGoIntoTheMail(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.add("loom-vs-shuttle", "Loom", "Shuttle", "2026-11-19")
	e, _, err := d.Build(ctx, week48)
	fatal(t, err)
	d.approve(e.Hash)
	must(d.db.Editions().SaveEdits(ctx, week48, edition.Edits{
		LeftOut: []string{"loom-vs-shuttle"}, Subject: "A subject of one's own", Preheader: "And a preheader of one's own, as long as it must be",
		Note: "A word to readers.",
	}, "ada", d.now))
	e, draft, err := d.Build(ctx, week48)
	fatal(t, err)
	if e.State != edition.Draft || e.Released(false) || e.Subject != "A subject of one's own" || len(e.Items) != 1 || e.EditsVersion != 1 {
		t.Errorf("got %s %q with %d items, want a draft with the editor's subject and one item", e.State, e.Subject, len(e.Items))
	}
	if !strings.Contains(draft.Rendered.Text, "A word to readers.") || !strings.Contains(draft.Rendered.HTML, "A word to readers.") {
		t.Error("got a mail without the editor's note")
	}
	if draft.Rendered.Preheader != "And a preheader of one's own, as long as it must be" {
		t.Errorf("got preheader %q, want the editor's", draft.Rendered.Preheader)
	}
}
