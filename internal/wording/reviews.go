package wording

import (
	"fmt"
	"strconv"

	"verdicts.example/digest/internal/comparison"
)

// A ReviewRow is a seat on the panel with its take on both tools.
type ReviewRow struct {
	Seat   string // "Builder"; "Review 2" where nobody signed
	Signed bool
	Takes  [2]Take
}

// A Take is one reviewer's result and text.
type Take struct {
	Missing bool   // this reviewer has no take on this tool
	Score   string // of 100; "" when unknown
	Verdict Verdict
	Text    string // paragraphs separated by an empty line
}

// String is the result in words: "88 Ship".
func (t Take) String() string {
	switch {
	case t.Missing:
		return NoTake
	case t.Score != "" && t.Verdict.Known():
		return t.Score + " " + t.Verdict.Label()
	case t.Score != "":
		return t.Score + ", no verdict"
	case t.Verdict.Known():
		return t.Verdict.Label() + ", no score"
	}
	return "No score or verdict"
}

// reviewRows sets the takes on both tools side by side: the panel's seats in
// the site's order, then what nobody signed, paired in the source's order.
func reviewRows(tools [2]comparison.Tool) (rows []ReviewRow, note string) {
	var unsigned [2][]comparison.Review
	bySeat := map[comparison.Reviewer]int{}
	for _, seat := range comparison.Reviewers() {
		row := ReviewRow{Seat: string(seat), Signed: true, Takes: noTakes()}
		found := false
		for i, t := range tools {
			if r, ok := signed(t, seat); ok {
				row.Takes[i], found = takeOf(r), true
			}
		}
		if found {
			bySeat[seat] = len(rows)
			rows = append(rows, row)
		}
	}
	for i, t := range tools {
		for _, r := range t.Reviews {
			if _, seated := bySeat[r.Reviewer]; !seated {
				unsigned[i] = append(unsigned[i], r)
			}
		}
	}
	for n := range max(len(unsigned[0]), len(unsigned[1])) {
		row := ReviewRow{Seat: "Review " + strconv.Itoa(n+1), Takes: noTakes()}
		for i := range unsigned {
			if n < len(unsigned[i]) {
				row.Takes[i] = takeOf(unsigned[i][n])
			}
		}
		rows = append(rows, row)
	}
	return rows, reviewNote(tools, unsigned, Scored(rows))
}

func signed(t comparison.Tool, seat comparison.Reviewer) (comparison.Review, bool) {
	for _, r := range t.Reviews {
		if r.Reviewer == seat {
			return r, true
		}
	}
	return comparison.Review{}, false
}

func noTakes() [2]Take { return [2]Take{{Missing: true}, {Missing: true}} }

func takeOf(r comparison.Review) Take {
	t := Take{Text: r.Take}
	if r.Score != nil {
		t.Score = strconv.Itoa(*r.Score)
	}
	switch r.Verdict {
	case comparison.Ship:
		t.Verdict.outcome = comparison.OutcomeShip
	case comparison.Skip:
		t.Verdict.outcome = comparison.OutcomeSkip
	}
	return t
}

// Scored reports whether any row has a name, a score or a verdict: without one
// a table of results would say nothing.
func Scored(rows []ReviewRow) bool {
	for _, row := range rows {
		if row.Signed {
			return true
		}
		for _, t := range row.Takes {
			if t.Score != "" || t.Verdict.Known() {
				return true
			}
		}
	}
	return false
}

// reviewNote says what the reviews do not.
func reviewNote(tools [2]comparison.Tool, unsigned [2][]comparison.Review, scored bool) string {
	a, b := len(unsigned[0]), len(unsigned[1])
	switch {
	case len(tools[0].Reviews)+len(tools[1].Reviews) == 0:
		return "No review of either tool yet."
	case a+b == 0:
		return ""
	case scored:
		return "Numbered reviews are unsigned."
	case a == b:
		return fmt.Sprintf("%s of each tool, without scores.", sentence(reviews(a)))
	}
	return fmt.Sprintf("%s of %s and %s of %s, without scores.",
		sentence(reviews(a)), Isolate(tools[0].Name), reviews(b), Isolate(tools[1].Name))
}

func reviews(n int) string {
	if n == 1 {
		return "one unsigned review"
	}
	return Number(n) + " unsigned reviews"
}

// Attribution says who wrote a review of a tool: "Skeptic on Cursor, 41 (skip)",
// "one of three unsigned reviews of Cursor".
func Attribution(r comparison.Review, t comparison.Tool) string {
	by := string(r.Reviewer) + " on " + Isolate(t.Name)
	if r.Reviewer == "" {
		n := 0
		for _, other := range t.Reviews {
			if other.Reviewer == "" {
				n++
			}
		}
		by = "One of " + reviews(n) + " of " + Isolate(t.Name)
		if n <= 1 {
			by = "An unsigned review of " + Isolate(t.Name)
		}
	}
	switch {
	case r.Score != nil && r.Verdict != comparison.VerdictUnknown:
		return fmt.Sprintf("%s, %d (%s)", by, *r.Score, r.Verdict)
	case r.Score != nil:
		return fmt.Sprintf("%s, %d", by, *r.Score)
	case r.Verdict != comparison.VerdictUnknown:
		return by + ", " + string(r.Verdict)
	}
	return by
}
