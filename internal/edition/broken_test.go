package edition_test

import (
	"slices"
	"testing"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
)

// unreadable makes a file that breaks a rule, with a date or without one.
func unreadable(t testing.TB, file, slug, published string, tools ...string) comparison.Broken {
	t.Helper()
	b := comparison.Broken{File: file, Slug: slug}
	if published != "" {
		b.Published = candidate(t, "a-vs-b", published).Published
	}
	copy(b.Tools[:], tools)
	return b
}

// What may be new and cannot be read is carried over; what readers have had, what is
// of another time and what an editor left out is not.
func TestUnreadIsCarried(t *testing.T) {
	t.Parallel()
	c := week47(t, edition.Options{Max: 1, Min: 1}, candidate(t, "new-vs-one", "2026-11-15"), candidate(t, "new-vs-two", "2026-11-14"))
	c.Plan.Featured = []edition.Featured{{Item: edition.Item{Slug: "had-vs-before"}, Week: week(t, "2026-W46")}}
	c.Edits.LeftOut = []string{"left-vs-out"}
	c.Broken = []comparison.Broken{
		unreadable(t, "in-vs-time.yaml", "in-vs-time", "2026-11-12", "In", "Time"),
		unreadable(t, "no-vs-date.yaml", "no-vs-date", ""),
		unreadable(t, "same-vs-day.yaml", "same-vs-day", "2026-11-09"),
		unreadable(t, "long-vs-ago.yaml", "long-vs-ago", "2026-10-01"),
		unreadable(t, "far-vs-off.yaml", "far-vs-off", "2026-12-01"),
		unreadable(t, "had-vs-before.yaml", "had-vs-before", ""),
		unreadable(t, "left-vs-out.yaml", "left-vs-out", "2026-11-12"),
	}
	s := edition.Select(c)
	if got := slugs(s.Carried); got != "new-vs-two in-vs-time no-vs-date same-vs-day" {
		t.Errorf("got carried %q, want what was too much, then what may be new and cannot be read", got)
	}
	if got := slugs(s.Featured); got != "new-vs-one" {
		t.Errorf("got featured %q, want what can be read", got)
	}
	want := edition.Unread{File: "in-vs-time.yaml", Since: c.Plan.Since.UTC()}
	if got := s.Carried[1]; got.Unread != want || got.Tools != [2]string{"In", "Time"} {
		t.Errorf("got %+v, want its file, its tools and where the window began", got)
	}
	d := decisionOf(t, s, "no-vs-date")
	if d.Code != edition.CodeUnread || d.Reason != "its file no-vs-date.yaml cannot be read; corrected after this edition, it is a candidate of the next" {
		t.Errorf("got %s: %s, want that it cannot be read", d.Code, d.Reason)
	}
}

// A pinned comparison whose file breaks is named, whatever its date.
func TestUnreadPinned(t *testing.T) {
	t.Parallel()
	c := week47(t, edition.Options{Max: 5, Min: 1})
	c.Edits.Pinned = []string{"long-vs-ago"}
	c.Broken = []comparison.Broken{unreadable(t, "long-vs-ago.yaml", "long-vs-ago", "2026-10-01")}
	s := edition.Select(c)
	if d := decisionOf(t, s, "long-vs-ago"); d.Code != edition.CodeUnread || len(s.Decisions) != 1 {
		t.Errorf("got %+v, want one decision: pinned, but unreadable", s.Decisions)
	}
}

// Corrected, it is as new as when it could not be read: also renamed, in a folder
// that could not be read, and weeks later.
func TestUnreadComesBack(t *testing.T) {
	t.Parallel()
	in := func(c comparison.Comparison, file string) comparison.Comparison { c.File = file; return c }
	c := week47(t, edition.Options{Max: 9, Min: 1},
		in(candidate(t, "same-vs-slug", "2026-11-05"), "/elsewhere/same-vs-slug.yaml"),
		in(candidate(t, "other-vs-slug", "2026-11-05"), "/elsewhere/sub/broken.yaml"),
		in(candidate(t, "new-vs-name", "2026-11-05"), "/elsewhere/new.yaml"),
		in(candidate(t, "one-vs-locked", "2026-11-05"), "/elsewhere/locked/one.yaml"),
		in(candidate(t, "two-vs-locked", "2026-11-04"), "/elsewhere/locked/two.yaml"),
		in(candidate(t, "only-vs-old", "2026-10-30"), "/elsewhere/only-vs-old.yaml"),
		in(candidate(t, "day-vs-before", "2026-11-02"), "/elsewhere/day-vs-before.yaml"),
	)
	unread := edition.Unread{Since: c.Plan.Since.AddDate(0, 0, -7)}
	carry := func(slug, file string, tools [2]string) {
		unread.File = file
		c.Plan.Carried = append(c.Plan.Carried, edition.Item{Slug: slug, Tools: tools, Unread: unread})
	}
	carry("same-vs-slug", "same-vs-slug.yaml", [2]string{})
	carry("broken", "sub/broken.yaml", [2]string{})
	carry("old-vs-name", "old.yaml", [2]string{"NEW", "NAME"})
	carry("locked", "locked", [2]string{})
	carry("only-vs-old", "only-vs-old.yaml", [2]string{})
	carry("day-vs-before", "day-vs-before.yaml", [2]string{})
	carry("still-vs-broken", "still-vs-broken.yaml", [2]string{})
	carry("file-vs-gone", "file-vs-gone.yaml", [2]string{})
	c.Plan.Carried = append(c.Plan.Carried, edition.Item{Slug: "broke-vs-since", Tools: [2]string{"BROKE", "SINCE"}})
	c.Broken = []comparison.Broken{
		unreadable(t, "still-vs-broken.yaml", "still-vs-broken", ""),
		unreadable(t, "broke-vs-since.yaml", "broke-vs-since", "2026-11-03"),
	}
	s := edition.Select(c)
	got := []string{}
	for _, it := range s.Featured {
		got = append(got, it.Slug)
	}
	slices.Sort(got)
	if want := []string{"day-vs-before", "new-vs-name", "one-vs-locked", "other-vs-slug", "same-vs-slug", "two-vs-locked"}; !slices.Equal(got, want) {
		t.Errorf("got featured %v, want %v", got, want)
	}
	if got := decisionOf(t, s, "same-vs-slug").Reason; got != "its file could not be read for 2026-W46, and can be now" {
		t.Errorf("got %q, want that it could not be read", got)
	}
	if got := decisionOf(t, s, "only-vs-old").Code; got != edition.CodeTooOld {
		t.Errorf("got %s for a file that was old when it broke, want %s", got, edition.CodeTooOld)
	}
	if got := decisionOf(t, s, "file-vs-gone").Code; got != edition.CodeWithdrawn {
		t.Errorf("got %s for a file that is gone, want %s", got, edition.CodeWithdrawn)
	}
	if got := slugs(s.Carried); got != "still-vs-broken broke-vs-since" {
		t.Fatalf("got carried %q, want what still cannot be read", got)
	}
	if unread.File = "still-vs-broken.yaml"; s.Carried[0].Unread != unread || s.Carried[1].Unread != (edition.Unread{}) {
		t.Errorf("got %+v, want both as they were carried", s.Carried)
	}
}
