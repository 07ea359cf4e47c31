package workbench

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/page"
)

// shownOutcomes is how many editions are looked back at: half a year's.
const shownOutcomes = 26

// An outcomeView is how the last edition went, and those before it.
type outcomeView struct {
	chrome
	Last    *outcomeRow // nil: none went out yet
	Said    []delivery.Refusal
	Past    []outcomeRow // the newest first, the last one included
	Median  outcomeMedian
	Growth  growth
	Active  int // readers on the list now
	Open    []edition.Edition
	Waiting int // sign-ups that are not confirmed
}

// An outcomeRow is an edition in figures.
type outcomeRow struct {
	desk.Outcome
	Readers                        int64
	Failed, Deferred, Unknown, Off int64
}

// A saidWhy is a reason to leave with how many gave it.
type saidWhy struct {
	Words string
	N     int64
}

// Whys are the reasons that were given, the most frequent first.
func (r outcomeRow) Whys() (list []saidWhy) {
	for why, n := range r.Reasons {
		list = append(list, saidWhy{why.Words(), n})
	}
	slices.SortFunc(list, func(a, b saidWhy) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Words, b.Words)) })
	return list
}

func newOutcomeRow(o desk.Outcome) outcomeRow {
	c := o.Counts
	return outcomeRow{
		Outcome: o, Readers: c.Total() - c[delivery.Suppressed], Failed: c[delivery.Failed], Unknown: c[delivery.Unknown],
		Deferred: c[delivery.Deferred] + c[delivery.Queued], Off: c[delivery.Suppressed],
	}
}

// LeftPer and ComplainedPer are for each thousand readers, in words.
func (r outcomeRow) LeftPer() string { return perThousand(r.PerThousand(r.Left)) }

// ComplainedPer is for each thousand readers, in words.
func (r outcomeRow) ComplainedPer() string { return perThousand(r.PerThousand(r.Complained)) }

func perThousand(x float64) string { return fmt.Sprintf("%.1f", x) }

// An outcomeMedian is what is usual: of the editions before the last one.
type outcomeMedian struct {
	Left, Complained string
	Of               int
}

func medianOf(rows []outcomeRow) outcomeMedian {
	middle := func(of func(outcomeRow) float64) string {
		var list []float64
		for _, r := range rows {
			list = append(list, of(r))
		}
		slices.Sort(list)
		return perThousand(list[len(list)/2])
	}
	if len(rows) == 0 {
		return outcomeMedian{}
	}
	return outcomeMedian{
		middle(func(r outcomeRow) float64 { return r.PerThousand(r.Left) }),
		middle(func(r outcomeRow) float64 { return r.PerThousand(r.Complained) }), len(rows),
	}
}

// outcome is the page of a Monday: how it went, and how it usually goes.
func (s *server) outcome(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Desk.Outcomes(r.Context(), shownOutcomes)
	if err != nil {
		return err
	}
	v := outcomeView{chrome: s.chrome(r)}
	counts, err := s.Desk.Counts(r.Context())
	if err != nil {
		return err
	}
	v.Active, v.Waiting = counts.Active, counts.Pending
	for _, o := range list {
		v.Past = append(v.Past, newOutcomeRow(o))
	}
	if len(v.Past) > 0 {
		v.Last, v.Median = &v.Past[0], medianOf(v.Past[1:])
		if v.Said, err = s.Desk.Said(r.Context(), v.Last.Edition); err != nil {
			return err
		}
	}
	v.Growth = newGrowth(v.Past, v.Active, s.Now())
	s.pages.Show(w, http.StatusOK, "outcome", page.View{Title: "How it went", Data: v})
	return nil
}

// A growth is the list's size as a chart.
type growth struct {
	Line, Area string // an SVG polyline's and polygon's points
	Points     []growthPoint
	Top        int64 // the value of the upper line
	Words      string
}

// A growthPoint is the list's size at an edition, or now.
type growthPoint struct {
	X, Y    float64
	Readers int64
	What    string // "2026-W48", "now"
}

// The chart's measures, in its own units; its text stands below it.
const (
	chartWidth, chartHeight = 720.0, 160.0
	chartTop                = 12.0 // above the highest point
)

// newGrowth draws the readers of each edition, the oldest first, and those of now.
// Its base is 0, so that a slope is as steep as it is.
func newGrowth(past []outcomeRow, active int, now time.Time) (g growth) {
	for _, r := range slices.Backward(past) {
		g.Points = append(g.Points, growthPoint{Readers: r.Readers, What: r.Edition.Week.String(), X: float64(r.Edition.FrozenAt.Unix())})
	}
	g.Points = append(g.Points, growthPoint{Readers: int64(active), What: "now", X: float64(now.Unix())})
	if len(g.Points) < 2 {
		return growth{}
	}
	first, last := g.Points[0], g.Points[len(g.Points)-1]
	for _, p := range g.Points {
		g.Top = max(g.Top, p.Readers, 1)
	}
	span := max(last.X-first.X, 1)
	for i := range g.Points {
		p := &g.Points[i]
		p.X = (p.X - first.X) / span * chartWidth
		p.Y = chartHeight - float64(p.Readers)/float64(g.Top)*(chartHeight-chartTop)
		g.Line += fmt.Sprintf("%.1f,%.1f ", p.X, p.Y)
	}
	g.Area = fmt.Sprintf("0,%g %s%g,%g", chartHeight, g.Line, chartWidth, chartHeight)
	g.Words = fmt.Sprintf("%d readers with %s, %d now", first.Readers, first.What, last.Readers)
	return g
}
