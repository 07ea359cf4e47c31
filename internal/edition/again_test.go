package edition_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

func updated(t testing.TB, c comparison.Comparison, day string) comparison.Comparison {
	t.Helper()
	u, err := comparison.ParsePublished(day)
	if err != nil {
		t.Fatal(err)
	}
	c.Updated = u
	return c
}

// featuredIn is what an edition of an earlier week kept of a comparison.
func featuredIn(t testing.TB, w string, c comparison.Comparison) edition.Featured {
	t.Helper()
	cand := edition.Candidates{Comparisons: []comparison.Comparison{c}, Edits: edition.Edits{Pinned: []string{c.Slug}}}
	cand.Plan = week47(t, edition.Options{}).Plan
	cand.Calendar = mondays(zone(t, "Europe/Berlin"))
	slot, _ := cand.Calendar.SlotIn(week(t, w))
	return edition.Featured{Item: edition.Select(cand).Featured[0], Week: week(t, w), Cutoff: slot}
}

// What was updated since it was featured comes again, after what is new, four
// weeks later at the earliest, and with what changed.
func TestSelectUpdates(t *testing.T) {
	t.Parallel()
	was := candidate(t, "quill-vs-pen", "2026-09-28", votes(2, 2), votes(3, 1))
	was.Tools[0].Entry = "$12"
	is := was
	is.Tools[0].Entry, is.Tools[0].Panel = "$9", votes(3, 1)
	for _, tc := range []struct {
		name     string
		featured string
		now      comparison.Comparison
		in       bool
		code     edition.Code
		reason   string
	}{
		{"updated", "2026-W40", updated(t, is, "2026-11-12"), true, edition.CodeFeatured,
			"Updated since 2026-W40: QUILL: Ship, 3 of 4 (75%), before Split, 2 of 4 (50%); QUILL: price to start $9, before $12"},
		{"updated, long ago", "2026-W40", updated(t, is, "2026-10-12"), true, edition.CodeFeatured, "Updated since 2026-W40: "},
		{"updated before it was featured", "2026-W41", updated(t, was, "2026-10-01"), false, edition.CodeShown, "featured in 2026-W41"},
		{"updated on the day of the cutoff", "2026-W40", updated(t, is, "2026-09-28"), true, edition.CodeFeatured, "Updated since 2026-W40: "},
		{"the same on the day of the cutoff", "2026-W40", updated(t, was, "2026-09-28"), false, edition.CodeShown, "featured in 2026-W40"},
		{"too soon", "2026-W44", updated(t, is, "2026-11-12"), false, edition.CodeShown,
			"featured in 2026-W44 and updated since; a candidate again from 2026-W48 on, four weeks later"},
		{"four weeks", "2026-W43", updated(t, is, "2026-11-12"), true, edition.CodeFeatured, "Updated since 2026-W43: "},
		{"in the future", "2026-W40", updated(t, is, "2026-11-20"), false, edition.CodeTooLate, "updated after the cutoff"},
		{"different, not updated", "2026-W40", is, false, edition.CodeChanged, "give it updated: 2026-11-16, or pin it"},
		{"unchanged", "2026-W40", was, false, edition.CodeShown, "featured in 2026-W40"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := week47(t, edition.Options{Max: 1}, tc.now)
			c.Plan.Featured = []edition.Featured{featuredIn(t, tc.featured, was)}
			s := edition.Select(c)
			d := decisionOf(t, s, "quill-vs-pen")
			if d.In != tc.in || d.Code != tc.code || !strings.Contains(d.Reason, tc.reason) {
				t.Errorf("got in=%v %s %q, want in=%v %s %q", d.In, d.Code, d.Reason, tc.in, tc.code, tc.reason)
			}
			if got := s.Updates["quill-vs-pen"]; tc.in != strings.HasPrefix(got, "Updated since") {
				t.Errorf("got %q for readers, want what changed: %v", got, tc.in)
			}
			if !tc.in {
				return
			}
			c.Comparisons = append(c.Comparisons, candidate(t, "new-vs-one", "2026-11-10"))
			s = edition.Select(c)
			if got := slugs(s.Featured); got != "new-vs-one" || len(s.Carried) != 0 {
				t.Errorf("with one new: got %q, carried %q, want the new one, and nothing carried", got, slugs(s.Carried))
			}
		})
	}
}

