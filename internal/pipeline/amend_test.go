package pipeline_test

import (
	"errors"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/pipeline"
)

// A mistake that is found in mid-send is corrected for those who have not got it:
// the others have what they have, and nobody gets two.
func TestAmend(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	d.readers("ada@example.com", "grace@example.com", "mary@example.com")
	_, _, err := d.release(ctx, week48)
	fatal(t, err)
	if _, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{Limit: 1}); err != nil {
		t.Fatal(err)
	}
	d.lib.Comparisons[0].Tools[0].Reviews[0].Take = "It does rather less than it says."
	if _, err := d.DraftAmendment(ctx, week48, "ada"); !errors.Is(err, edition.ErrState) {
		t.Errorf("while it is being sent: got %v, want ErrState", err)
	}
	must(d.db.Editions().Change(ctx, week48, func(e edition.Edition) (edition.Edition, error) { return e.Pause("a mistake") }))
	draft, err := d.DraftAmendment(ctx, week48, "ada")
	fatal(t, err)
	amended, err := d.Amend(ctx, draft, "ada")
	if err != nil || amended.Waiting != 2 || amended.Edition.State != edition.Sending {
		t.Fatalf("got %d readers, %s, %v, want the 2 who wait, still sending", amended.Waiting, amended.Edition.State, err)
	}
	must(d.db.Editions().Change(ctx, week48, edition.Edition.Resume))
	sum, err := d.Deliver(ctx, week48, pipeline.DeliverOptions{})
	if err != nil || sum.Counts[delivery.Accepted] != 3 {
		t.Fatalf("got %v, %v, want 3 accepted", sum.Counts, err)
	}
	got, to := map[bool]int{}, map[string]int{}
	for _, m := range d.sink.Messages() {
		got[strings.Contains(string(m.Data), "rather less")]++
		to[m.To]++
	}
	if got[false] != 1 || got[true] != 2 || len(to) != 3 {
		t.Errorf("got %v mails to %v, want one as it was, two amended, one each", got, to)
	}
	if _, err := d.DraftAmendment(ctx, week48, "ada"); !errors.Is(err, edition.ErrState) {
		t.Errorf("sent: got %v, want ErrState", err)
	}
}
