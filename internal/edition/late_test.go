package edition_test

import (
	"strings"
	"testing"
	"time"

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
		adopted(t, recorded(t, cal, "2026-W44", edition.Draft, false)),
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

// adopted makes a draft one that is known to be sent by its journals alone.
func adopted(t testing.TB, e edition.Edition) edition.Edition {
	t.Helper()
	e, err := e.Adopt(e.Slot.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Of an edition that a restored database knows by its journals alone nothing comes
// again by itself, whether the database has forgotten it or knows it as the draft of
// three days before: what readers may have had is told.
func TestAdoptedContentDoesNotComeAgain(t *testing.T) {
	t.Parallel()
	cal := mondays(zone(t, "Europe/Berlin"))
	w46, w47 := week(t, "2026-W46"), week(t, "2026-W47")
	slot, _ := cal.SlotIn(w46)
	draft := recorded(t, cal, "2026-W46", edition.Draft, false)
	draft.Cutoff = slot.AddDate(0, 0, -3)
	draft.Items = []edition.Item{{Slug: "draft-vs-had", Tools: [2]string{"DRAFT", "HAD"}}}
	draft.Carried = []edition.Item{{Slug: "draft-vs-carried", Tools: [2]string{"DRAFT", "CARRIED"}}}
	for name, before := range map[string]edition.Edition{"forgotten": edition.Forgotten(w46, slot), "a draft": draft} {
		now, _ := cal.SlotIn(w47)
		plan, err := edition.PlanFor(w47, now, cal, []edition.Edition{recorded(t, cal, "2026-W45", edition.Sent, true), adopted(t, before)})
		if err != nil {
			t.Fatal(err)
		}
		s := edition.Select(edition.Candidates{
			Plan: plan, Calendar: cal, Options: edition.Options{Max: 9, Min: 1},
			Comparisons: []comparison.Comparison{
				candidate(t, "same-vs-day", "2026-11-09"), candidate(t, "days-vs-before", "2026-11-07"), candidate(t, "draft-vs-had", "2026-11-05"), candidate(t, "draft-vs-carried", "2026-11-05"),
				candidate(t, "day-vs-after", "2026-11-10"), candidate(t, "hour-vs-after", "2026-11-09T20:00:00Z"), candidate(t, "long-vs-ago", "2026-10-20"),
			},
		})
		if got := slugs(s.Featured); got != "day-vs-after hour-vs-after" {
			t.Errorf("%s: got %q, want what is certainly new", name, got)
		}
		for _, slug := range []string{"same-vs-day", "days-vs-before", "draft-vs-carried"} {
			if d := decisionOf(t, s, slug); d.Code != edition.CodeMissed || d.Reason != "2026-W46 was sent, which is known by its journals alone, so readers may have had this in it; pin it if they have not" {
				t.Errorf("%s: %s: got %s: %s, want that readers may have had it", name, slug, d.Code, d.Reason)
			}
		}
		if d := decisionOf(t, s, "long-vs-ago"); d.Code != edition.CodeTooOld {
			t.Errorf("%s: got %s for what is old, want %s", name, d.Code, edition.CodeTooOld)
		}
	}
}