// An upgrade changes nothing: of what was featured before facts were kept,
// nothing is said to be different.
func TestNoFactsNoDifference(t *testing.T) {
	t.Parallel()
	c := week47(t, edition.Options{}, candidate(t, "a-vs-b", "2026-09-28", votes(4, 0)))
	c.Plan.Featured = []edition.Featured{{Item: edition.Item{Slug: "a-vs-b", Tools: [2]string{"A", "B"}}, Week: week(t, "2026-W40")}}
	if d := decisionOf(t, edition.Select(c), "a-vs-b"); d.Code != edition.CodeShown {
		t.Errorf("got %s %q, want %s", d.Code, d.Reason, edition.CodeShown)
	}
	c.Comparisons[0] = updated(t, c.Comparisons[0], "2026-11-10")
	c.Plan.Featured[0].Cutoff = time.Date(2026, time.September, 28, 7, 0, 0, 0, time.UTC)
	if d := decisionOf(t, edition.Select(c), "a-vs-b"); !d.In || d.Reason != "Updated since 2026-W40" {
		t.Errorf("updated: got in=%v %q, want it in", d.In, d.Reason)
	}
}

// Where only a person can tell, nobody is dropped and the editor is asked.
func TestSelectDoubtful(t *testing.T) {
	t.Parallel()
	one := versus(tool("Notion AI", "", nil), tool("Zed", "", nil))
	one.Slug, one.Published = "notion-ai-vs-zed", comparison.PublishedOn(2026, time.November, 11)
	two := versus(tool("Notion", "", nil), tool("Zed", "", nil))
	two.Slug, two.Published = "notion-vs-zed", comparison.PublishedOn(2026, time.November, 12)
	if comparison.MatchPairings([2]string{"Notion AI", "Zed"}, [2]string{"Notion", "Zed"}) != comparison.Doubtful {
		t.Fatal("got another match, want these names doubtful")
	}
	s := edition.Select(week47(t, edition.Options{Max: 5}, one, two))
	for slug, other := range map[string]string{one.Slug: two.Slug, two.Slug: one.Slug} {
		d := decisionOf(t, s, slug)
		if !d.In || d.Code != edition.CodeDoubtful || !strings.Contains(d.Reason, "perhaps the same pairing as "+other) {
			t.Errorf("%s: got in=%v %s %q, want it in, and the editor asked", slug, d.In, d.Code, d.Reason)
		}
	}
	c := week47(t, edition.Options{Max: 5}, one)
	c.Plan.Featured = []edition.Featured{featuredIn(t, "2026-W40", two)}
	if d := decisionOf(t, edition.Select(c), one.Slug); !d.In || !strings.Contains(d.Reason, "featured in 2026-W40") {
		t.Errorf("featured before: got in=%v %q, want it in, and the editor asked", d.In, d.Reason)
	}
}

func TestEqualDatesAreNotNewer(t *testing.T) {
	t.Parallel()
	s := edition.Select(week47(t, edition.Options{}, candidate(t, "a-vs-b", "2026-11-12"), candidate(t, "b-vs-a", "2026-11-12")))
	want := "the same pairing as a-vs-b (A vs B), which has the same date and competes in its place; leave that out to have this one"
	if d := decisionOf(t, s, "b-vs-a"); d.Reason != want {
		t.Errorf("got %q, want %q", d.Reason, want)
	}
}

