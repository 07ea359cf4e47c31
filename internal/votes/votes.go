// Package votes owns what readers say of the tools that a digest compared: ship
// or skip.
//
// The package promises: one vote a reader and tool, which the reader may change
// while voting is open; a vote that was acknowledged is durable; a tally is shown
// from a number of votes on, so that nobody's vote can be told from it.
package votes

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// ErrClosed is a vote on what is no longer voted on.
var ErrClosed = errors.New("voting has closed")

// A Choice is what a reader says of a tool.
type Choice int8

// The choices; the numbers are stored.
const (
	None Choice = iota - 1 // no vote yet
	Skip
	Ship
)

// ParseChoice reads "ship" or "skip".
func ParseChoice(s string) (Choice, bool) {
	switch s {
	case "ship":
		return Ship, true
	case "skip":
		return Skip, true
	}
	return None, false
}

// String is "ship", "skip", or "" for None.
func (c Choice) String() string {
	switch c {
	case Ship:
		return "ship"
	case Skip:
		return "skip"
	}
	return ""
}

// A Vote is one reader's on one tool of a comparison.
type Vote struct {
	Reader int64
	Slug   string
	Tool   int // 0 or 1
	Choice Choice
	At     time.Time
}

// Last gives the votes of a list that count: of a reader's on one tool the last one.
// They are in the order of comparison, tool and reader, so that stores which keep
// such lists at once do not wait for each other in a circle.
func Last(list []Vote) []Vote {
	same := func(a, b Vote) int {
		return cmp.Or(cmp.Compare(a.Slug, b.Slug), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Reader, b.Reader))
	}
	list = slices.Clone(list)
	slices.Reverse(list)
	slices.SortStableFunc(list, same)
	return slices.CompactFunc(list, func(a, b Vote) bool { return same(a, b) == 0 })
}

// A Count is how readers voted on a tool.
type Count struct{ Ship, Skip int }

// All is how many voted.
func (c Count) All() int { return c.Ship + c.Skip }

// Percent is the share of ship, rounded; 0 without a vote. It is 0 or 100 only
// where all voted alike.
func (c Count) Percent() int {
	switch {
	case c.Ship == 0:
		return 0
	case c.Skip == 0:
		return 100
	}
	return min(max((100*c.Ship+c.All()/2)/c.All(), 1), 99)
}

// Tallies are the counts of both tools by slug; a comparison without a vote is
// not there.
type Tallies map[string][2]Count

// Rules are the settings of voting.
type Rules struct {
	Least int           // fewer votes are not shown
	Close time.Duration // after an edition's send; 0: never
}

// Check is nil while what an edition of this slot featured may be voted on: else
// ErrClosed.
func (r Rules) Check(slot, at time.Time) error {
	if r.Close > 0 && !at.Before(slot.Add(r.Close)) {
		return ErrClosed
	}
	return nil
}
