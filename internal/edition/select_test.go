package edition_test

import (
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// candidate makes a comparison "a-vs-b" of the tools A and B.
func candidate(t testing.TB, slug, published string, panels ...*comparison.Panel) comparison.Comparison {
	t.Helper()
	a, b, ok := strings.Cut(slug, "-vs-")
	if !ok {
		t.Fatalf("got slug %q, want a-vs-b", slug)
	}
	c := versus(tool(strings.ToUpper(a), "", nil), tool(strings.ToUpper(b), "", nil))
	c.Slug = slug
	for i, p := range panels {
		c.Tools[i].Panel = p
	}
	if published != "" {
		p, err := comparison.ParsePublished(published)
		if err != nil {
			t.Fatal(err)
		}
		c.Published = p
	}
	return c
}

// week47 is an edition of Monday, 16 November 2026, 9:00 in Berlin, a week
// after the edition before.
func week47(t testing.TB, opts edition.Options, list ...comparison.Comparison) edition.Candidates {
	t.Helper()
	cal := mondays(zone(t, "Europe/Berlin"))
	before := recorded(t, cal, "2026-W46", edition.Sent, true)
	w := week(t, "2026-W47")
	slot, _ := cal.SlotIn(w)
	plan, err := edition.PlanFor(w, slot, cal, []edition.Edition{before, recorded(t, cal, "2026-W47", edition.Draft, false)})
	if err != nil {
		t.Fatal(err)
	}
	return edition.Candidates{Plan: plan, Calendar: cal, Comparisons: list, Options: opts}
}

func slugs(items []edition.Item) string {
	var list []string
	for _, it := range items {
		list = append(list, it.Slug)
	}
	return strings.Join(list, " ")
}

func decisionOf(t testing.TB, s edition.Selection, slug string) edition.Decision {
	t.Helper()
	for _, d := range s.Decisions {
		if d.Slug == slug {
			return d
		}
	}
	t.Fatalf("got no decision on %s, want one for every candidate", slug)
	return edition.Decision{}
}

func TestSelectReasons(t *testing.T) {
	t.Parallel()
	c := week47(t, edition.Options{Max: 2, Min: 1},
		candidate(t, "new-vs-one", "2026-11-15"),
		candidate(t, "new-vs-two", "2026-11-14T10:00:00Z"),
		candidate(t, "new-vs-three", "2026-11-13"),
		candidate(t, "one-vs-new", "2026-11-12"),
		candidate(t, "cutoff-vs-exact", "2026-11-16T09:00:00+01:00"),
		candidate(t, "since-vs-exact", "2026-11-09T09:00:00+01:00"),
		candidate(t, "since-vs-day", "2026-11-09"),
		candidate(t, "old-vs-old", "2026-11-08"),
		candidate(t, "long-vs-ago", "2026-11-01"),
		candidate(t, "next-vs-week", "2026-11-16T09:00:01+01:00"),
		candidate(t, "far-vs-away", "2026-12-24"),
		candidate(t, "never-vs-soon", "2031-01-01"),
		candidate(t, "seen-vs-before", "2026-11-14"),
		candidate(t, "before-vs-seen", "2026-11-15"),
		candidate(t, "no-vs-date", ""),
		candidate(t, "carried-vs-over", "2026-11-03"),
		candidate(t, "new-vs-one", "2026-11-10"),
	)
	c.Plan.Carried = []edition.Item{
		{Slug: "carried-vs-over", Tools: [2]string{"CARRIED", "OVER"}},
		{Slug: "gone-vs-away", Tools: [2]string{"GONE", "AWAY"}},
	}
	c.Plan.Featured = []edition.Featured{{
		Item: edition.Item{Slug: "seen-vs-before", Tools: [2]string{"SEEN", "BEFORE"}}, Week: week(t, "2026-W30"),
	}}
	s := edition.Select(c)

	if got, want := slugs(s.Featured), "cutoff-vs-exact carried-vs-over"; got != want {
		t.Errorf("featured: got %q, want %q: the carried one has a seat, the order is by date", got, want)
	}
	if got, want := slugs(s.Carried), "new-vs-one new-vs-two new-vs-three since-vs-day"; got != want {
		t.Errorf("carried: got %q, want %q", got, want)
	}
	if len(s.Comparisons) != 2 || s.Comparisons[1].Slug != "carried-vs-over" {
		t.Errorf("comparisons: got %d, want the two featured ones", len(s.Comparisons))
	}
	for _, tc := range []struct {
		slug   string
		code   edition.Code
		reason string
	}{
		{"cutoff-vs-exact", edition.CodeFeatured, "new since the cutoff of 2026-W46 (2026-11-09 09:00 CET)"},
		{"carried-vs-over", edition.CodeFeatured, "carried over from 2026-W46"},
		{"new-vs-three", edition.CodeCarried, "6 compete for 2 places (edition.max); a first candidate of the next edition"},
		{"one-vs-new", edition.CodeSamePair, "the same pairing as new-vs-one (NEW vs ONE), which is newer and competes in its place"},
		{"since-vs-exact", edition.CodeMissed, "published in the time of 2026-W46, and it, or its date, came after the cutoff of that (2026-11-09 09:00 CET); no edition takes it by itself: to take it in, pin it or give it a later published date"},
		{"long-vs-ago", edition.CodeTooOld, "published before the cutoff of 2026-W46 (2026-11-09 09:00 CET), which did not have it; to take it in, pin it or give it a later published date"},
		{"old-vs-old", edition.CodeMissed, "published in the time of 2026-W46, and it, or its date, came after the cutoff of that (2026-11-09 09:00 CET); no edition takes it by itself: to take it in, pin it or give it a later published date"},
		{"next-vs-week", edition.CodeTooLate, "published after the cutoff (2026-11-16 09:00 CET); it goes into 2026-W48"},
		{"far-vs-away", edition.CodeTooLate, "published after the cutoff (2026-11-16 09:00 CET); it goes into 2026-W53"},
		{"never-vs-soon", edition.CodeTooLate, "published after the cutoff (2026-11-16 09:00 CET); it goes into a later edition"},
		{"seen-vs-before", edition.CodeShown, "featured in 2026-W30"},
		{"before-vs-seen", edition.CodeShownPair, "the same pairing as seen-vs-before (SEEN vs BEFORE), featured in 2026-W30"},
		{"no-vs-date", edition.CodeUndated, "has no publication date; give it one, such as published: 2026-11-16"},
		{"gone-vs-away", edition.CodeWithdrawn, "carried over from 2026-W46, but there is no such comparison any more; was its file renamed?"},
	} {
		d := decisionOf(t, s, tc.slug)
		if d.Code != tc.code || d.Reason != tc.reason || d.In != (tc.code == edition.CodeFeatured) {
			t.Errorf("%s: got %s %q in=%v, want %s %q", tc.slug, d.Code, d.Reason, d.In, tc.code, tc.reason)
		}
	}
	if n := len(s.Decisions); n != len(c.Comparisons)+1 {
		t.Errorf("got %d decisions, want one for each of %d comparisons and the withdrawn one", n, len(c.Comparisons))
	}
	if d := s.Decisions[0]; d.Slug != "cutoff-vs-exact" {
		t.Errorf("first decision: got %s, want the first featured", d.Slug)
	}
}

func TestSelectHandBuiltBeforeSlot(t *testing.T) {
	t.Parallel()
	c := week47(t, edition.Options{}, candidate(t, "a-vs-b", "2026-11-16T08:00:00+01:00"))
	c.Plan.Cutoff = c.Plan.Slot.Add(-3 * time.Hour)
	s := edition.Select(c)
	want := "published after 2026-11-16 06:00 CET, up to which this build looks; a later build of 2026-W47 takes it in"
	if d := decisionOf(t, s, "a-vs-b"); d.Reason != want || !s.Nothing() {
		t.Errorf("got %q, want %q", d.Reason, want)
	}
}

// The brief's example: two comparisons of one pairing under different names.
func TestSelectNearDuplicates(t *testing.T) {
	t.Parallel()
	older := versus(tool("Karpathy Coding Skills", "", nil), tool("SmolVLM2", "", nil))
	older.Published = comparison.PublishedOn(2026, time.November, 11)
	newer := versus(tool("SmolVLM2-2B", "", nil), tool("Karpathy Skills", "", nil))
	newer.Published = comparison.PublishedOn(2026, time.November, 13)

	s := edition.Select(week47(t, edition.Options{Max: 5}, older, newer))
	if got := slugs(s.Featured); got != newer.Slug || len(s.Carried) != 0 {
		t.Errorf("got %q and carried %q, want the newer only", got, slugs(s.Carried))
	}
	if d := decisionOf(t, s, older.Slug); d.Code != edition.CodeSamePair || !strings.Contains(d.Reason, newer.Slug) {
		t.Errorf("got %s %q, want a reason that names %s", d.Code, d.Reason, newer.Slug)
	}

	// A week later the older one is explained by what took its place.
	c := week47(t, edition.Options{Max: 5}, older)
	c.Plan.Since = c.Plan.Since.AddDate(0, 0, 7)
	c.Plan.Featured = []edition.Featured{{Item: s.Featured[0], Week: c.Plan.Previous}}
	if d := decisionOf(t, edition.Select(c), older.Slug); d.Code != edition.CodeShownPair {
		t.Errorf("a week later: got %s %q, want %s", d.Code, d.Reason, edition.CodeShownPair)
	}
}

func TestSelectBelowMin(t *testing.T) {
	t.Parallel()
	s := edition.Select(week47(t, edition.Options{Min: 3},
		candidate(t, "a-vs-b", "2026-11-12"), candidate(t, "c-vs-d", "2026-11-13")))
	if !s.Nothing() || slugs(s.Carried) != "c-vs-d a-vs-b" {
		t.Errorf("got featured %q, carried %q, want nothing featured and both carried", slugs(s.Featured), slugs(s.Carried))
	}
	want := "only 2 of the 3 that make an edition (edition.min); a first candidate of the next edition"
	if d := decisionOf(t, s, "a-vs-b"); d.Reason != want || d.Code != edition.CodeCarried {
		t.Errorf("got %s %q, want %q", d.Code, d.Reason, want)
	}
	if s := edition.Select(week47(t, edition.Options{})); !s.Nothing() || len(s.Decisions) != 0 {
		t.Errorf("no candidates: got %+v, want nothing", s)
	}
}

func TestSelectOrders(t *testing.T) {
	t.Parallel()
	list := []comparison.Comparison{
		candidate(t, "unknown-vs-unknown", "2026-11-15"),
		candidate(t, "split-vs-split", "2026-11-10", votes(2, 2), share(50)),
		candidate(t, "clear-vs-cut", "2026-11-11", votes(4, 0), share(0)),
		candidate(t, "some-vs-known", "2026-11-12", share(75)),
		candidate(t, "a-vs-twin", "2026-11-13", share(60), share(60)),
		candidate(t, "b-vs-sibling", "2026-11-13", share(40), share(60)),
	}
	for order, want := range map[edition.Order]string{
		"":                "b-vs-sibling clear-vs-cut split-vs-split a-vs-twin some-vs-known unknown-vs-unknown",
		edition.NewsFirst: "b-vs-sibling clear-vs-cut split-vs-split a-vs-twin some-vs-known unknown-vs-unknown",
		edition.Newest:    "unknown-vs-unknown a-vs-twin b-vs-sibling some-vs-known clear-vs-cut split-vs-split",
		edition.Divided:   "split-vs-split a-vs-twin b-vs-sibling some-vs-known clear-vs-cut unknown-vs-unknown",
		edition.Decisive:  "clear-vs-cut some-vs-known a-vs-twin b-vs-sibling split-vs-split unknown-vs-unknown",
	} {
		if got := slugs(edition.Select(week47(t, edition.Options{Order: order}, list...)).Featured); got != want {
			t.Errorf("%q: got %s, want %s", order, got, want)
		}
	}
}
