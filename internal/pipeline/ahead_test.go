package pipeline_test

import (
	"slices"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// Next week's draft has what the calendar promises of it: nothing of this week's,
// whatever that waits for, until this week is left out, cancelled or missed.
func TestNextWeekHasNothingOfThisWeek(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	next := week48.Add(1)
	slugs := func(list []comparison.Comparison) (out []string) {
		for _, c := range list {
			out = append(out, c.Slug)
		}
		return out
	}
	want := func(when string, want ...string) {
		t.Helper()
		draft := must(d.Draft(t.Context(), next))
		got := slugs(draft.Selection.Comparisons)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q in the next week, want %q", when, got, want)
		}
		for _, c := range must(d.Ahead(t.Context(), 3)) {
			if c.Week == next && !slices.Equal(slugs(c.Comparisons), got) {
				t.Errorf("%s: the calendar has %q, and the draft %q", when, slugs(c.Comparisons), got)
			}
		}
	}
	want("nobody has built this week")
	e, _, err := d.Build(t.Context(), week48)
	fatal(t, err)
	want("this week is a draft")
	d.approve(e.Hash)
	want("this week is approved")
	draft := must(d.Draft(t.Context(), next))
	if got := draft.Selection.Decisions; len(got) != 1 || got[0].Code != edition.CodeExpected || got[0].Reason != "goes out with 2026-W48, before this one" {
		t.Errorf("got the decisions %+v, want it expected in this week", got)
	}
	d.now = monday.Add(1) // due, and not frozen yet
	if got := slugs(must(d.Draft(t.Context(), next)).Selection.Comparisons); len(got) > 0 {
		t.Errorf("this week is due: got %q in the next week, want nothing", got)
	}
	d.now = monday.Add(37 * time.Hour) // too late, and nobody has said so yet
	if got := slugs(must(d.Draft(t.Context(), next)).Selection.Comparisons); !slices.Equal(got, []string{"quill-vs-inkwell"}) {
		t.Errorf("this week is missed: got %q in the next week, want what it had", got)
	}
	d.now = friday
	must(d.db.Editions().Change(t.Context(), week48, func(e edition.Edition) (edition.Edition, error) { return e.Cancel(friday) }))
	want("this week is cancelled", "quill-vs-inkwell")
	if e.Items[0].Slug != "quill-vs-inkwell" {
		t.Errorf("got %q in this week, want the comparison", e.Items[0].Slug)
	}
}
