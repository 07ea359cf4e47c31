package web

import (
	"strconv"

	"verdicts.example/digest/internal/comparison"
)

// reviewRow is a seat on the panel with its take on both tools; nil is no take.
type reviewRow struct {
	Seat string // "Take 2" where the source names no reviewer
	Take [2]*takeView
}

type takeView struct {
	Score   string
	Verdict string
	Class   string
	Text    string
}

// reviewRows sets the takes on both tools side by side: by seat where the
// source names it, else in the source's order.
func reviewRows(tools [2]comparison.Tool) (rows []reviewRow, note string) {
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
					rows = append(rows, reviewRow{Seat: "Take " + strconv.Itoa(at-named+1)})
				}
			}
			rows[at].Take[side] = viewOfTake(r)
		}
	}
	if len(rows) > named {
		note = "The source does not say which reviewer wrote which take."
	}
	return rows, note
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
		v.Score = strconv.Itoa(*r.Score)
	}
	switch r.Verdict {
	case comparison.Ship:
		v.Verdict, v.Class = "Ship", "ship"
	case comparison.Skip:
		v.Verdict, v.Class = "Skip", "skip"
	}
	return v
}
