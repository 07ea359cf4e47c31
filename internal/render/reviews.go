package render

import (
	"fmt"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// A ReviewRow is a line of the reviewer split: one seat's scores and verdicts
// on both tools.
type ReviewRow struct {
	Reviewer string // the seat, or "Reviewer 2" where the source names none
	Cells    [2]ReviewCell
}

// A ReviewCell is one reviewer's result for one tool.
type ReviewCell struct {
	Score   string // "88"; "" when unknown
	Verdict Verdict
	Missing bool // the reviewer has no take on this tool
}

// reviewRows sets the reviews of both tools side by side: the panel's seats in
// the site's order, then the reviewers that the source does not name, paired as
// it lists them. Where not one name, score or verdict is known there is no
// table to make, and the note says what there is.
func reviewRows(tools [2]comparison.Tool) ([]ReviewRow, string) {
	if note := nothingKnown(tools); note != "" {
		return nil, note
	}
	var rows []ReviewRow
	for _, seat := range comparison.Reviewers() {
		row := ReviewRow{Reviewer: string(seat)}
		found := false
		for i, t := range tools {
			row.Cells[i] = ReviewCell{Verdict: unknownVerdict(), Missing: true}
			for _, r := range t.Reviews {
				if r.Reviewer == seat {
					row.Cells[i], found = reviewCell(r), true
					break
				}
			}
		}
		if found {
			rows = append(rows, row)
		}
	}
	return append(rows, unnamedRows(tools)...), ""
}

func unnamedRows(tools [2]comparison.Tool) []ReviewRow {
	var unnamed [2][]comparison.Review
	for i, t := range tools {
		for _, r := range t.Reviews {
			if r.Reviewer == "" {
				unnamed[i] = append(unnamed[i], r)
			}
		}
	}
	var rows []ReviewRow
	for n := range max(len(unnamed[0]), len(unnamed[1])) {
		row := ReviewRow{Reviewer: fmt.Sprintf("Unnamed %d", n+1)}
		for i := range tools {
			row.Cells[i] = ReviewCell{Verdict: unknownVerdict(), Missing: true}
			if n < len(unnamed[i]) {
				row.Cells[i] = reviewCell(unnamed[i][n])
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func reviewCell(r comparison.Review) ReviewCell {
	cell := ReviewCell{Verdict: verdictOf(r.Verdict)}
	if r.Score != nil {
		cell.Score = fmt.Sprint(*r.Score)
	}
	return cell
}

// nothingKnown words what is there when no review names its reviewer, score
// or verdict; "" when one does.
func nothingKnown(tools [2]comparison.Tool) string {
	for _, t := range tools {
		for _, r := range t.Reviews {
			if r.Reviewer != "" || r.Score != nil || r.Verdict != comparison.VerdictUnknown {
				return ""
			}
		}
	}
	a, b := len(tools[0].Reviews), len(tools[1].Reviews)
	switch {
	case a+b == 0:
		return "No reviewer’s take is known for either tool."
	case a == b:
		return fmt.Sprintf("The source gives %s on each tool, but no reviewer’s name, score or verdict.", takes(a))
	default:
		return fmt.Sprintf("The source gives %s on %s and %s on %s, but no reviewer’s name, score or verdict.",
			takes(a), isolate(clean(tools[0].Name)), takes(b), isolate(clean(tools[1].Name)))
	}
}

func takes(n int) string {
	switch n {
	case 0:
		return "no take"
	case 1:
		return "one take"
	}
	return number(n) + " takes"
}

// number writes small numbers out.
func number(n int) string {
	words := strings.Fields("no one two three four five six seven eight nine ten eleven twelve")
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}

// attribution names who is quoted: "Builder, 88 of 100, ship".
func attribution(r comparison.Review) string {
	parts := []string{string(r.Reviewer)}
	if r.Reviewer == "" {
		parts[0] = "A reviewer whom the source does not name"
	}
	if r.Score != nil {
		parts = append(parts, fmt.Sprintf("%d of 100", *r.Score))
	}
	if r.Verdict != comparison.VerdictUnknown {
		parts = append(parts, string(r.Verdict))
	}
	return strings.Join(parts, ", ")
}
