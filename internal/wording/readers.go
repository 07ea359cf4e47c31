package wording

import (
	"fmt"

	"verdicts.example/digest/internal/votes"
)

const fewVotes = "Fewer than %d votes so far"

// readersLabel is the row of our own readers' votes.
const readersLabel = "Readers"

// Readers words our own readers' votes on a tool: "63% ship, 41 votes". Fewer
// than least are not told; "" is no vote at all.
func Readers(c votes.Count, least int) string {
	switch {
	case c.All() == 0:
		return ""
	case c.All() < least:
		return fmt.Sprintf(fewVotes, least)
	case c.All() == 1:
		return fmt.Sprintf("%d%% ship, 1 vote", c.Percent())
	}
	return fmt.Sprintf("%d%% ship, %s votes", c.Percent(), grouped(c.All()))
}

// WithReaders adds the row of our own readers' votes below the community's, whose
// counts are the source's: the two are never added up. Where the source counts
// none, ours stand alone. Nothing changes before the first vote.
func (c Comparison) WithReaders(both [2]votes.Count, least int) Comparison {
	if both[0].All()+both[1].All() == 0 {
		return c
	}
	for i := range c.Tools {
		c.Tools[i].Readers = Readers(both[i], least)
	}
	readers := readersRow(c.Tools)
	rows := make([]Row, 0, len(c.Decision)+1)
	for _, r := range c.Decision {
		if r.Label != communityLabel {
			rows = append(rows, r)
			continue
		}
		if !r.Cells[0].Absent || !r.Cells[1].Absent {
			for i := range r.Cells {
				if r.Cells[i].Absent {
					r.Cells[i].Text = NotStated
				}
			}
			rows = append(rows, r)
		}
		rows = append(rows, readers)
	}
	c.Decision = rows
	return c
}

// OfReaders reports whether a row says what readers, not reviewers, think.
func (r Row) OfReaders() bool { return r.Label == communityLabel || r.Label == readersLabel }

func readersRow(tools [2]Tool) Row {
	return row(tools, readersLabel, NoVotes, func(t Tool) string { return t.Readers })
}

// Inviting asks for votes in the rows that tell of too few.
func Inviting(rows []Row, least int) []Row {
	few := fmt.Sprintf(fewVotes, least)
	for i := range rows {
		for side, cell := range rows[i].Cells {
			switch cell.Text {
			case NoVotes:
				rows[i].Cells[side].Text = NoVotes + ": be the first"
			case few:
				rows[i].Cells[side].Text = few + ": add yours"
			}
		}
	}
	return rows
}

// grouped writes a number with commas: 1,234.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
