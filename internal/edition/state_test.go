package edition_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
)

func TestWhatAnEditionLeaves(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		e                        edition.Edition
		advances, auto, required bool
	}{
		{e: edition.Edition{State: edition.Draft}, auto: true},
		{e: edition.Edition{State: edition.Draft, NeedsApproval: true}},
		{e: edition.Edition{State: edition.Approved}, auto: true, required: true},
		{e: edition.Edition{State: edition.Held}},
		{e: edition.Edition{State: edition.Missed}},
		{e: edition.Edition{State: edition.Cancelled}},
		{e: edition.Edition{State: edition.Cancelled, FrozenAt: at}, advances: true},
		{e: edition.Edition{State: edition.Skipped}, advances: true},
		{e: edition.Edition{State: edition.Skipped, SkippedBy: "ada"}},
		{e: edition.Edition{State: edition.Sending, FrozenAt: at}, advances: true},
		{e: edition.Edition{State: edition.Sent, FrozenAt: at}, advances: true},
	} {
		if tc.e.Advances() != tc.advances || tc.e.Released(false) != tc.auto || tc.e.Released(true) != tc.required {
			t.Errorf("%+v: got advances %v, released %v without approval, %v with, want %v, %v, %v", tc.e,
				tc.e.Advances(), tc.e.Released(false), tc.e.Released(true), tc.advances, tc.auto, tc.required)
		}
	}
}

func TestNextOpen(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC)
	weekly := func(after time.Time) time.Time {
		next := first
		for !next.After(after) {
			next = next.AddDate(0, 0, 7)
		}
		return next
	}
	friday := first.AddDate(0, 0, 4)
	week := func(n int) time.Time { return first.AddDate(0, 0, 7*n) }
	for name, tc := range map[string]struct {
		next     func(time.Time) time.Time
		recorded []edition.Edition
		want     time.Time
	}{
		"nothing recorded": {weekly, nil, week(1)},
		"a draft":          {weekly, []edition.Edition{{Slot: week(1), State: edition.Draft}}, week(1)},
		"sent before its slot, and the next left out": {weekly, []edition.Edition{
			{Slot: week(1), State: edition.Sent}, {Slot: week(2), State: edition.Skipped, SkippedBy: "ada"},
		}, week(3)},
		"being sent":    {weekly, []edition.Edition{{Slot: week(1).In(time.FixedZone("", 3600)), State: edition.Sending}}, week(2)},
		"no schedule":   {func(time.Time) time.Time { return time.Time{} }, nil, time.Time{}},
		"a year is out": {weekly, yearOut(week), time.Time{}},
	} {
		if got := edition.NextOpen(tc.next, friday, tc.recorded); !got.Equal(tc.want) {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func yearOut(week func(int) time.Time) (all []edition.Edition) {
	for n := range 60 {
		all = append(all, edition.Edition{Slot: week(n), State: edition.Cancelled})
	}
	return all
}

// A week that was skipped says why: by whom, or which files could not be read.
func TestSkippedBecause(t *testing.T) {
	t.Parallel()
	unread := []edition.Item{{Slug: "a", Unread: edition.Unread{File: "a.yaml"}}, {Slug: "b"}, {Slug: "c", Unread: edition.Unread{File: "c.yaml"}}}
	for want, e := range map[string]edition.Edition{
		"there was nothing new": {State: edition.Skipped},
		"there was nothing new that could be read: a.yaml, c.yaml": {State: edition.Skipped, Carried: unread},
		"left out by ed@example.org":                               {State: edition.Skipped, SkippedBy: "ed@example.org", Carried: unread},
	} {
		if got := e.SkippedBecause(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
