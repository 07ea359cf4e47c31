// Package wording says a comparison in words: the verdicts, the decision table,
// the reviewers' rows, who is quoted, what it all comes to. The mail's two
// parts, the site, the feeds and the subject say it alike because they say it
// from here.
//
// The package promises that a number never says the opposite of the verdict
// beside it (a share of ship is always called one), that a panel of one is said
// to be one, and that nothing is guessed: what a source does not state is
// absent, in words. It changes no text of the comparison; whoever shows it
// escapes it.
package wording

import (
	"fmt"
	"slices"
	"strings"

	"verdicts.example/digest/internal/comparison"
)

// What stands in the place of an absent value.
const (
	NoVerdict = "Verdict not known"
	NoVotes   = "No reader has voted yet"
	NoTake    = "No panel take"
	NotStated = "Not stated"
)

// A Comparison is a comparison in words.
type Comparison struct {
	Slug       string
	Title      string // "A vs B"
	Tools      [2]Tool
	Ruling     string      // one sentence that the verdicts come to; "" when both are unknown
	Decision   []Row       // the decision table
	Reviews    []ReviewRow // the reviewers side by side
	ReviewNote string      // what the reviews do not say of their writers; "" when there is nothing to say
}

// communityLabel is the row of the source's own count.
const communityLabel = "Community"

// A Tool is one side: what the source says of it, and its verdict in words.
type Tool struct {
	comparison.Tool
	Verdict   Verdict
	Community string // the source's count: "12 ship, 3 skip (80% ship)"; "" before the first vote
	Readers   string // our own readers' votes: "63% ship, 41 votes"; "" before the first; see WithReaders
}

// A Row is a line of the decision table.
type Row struct {
	Label string
	Cells [2]Cell
}

// A Cell is a value of the decision table, or what stands for an absent one.
type Cell struct {
	Text   string
	Class  string // the verdict's class in the row of the panel, otherwise ""
	Absent bool
}

// Of says a comparison in words.
func Of(c comparison.Comparison) Comparison {
	w := Comparison{Slug: c.Slug, Title: c.Title()}
	for i, t := range c.Tools {
		w.Tools[i] = Tool{Tool: t, Verdict: VerdictOf(t.Panel), Community: Votes(t.Community)}
	}
	w.Ruling = ruling(w.Tools[0], w.Tools[1])
	w.Decision = decision(w.Tools)
	w.Reviews, w.ReviewNote = reviewRows(c.Tools)
	return w
}

// Heading is Title with its names isolated, for a line of plain text.
func (c Comparison) Heading() string {
	return Isolate(c.Tools[0].Name) + " vs " + Isolate(c.Tools[1].Name)
}

// Summary says the verdicts in a line, for a feed or a search engine:
// "Cursor: Ship, 3 of 5 (60%). Windsurf: Skip, 3 of 5 against (40% ship)."
// Where a panel is not known the tagline speaks.
func (c Comparison) Summary() string {
	var parts []string
	for _, t := range c.Tools {
		switch {
		case t.Verdict.Known():
			parts = append(parts, t.Name+": "+t.Verdict.Line()+".")
		case t.Tagline != "":
			parts = append(parts, t.Name+": "+strings.TrimRight(t.Tagline, ".")+".")
		}
	}
	return strings.Join(parts, " ")
}

// Lede is Summary as the first sentence of a mail, where two panels of one that
// agree are one sentence: "Ollama and LM Studio both ship, on one review each."
func (c Comparison) Lede() string {
	a, b := c.Tools[0], c.Tools[1]
	if a.Verdict.One() && b.Verdict.One() && a.Verdict.Outcome() == b.Verdict.Outcome() {
		if a.Verdict.Outcome() == comparison.OutcomeSkip {
			return "Skip both " + a.Name + " and " + b.Name + ", on one review each."
		}
		return a.Name + " and " + b.Name + " both ship, on one review each."
	}
	return c.Summary()
}

// decision gives the rows of the decision table. A row that neither tool has
// stays out, and so does "Best for" where it only repeats the taglines, which
// stand beside the table.
func decision(tools [2]Tool) []Row {
	rows := []Row{
		row(tools, "Panel", NoVerdict, func(t Tool) string { return t.Verdict.Line() }),
		row(tools, communityLabel, NoVotes, func(t Tool) string { return t.Community }),
	}
	for i, t := range tools {
		rows[0].Cells[i].Class = t.Verdict.Class()
	}
	rows = append(rows, stated(
		entryRow(tools),
		row(tools, "Pricing", NotStated, func(t Tool) string { return t.Pricing }),
	)...)
	if !repeatsTagline(tools[0]) || !repeatsTagline(tools[1]) {
		rows = append(rows, stated(bestForRow(tools))...)
	}
	return append(rows, stated(row(tools, "Category", NotStated, func(t Tool) string { return t.Category }))...)
}

// Brief gives the rows that say how readers voted, what either tool costs to start
// and whom it is for, for a place that shows no taglines.
func Brief(tools [2]Tool) []Row {
	return stated(readersRow(tools), entryRow(tools), bestForRow(tools))
}

func entryRow(tools [2]Tool) Row {
	return row(tools, "To start", NotStated, func(t Tool) string { return t.Entry })
}

func bestForRow(tools [2]Tool) Row {
	return row(tools, "Best for", NotStated, func(t Tool) string { return t.BestFor })
}

func row(tools [2]Tool, label, absent string, of func(Tool) string) Row {
	r := Row{Label: label}
	for i, t := range tools {
		if text := of(t); text != "" {
			r.Cells[i] = Cell{Text: text}
		} else {
			r.Cells[i] = Cell{Text: absent, Absent: true}
		}
	}
	return r
}

// stated leaves out the rows that neither tool has.
func stated(rows ...Row) []Row {
	return slices.DeleteFunc(rows, func(r Row) bool { return r.Cells[0].Absent && r.Cells[1].Absent })
}

func repeatsTagline(t Tool) bool { return t.BestFor == "" || strings.EqualFold(t.BestFor, t.Tagline) }

// Votes words the community's votes; "" when there are none yet.
func Votes(v *comparison.Votes) string {
	if v == nil {
		return ""
	}
	percent, known := (&comparison.Panel{Ship: &v.Ship, Skip: &v.Skip}).Shown()
	if !known {
		return "0 votes"
	}
	return fmt.Sprintf("%d ship, %d skip (%d%% ship)", v.Ship, v.Skip, percent)
}

// Number writes small numbers out.
func Number(n int) string {
	words := strings.Fields("no one two three four five six seven eight nine ten eleven twelve")
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}
