package workbench_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/sqlite/sqlitetest"
	"verdicts.example/digest/subscribers"
)

// sendPast records editions that were sent in the weeks before, to more and more
// readers, of whom some left.
func (b *bench) sendPast(weeks int) {
	b.t.Helper()
	x := must(sqlitetest.Open(filepath.Join(b.data, "digest.db")))
	b.t.Cleanup(func() { _ = x.Close() })
	check := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	for i := range weeks {
		w := week.Add(i - weeks)
		at := w.Monday(time.UTC).Add(9 * time.Hour)
		check(x.AddReaders(40+3*i, func(id int64) string { return fmt.Sprintf("reader%d@example.com", id) }))
		id := must(x.AddEdition(w.String()))
		check(x.Entitle(id, fmt.Sprintf("Number %d: ship the pen, skip the chalk", i+1)))
		_, err := x.Stores().Freezer.Freeze(b.t.Context(), delivery.Freeze{Edition: id, Hash: "h", Message: []byte("frozen"), At: at})
		check(err)
		check(x.Settle(id, delivery.Failed, 2, "550 5.1.1 no such user here", at))
		check(x.Settle(id, delivery.Unknown, 1, "", at))
		check(x.Settle(id, delivery.Accepted, 100_000, "250 2.0.0 OK", at))
		check(x.Blame(id, delivery.HardFault))
		check(x.Left(1+i%3, at.Add(time.Hour)))
		check(x.Complained(id, i%2, at))
		_, err = x.DB.Editions().Change(b.t.Context(), w, func(e edition.Edition) (edition.Edition, error) {
			e.State, e.Slot, e.FrozenAt, e.FinishedAt = edition.Sent, at, at, at.Add(time.Minute)
			e.Items = []edition.Item{{Slug: "cursor-vs-windsurf", Tools: [2]string{"Cursor", "Windsurf"}}}
			return e, nil
		})
		check(err)
	}
}

// sayWhy counts reasons today, and seven of each on the day before the last edition.
func (b *bench) sayWhy(reasons map[subscribers.LeaveReason]int) {
	b.t.Helper()
	x := must(sqlitetest.Open(filepath.Join(b.data, "digest.db")))
	b.t.Cleanup(func() { _ = x.Close() })
	before := week.Add(-1).Monday(time.UTC).AddDate(0, 0, -1)
	for why, n := range reasons {
		if err := errors.Join(x.SaidWhy(why, n, b.clock()), x.SaidWhy(why, 7, before)); err != nil {
			b.t.Fatal(err)
		}
	}
}

// The page of a Monday says how the last edition went, what is usual, and how the
// list grows.
func TestOutcome(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	if _, body := b.get("/outcome"); !strings.Contains(body, "No edition has gone out yet") {
		t.Errorf("before any edition: got\n%s", body)
	}
	b.sendPast(4)
	b.sayWhy(map[subscribers.LeaveReason]int{"too-long": 1, "other-tools": 2})
	_, body := b.get("/outcome")
	// The fourth went to 40+43+46+49 = 178 readers: 2 refused, 1 unknown, 175 taken;
	// one left, 1000/175 = 5.7; one complained.
	for _, want := range []string{
		"2026-W47", "to 178 readers", "took it for <b>175</b>", "refused it for <b>2</b>", "of <b>1</b> the outcome is unknown",
		"5.7 ‰", "usual: ", "550 5.1.1 no such user", "<polyline", "now: 178", "Number 1: ship the pen", "/week/2026-W44",
		"Why they left", "It is about tools that I don’t use</th><td>2</td></tr><tr><th scope=\"row\">It is too long</th><td>1</td>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("got no %q", want)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}

// Each week's figures count who left until the next edition, and no more.
func TestOutcomeWindows(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	b.sendPast(4)
	for i, o := range must(b.desk.Outcomes(t.Context(), 10)) {
		number := 4 - i // the newest first
		if want := int64(1 + (number-1)%3); o.Left != want || o.Complained != int64((number-1)%2) {
			t.Errorf("%s: got %d left and %d complained, want %d and %d", o.Edition.Week, o.Left, o.Complained, want, (number-1)%2)
		}
	}
	if got := must(b.desk.Outcomes(t.Context(), 2)); len(got) != 2 {
		t.Errorf("got %d outcomes, want 2", len(got))
	}
}

// A week that went before its slot shows what it brought.
func TestCalendarShowsWhatWentEarly(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1)
	x := must(sqlitetest.Open(filepath.Join(b.data, "digest.db")))
	t.Cleanup(func() { _ = x.Close() })
	must(x.AddEdition(week.String()))
	must(b.db.Editions().Change(t.Context(), week, func(e edition.Edition) (edition.Edition, error) {
		e.State, e.Slot, e.FrozenAt, e.FinishedAt = edition.Sent, week.Monday(time.UTC).Add(9*time.Hour), b.clock(), b.clock()
		e.Items = []edition.Item{{Slug: "quill-vs-inkwell", Tools: [2]string{"Quill", "Inkwell"}}}
		return e, nil
	}))
	_, body := b.get("/calendar")
	if !strings.Contains(body, "<td>Quill vs Inkwell</td>") {
		t.Errorf("got\n%s", body)
	}
}
