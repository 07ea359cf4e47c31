package web

import (
	"fmt"
	"net/url"
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
	Decision  []decisionRow
	Rows      []reviewRow
	Note      string // what the source does not say of its reviewers
}

// toolView is one side of it. Empty strings are absent values.
type toolView struct {
	comparison.Tool
	Verdict   string // "Ship", "Skip", "Split"; "" when not known
	Class     string // the verdict's class in the sheet
	Percent   string // "75"
	Bar       int    // 0 to 100, for the bar; meaningless without Percent
	Counts    string // "3 ship, 1 skip"
	Community string // "12 ship, 3 skip"; "" before the first vote
}

func viewOf(c comparison.Comparison, loc *time.Location) comparisonView {
	v := comparisonView{Slug: c.Slug, Title: c.Title(), URL: webLink(c.URL), Published: c.Published.In(loc)}
	for i, t := range c.Tools {
		v.Tools[i] = viewOfTool(t)
	}
	v.Decision = decisionRows(v.Tools)
	v.Rows, v.Note = reviewRows(c.Tools)
	return v
}

// viewOfTool words a tool, its verdict as in the mails.
func viewOfTool(t comparison.Tool) toolView {
	v := toolView{Tool: t}
	v.URL = webLink(t.URL)
	if t.Community != nil {
		v.Community = fmt.Sprintf("%d ship, %d skip", t.Community.Ship, t.Community.Skip)
	}
	if p := t.Panel; p != nil && p.Ship != nil && p.Skip != nil {
		v.Counts = fmt.Sprintf("%d ship, %d skip", *p.Ship, *p.Skip)
	}
	percent, known := t.Panel.Shown()
	if !known {
		return v
	}
	v.Bar, v.Percent = percent, strconv.Itoa(percent)
	switch t.Panel.Outcome() {
	case comparison.OutcomeShip:
		v.Verdict, v.Class = "Ship", "ship"
	case comparison.OutcomeSkip:
		v.Verdict, v.Class = "Skip", "skip"
	default:
		v.Verdict, v.Class = "Split", "split"
	}
	return v
}

// webLink gives an address that a page may link to, or "".
func webLink(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return s
}

// decisionRow is a line of the decision table.
type decisionRow struct {
	Label string
	Cells [2]decisionCell
}

type decisionCell struct {
	Verdict string
	Class   string
	Text    string
}

// decisionRows leaves out what is known of neither tool.
func decisionRows(tools [2]toolView) []decisionRow {
	var rows []decisionRow
	for _, f := range []struct {
		label, absent string
		of            func(toolView) decisionCell
	}{
		{"Panel", "Not stated", panelCell},
		{"Community", "No reader has voted yet", func(t toolView) decisionCell { return decisionCell{Text: t.Community} }},
		{"To start", "Not stated", func(t toolView) decisionCell { return decisionCell{Text: t.Entry} }},
		{"Pricing", "Not stated", func(t toolView) decisionCell { return decisionCell{Text: t.Pricing} }},
		{"Best for", "Not stated", func(t toolView) decisionCell { return decisionCell{Text: t.BestFor} }},
		{"Category", "Not stated", func(t toolView) decisionCell { return decisionCell{Text: t.Category} }},
	} {
		row, known := decisionRow{Label: f.label}, false
		for i, t := range tools {
			cell := f.of(t)
			if cell.Text == "" && cell.Verdict == "" {
				cell = decisionCell{Class: "absent", Text: f.absent}
			} else {
				known = true
			}
			row.Cells[i] = cell
		}
		if known || f.label == "Panel" || f.label == "Community" {
			rows = append(rows, row)
		}
	}
	return rows
}

func panelCell(t toolView) decisionCell {
	cell := decisionCell{Verdict: t.Verdict, Class: t.Class, Text: t.Counts}
	if t.Percent != "" {
		cell.Text = t.Percent + "%"
		if t.Counts != "" {
			cell.Text += ", " + t.Counts
		}
	}
	return cell
}
