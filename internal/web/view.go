package web

import (
	"fmt"
	"strconv"
	"time"

	"verdicts.example/digest/internal/comparison"
)

// comparisonView is a comparison in the words of a page.
type comparisonView struct {
	Slug      string
	Title     string
	URL       string // the full page elsewhere, "" when this site has the only one
	Published time.Time
	Tools     [2]toolView
	Rows      []reviewRow
}

// toolView is one side of it. Empty strings are absent values.
type toolView struct {
	comparison.Tool
	Verdict   string // "Ship", "Skip", "Split"; "" when not known
	Class     string // the verdict's class in the sheet
	Percent   string // "75"
	Bar       int    // 0 to 100, for the bar; meaningless without Percent
	Counts    string // "3 ship, 1 skip"
	Community string
}

// reviewRow is a seat on the panel with its take on both tools; nil is no take.
type reviewRow struct {
	Seat string // "" when the source does not name reviewers
	Take [2]*takeView
}

type takeView struct {
	Score   string
	Verdict string
	Class   string
	Text    string
}

func viewOf(c comparison.Comparison, loc *time.Location) comparisonView {
	v := comparisonView{Slug: c.Slug, Title: c.Title(), URL: c.URL, Published: c.Published.In(loc)}
	for i, t := range c.Tools {
		v.Tools[i] = viewOfTool(t)
	}
	v.Rows = reviewRows(c.Tools)
	return v
}

// viewOfTool words a tool. The verdict is the majority of the panel's counts or,
// where a source gives none, of its per cent, as in the mails.
func viewOfTool(t comparison.Tool) toolView {
	v := toolView{Tool: t, Community: "No reader has voted yet"}
	if t.Community != nil {
		v.Community = fmt.Sprintf("%d ship, %d skip", t.Community.Ship, t.Community.Skip)
	}
	if t.Panel == nil {
		return v
	}
	counted := t.Panel.Ship != nil && t.Panel.Skip != nil
	lean, known := 0, false // above 0 leans to ship
	if p := t.Panel.Percent; p != nil {
		v.Bar, lean, known = *p, 2**p-100, true
	}
	if counted {
		ship, skip := *t.Panel.Ship, *t.Panel.Skip
		v.Counts = fmt.Sprintf("%d ship, %d skip", ship, skip)
		if all := ship + skip; all > 0 {
			if !known {
				v.Bar = (100*ship + all/2) / all
			}
			lean, known = ship-skip, true
		}
	}
	if !known {
		return v
	}
	v.Percent = strconv.Itoa(v.Bar)
	switch {
	case lean > 0:
		v.Verdict, v.Class = "Ship", "ship"
	case lean < 0:
		v.Verdict, v.Class = "Skip", "skip"
	default:
		v.Verdict, v.Class = "Split", "split"
	}
	return v
}

// reviewRows sets the takes on both tools side by side: by seat where the
// source names it, else in the source's order.
func reviewRows(tools [2]comparison.Tool) []reviewRow {
	var rows []reviewRow
	bySeat := make(map[comparison.Reviewer]int)
	var unnamed [2]int
	for _, seat := range comparison.Reviewers() {
		if hasSeat(tools[0], seat) || hasSeat(tools[1], seat) {
			bySeat[seat] = len(rows)
			rows = append(rows, reviewRow{Seat: string(seat)})
		}
	}
	named := len(rows)
	for side, t := range tools {
		for _, r := range t.Reviews {
			at, ok := bySeat[r.Reviewer]
			if !ok || rows[at].Take[side] != nil {
				at = named + unnamed[side]
				unnamed[side]++
				if at == len(rows) {
					rows = append(rows, reviewRow{})
				}
			}
			rows[at].Take[side] = viewOfTake(r)
		}
	}
	return rows
}

func hasSeat(t comparison.Tool, seat comparison.Reviewer) bool {
	for _, r := range t.Reviews {
		if r.Reviewer == seat {
			return true
		}
	}
	return false
}

func viewOfTake(r comparison.Review) *takeView {
	v := &takeView{Text: r.Take}
	if r.Score != nil {
		v.Score = fmt.Sprint(*r.Score)
	}
	switch r.Verdict {
	case comparison.Ship:
		v.Verdict, v.Class = "Ship", "ship"
	case comparison.Skip:
		v.Verdict, v.Class = "Skip", "skip"
	}
	return v
}
