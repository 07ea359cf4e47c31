// Package saved owns what readers keep for later: a list of comparisons each.
//
// The package promises that a comparison is on a reader's list once, that what was
// acknowledged is durable, and that each entry remembers what its reader was last
// told of the tools, so that a later change can be said once.
package saved

import (
	"errors"
	"time"

	"verdicts.example/digest/internal/comparison"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/votes"
)

// ErrFull is one more on a list of Most.
var ErrFull = errors.New("the list of saved comparisons is full")

// Most is how many comparisons a list holds.
const Most = 500

// MaySave is nil when a reader who has saved this many others may save one: else
// ErrFull.
func MaySave(others int) error {
	if others >= Most {
		return ErrFull
	}
	return nil
}

// An Item is a comparison on a reader's list.
type Item struct {
	Reader int64
	Slug   string
	At     time.Time
	Told   State // what its reader was told last, first what they saw when they saved it
}

// A State is what readers can be told of a comparison's tools. It is stored.
type State struct {
	Facts [2]edition.Facts `json:"facts"`
	Votes [2]votes.Count   `json:"votes"`
}

// StateOf is a comparison's state now.
func StateOf(c comparison.Comparison, tally [2]votes.Count) State {
	return State{Facts: edition.FactsOf(c), Votes: tally}
}
