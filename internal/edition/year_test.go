package edition_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/render/rendertest"
)

// Over a year of random weeks nothing is featured twice, nothing that was due
// is lost, no seat is over edition.max, and the order of the input is no matter.
func TestSelectOverAYear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		y := newYear(rt)
		for n := range 52 {
			y.week(n)
		}
		y.checkOnce()
		y.checkNothingLost()
	})
}

// A year is a list's history as it grows week by week.
type year struct {
	*rapid.T
	cal     edition.Calendar
	opts    edition.Options
	library []comparison.Comparison
	history []edition.Edition
}

// firstOfYear is the first week; comparisons are published from some days
// before it over the next twelve weeks.
func firstOfYear() edition.Week { return edition.Week{Year: 2026, Number: 10} }

func newYear(t *rapid.T) *year {
	y := &year{T: t, cal: mondays(time.UTC), opts: edition.Options{
		Max:   rapid.IntRange(1, 3).Draw(t, "max"),
		Order: rapid.SampledFrom([]edition.Order{edition.NewsFirst, edition.Newest, edition.Divided, edition.Decisive}).Draw(t, "order"),
		// The rule for names has tests of its own.
		Match: func(a, b [2]string) comparison.Match {
			if a == b {
				return comparison.Same
			}
			return comparison.Different
		},
	}}
	y.opts.Min = rapid.IntRange(1, y.opts.Max).Draw(t, "min")
	start := firstOfYear().Monday(time.UTC).AddDate(0, 0, -3)
	for i := range rapid.IntRange(0, 30).Draw(t, "comparisons") {
		panel := share(rapid.IntRange(0, 100).Draw(t, "percent"))
		c := versus(tool(fmt.Sprintf("Tool%02d", i), "", panel), tool("Other", "", nil))
		hour := rapid.IntRange(0, 12*7*24).Draw(t, "hour")
		c.Published = rendertest.PublishedAt(start.Add(time.Duration(hour) * time.Hour))
		y.library = append(y.library, c)
	}
	return y
}

// week makes the edition of the nth week: sent, skipped, or missed by chance.
func (y *year) week(n int) {
	w := firstOfYear().Add(n)
	slot, _ := y.cal.SlotIn(w)
	e := edition.Edition{Week: w, Slot: slot, State: edition.Draft}
	plan, err := edition.PlanFor(w, slot, y.cal, append(slices.Clone(y.history), e))
	if err != nil {
		y.Fatal(err)
	}
	s := y.pick(plan)
	e.Since, e.Cutoff, e.Items, e.Carried = plan.Since, plan.Cutoff, s.Featured, s.Carried
	switch {
	case rapid.IntRange(0, 5).Draw(y.T, "missed if 0") == 0:
		e.State = edition.Missed
	case s.Nothing():
		e.State = edition.Skipped
	default:
		e.State, e.FrozenAt = edition.Sent, slot
	}
	y.history = append(y.history, e)
}

func (y *year) pick(plan edition.Plan) edition.Selection {
	c := edition.Candidates{Plan: plan, Calendar: y.cal, Comparisons: y.library, Options: y.opts}
	s := edition.Select(c)
	c.Comparisons = slices.Clone(y.library)
	rand.Shuffle(len(c.Comparisons), func(i, j int) {
		c.Comparisons[i], c.Comparisons[j] = c.Comparisons[j], c.Comparisons[i]
	})
	again := edition.Select(c)
	if slugs(again.Featured) != slugs(s.Featured) || slugs(again.Carried) != slugs(s.Carried) {
		y.Fatalf("%s: got %q for another order of input, want %q", plan.Week, slugs(again.Featured), slugs(s.Featured))
	}
	if n := len(s.Featured); n > y.opts.Max || n > 0 && n < y.opts.Min {
		y.Fatalf("%s: got %d featured, want %d to %d or none", plan.Week, n, y.opts.Min, y.opts.Max)
	}
	if len(s.Decisions) != len(y.library) {
		y.Fatalf("%s: got %d decisions, want one for each of %d", plan.Week, len(s.Decisions), len(y.library))
	}
	return s
}

// featured says how often readers got each comparison.
func (y *year) featured() map[string]int {
	times := map[string]int{}
	for _, e := range y.history {
		if e.Frozen() {
			for _, it := range e.Items {
				times[it.Slug]++
			}
		}
	}
	return times
}

func (y *year) checkOnce() {
	for slug, n := range y.featured() {
		if n > 1 {
			y.Fatalf("%s: got featured %d times, want once", slug, n)
		}
	}
}

// checkNothingLost: what was published in or after the first edition's window
// was featured, or waits among the carried items of the last edition, unless
// all that follows was missed.
func (y *year) checkNothingLost() {
	first := slices.IndexFunc(y.history, edition.Edition.Advances)
	if first < 0 {
		return
	}
	last := first
	for i, e := range y.history {
		if e.Advances() {
			last = i
		}
	}
	times := y.featured()
	for _, c := range y.library {
		at := c.Published.In(time.UTC)
		due := at.After(y.history[first].Since) && !at.After(y.history[last].Cutoff)
		waits := slices.ContainsFunc(y.history[last].Carried, func(it edition.Item) bool { return it.Slug == c.Slug })
		if due && !waits && times[c.Slug] == 0 {
			y.Fatalf("%s: got lost: published %v, neither featured nor carried over", c.Slug, at)
		}
	}
}
