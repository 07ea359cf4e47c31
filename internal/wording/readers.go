package wording

import (
	"fmt"

	"verdicts.example/digest/internal/votes"
)

// Readers words our own readers' votes on a tool: "63% ship, 41 votes". Fewer
// than least are not told; "" is no vote at all.
func Readers(c votes.Count, least int) string {
	switch {
	case c.All() == 0:
		return ""
	case c.All() < least:
		return fmt.Sprintf("Fewer than %d votes so far", least)
	case c.All() == 1:
		return fmt.Sprintf("%d%% ship, 1 vote", c.Percent())
	}
	return fmt.Sprintf("%d%% ship, %d votes", c.Percent(), c.All())
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
	readers := row(c.Tools, "Readers", NoVotes, func(t Tool) string { return t.Readers })
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