// What an editor decides goes before what the rules say.
func TestSelectEdits(t *testing.T) {
	t.Parallel()
	list := []comparison.Comparison{
		candidate(t, "a-vs-b", "2026-11-12"), candidate(t, "c-vs-d", "2026-11-11"), candidate(t, "e-vs-f", "2026-11-10"),
		candidate(t, "old-vs-er", "2025-01-01"), candidate(t, "b-vs-a", "2026-11-09T10:00:00+01:00"), candidate(t, "no-vs-date", ""),
	}
	pick := func(o edition.Options, e edition.Edits) edition.Selection {
		c := week47(t, o, list...)
		c.Options.Order, c.Edits = edition.Newest, e
		return edition.Select(c)
	}
	for _, tc := range []struct {
		name     string
		o        edition.Options
		e        edition.Edits
		featured string
	}{
		{"nothing", edition.Options{}, edition.Edits{}, "a-vs-b c-vs-d e-vs-f"},
		{"order", edition.Options{}, edition.Edits{Order: []string{"e-vs-f", "gone", "a-vs-b"}}, "e-vs-f a-vs-b c-vs-d"},
		{"left out", edition.Options{}, edition.Edits{LeftOut: []string{"c-vs-d"}}, "a-vs-b e-vs-f"},
		{"pinned, old and undated", edition.Options{Max: 1}, edition.Edits{Pinned: []string{"old-vs-er", "no-vs-date"}}, "old-vs-er no-vs-date"},
		{"pinned below the minimum", edition.Options{Min: 9}, edition.Edits{Pinned: []string{"old-vs-er"}}, "a-vs-b c-vs-d e-vs-f old-vs-er"},
		{"pinned of a pairing", edition.Options{}, edition.Edits{Pinned: []string{"b-vs-a"}}, "c-vs-d e-vs-f b-vs-a"},
		{"pinned and left out", edition.Options{Max: 1}, edition.Edits{Pinned: []string{"c-vs-d"}, LeftOut: []string{"c-vs-d"}}, "c-vs-d"},
	} {
		if got := slugs(pick(tc.o, tc.e).Featured); got != tc.featured {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.featured)
		}
	}
	s := pick(edition.Options{}, edition.Edits{LeftOut: []string{"c-vs-d"}, Pinned: []string{"b-vs-a", "gone"}})
	for slug, want := range map[string]edition.Code{"c-vs-d": edition.CodeLeftOut, "a-vs-b": edition.CodeSamePair, "gone": edition.CodeWithdrawn, "b-vs-a": edition.CodeFeatured} {
		if d := decisionOf(t, s, slug); d.Code != want {
			t.Errorf("%s: got %s %q, want %s", slug, d.Code, d.Reason, want)
		}
	}
}

func TestEditsAreSavedOverWhatWasSeen(t *testing.T) {
	t.Parallel()
	first, err := edition.Edits{Subject: "one"}.Next(edition.Edits{}, "ada", noon())
	if err != nil || first.Version != 1 || first.By != "ada" || !first.At.Equal(noon()) {
		t.Fatalf("got %+v, %v, want version 1 by ada", first, err)
	}
	kept, err := edition.Edits{Subject: "two"}.Next(first, "bea", noon())
	if !strings.Contains(err.Error(), "ada has saved") || kept.Subject != "one" {
		t.Errorf("got %+v, %v, want the first kept and its author named", kept, err)
	}
	built := an(edition.Draft)
	if err := built.Knows(first); !errors.Is(err, edition.ErrChanged) {
		t.Errorf("a build before the edits: got %v, want ErrChanged", err)
	}
	built.EditsVersion = first.Version
	if err := built.Knows(first); err != nil {
		t.Errorf("a build with the edits: got %v, want nil", err)
	}
	second := first
	second.Subject = "two"
	if second, err = second.Next(first, "bea", noon()); err != nil || second.Version != 2 {
		t.Errorf("got %+v, %v, want version 2", second, err)
	}
}

// A carried comparison whose file was renamed is the same comparison; what an
// edition that reached nobody had picked, and is gone, is named.
func TestSelectRenamed(t *testing.T) {
	t.Parallel()
	c := week47(t, edition.Options{}, candidate(t, "a-vs-b", "2026-11-03"), candidate(t, "new-vs-one", "2026-11-10"))
	c.Comparisons[0].Slug = "a-and-b"
	c.Plan.Carried = []edition.Item{{Slug: "a-vs-b", Tools: [2]string{"A", "B"}}}
	c.Plan.Unsent = []edition.Featured{
		{Item: edition.Item{Slug: "lost-vs-gone", Tools: [2]string{"LOST", "GONE"}}, Week: week(t, "2026-W46")},
		{Item: edition.Item{Slug: "new-vs-one-2", Tools: [2]string{"NEW", "ONE"}}, Week: week(t, "2026-W46")},
	}
	s := edition.Select(c)
	if got := slugs(s.Featured); got != "new-vs-one a-and-b" {
		t.Errorf("got %q, want the renamed one in", got)
	}
	if d := decisionOf(t, s, "a-and-b"); d.Reason != "carried over from 2026-W46, where it was a-vs-b" {
		t.Errorf("got %q, want its former name", d.Reason)
	}
	if d := decisionOf(t, s, "lost-vs-gone"); d.Code != edition.CodeWithdrawn || !strings.Contains(d.Reason, "picked for 2026-W46, which was not sent") {
		t.Errorf("got %s %q, want it named", d.Code, d.Reason)
	}
	if len(s.Decisions) != 3 {
		t.Errorf("got %d decisions, want 3: one of those is there under another name", len(s.Decisions))
	}
}
