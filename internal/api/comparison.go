package api

import (
	"encoding/json"
	"fmt"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/votes"
)

// A Comparison is a row of comparisons list: the keys of its file, and where our
// own readers have voted "_votes", whose counts are not its source's.
type Comparison struct {
	comparison.Comparison
	Votes [2]votes.Count
}

// Comparisons makes the rows of list.
func Comparisons(list []comparison.Comparison, tallies votes.Tallies) []Comparison {
	rows := make([]Comparison, len(list))
	for i, c := range list {
		rows[i] = Comparison{c, tallies[c.Slug]}
	}
	return rows
}

// VoteCount is our readers' votes on a tool.
type VoteCount struct {
	Ship int `json:"ship"`
	Skip int `json:"skip"`
}

// MarshalJSON writes the comparison's own keys, then ours.
func (c Comparison) MarshalJSON() ([]byte, error) {
	out, err := c.Comparison.MarshalJSON()
	if err != nil || c.Votes[0].All()+c.Votes[1].All() == 0 {
		return out, err
	}
	both, err := json.Marshal([2]VoteCount{VoteCount(c.Votes[0]), VoteCount(c.Votes[1])})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(out[:len(out)-1], ",\"_votes\":%s}", both), nil
}
