package edition_test

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// What is of a past edition's time and came after it is told apart from the
// archive: for four weeks, and not what that edition had, carried or was to leave
// out.
func TestCameLate(t *testing.T) {
	t.Parallel()
	cal := mondays(zone(t, "Europe/Berlin"))
	item := func(a, b string) edition.Item {
		return edition.Item{Slug: strings.ToLower(a + "-vs-" + b), Tools: [2]string{a, b}}
	}
	sent := func(w string, items ...edition.Item) edition.Edition {
		e := recorded(t, cal, w, edition.Sent, true)
		e.Since, e.Items = e.Cutoff.AddDate(0, 0, -7), items
		return e
	}
	skipped := recorded(t, cal, "2026-W45", edition.Skipped, false)
	skipped.Since = skipped.Cutoff.AddDate(0, 0, -7)
	history := []edition.Edition{
		sent("2026-W41", item("A41", "B41")), sent("2026-W43", item("A43", "B43")),
		recorded(t, cal, "2026-W44", edition.Sent, true), // by the journals: what it had is not known
		skipped,
		sent("2026-W46", item("HAD", "PAIR")),
	}
	w := week(t, "2026-W47")
	slot, _ := cal.SlotIn(w)
	plan, err := edition.PlanFor(w, slot, cal, history)
	if err != nil {
		t.Fatal(err)
	}
	s := edition.Select(edition.Candidates{
		Plan: plan, Calendar: cal, Options: edition.Options{Max: 5, Min: 1}, Declined: []string{"left-vs-out"},
		Comparisons: []comparison.Comparison{
			candidate(t, "new-vs-one", "2026-11-15"),
			candidate(t, "came-vs-late", "2026-11-05"),
			candidate(t, "came-vs-later", "2026-10-31"),
			candidate(t, "three-vs-weeks", "2026-10-15T10:00:00Z"),
			candidate(t, "in-vs-unknown", "2026-10-22"),
			candidate(t, "long-vs-ago", "2026-10-01"),
			candidate(t, "left-vs-out", "2026-11-05"),
			candidate(t, "pair-vs-had", "2026-11-05"),
			candidate(t, "b43-vs-a43", "2026-11-05"),
			candidate(t, "one-vs-new", "2026-11-05"),
		},
	})
	for slug, want := range map[string]edition.Code{
		"new-vs-one": edition.CodeFeatured, "came-vs-late": edition.CodeMissed, "came-vs-later": edition.CodeMissed, "three-vs-weeks": edition.CodeMissed,
		"in-vs-unknown": edition.CodeTooOld, "long-vs-ago": edition.CodeTooOld, "left-vs-out": edition.CodeTooOld,
		"pair-vs-had": edition.CodeShownPair, "b43-vs-a43": edition.CodeTooOld, "one-vs-new": edition.CodeTooOld,
	} {
		if d := decisionOf(t, s, slug); d.Code != want {
			t.Errorf("%s: got %s (%s), want %s", slug, d.Code, d.Reason, want)
		}
	}
	want := "published in the time of 2026-W46, and it, or its date, came after the cutoff of that (2026-11-09 09:00 CET); no edition takes it by itself: to take it in, pin it or give it a later published date"
	if got := decisionOf(t, s, "came-vs-late").Reason; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
