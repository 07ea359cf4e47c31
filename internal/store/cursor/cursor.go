// Package cursor is how far a sender has looked through the deliveries that are
// queued, or through a part of them, whatever database has them: what was left
// behind for a slow domain comes later, and who was refused before is last in
// line. It never holds the list.
package cursor

import (
	"time"

	"verdicts.example/digest/internal/delivery"
)

// lookAgain is how long after a list's end it is looked through once more, for
// what an operator has queued again meanwhile.
const lookAgain = time.Minute

// A Cursor is how far a sender has looked, in passes. Its zero value is at the
// start.
type Cursor struct {
	After   int64     // queued deliveries up to here were claimed or skipped
	skipped int64     // the first one that was skipped, 0 for none
	ended   time.Time // nothing was queued after the cursor then; zero: not looked so far
	// In a pass, passed holds the domains that were skipped. Once a pass has
	// reached the end, only those of known are still queued.
	passed map[string]bool
	known  map[string]bool
	whole  bool // a pass has reached the end

	refused bool // this pass left readers behind who were refused before
	Behind  bool // it is their turn: nobody else is queued
}

// A Batch is what one look has come to.
type Batch struct {
	Last    int64 // subscriber that was read
	End     bool  // nothing is queued after Last
	Skipped int64 // the first one that a Claim's Skip left behind in the range that was read
	Behind  bool  // somebody was left behind who was refused before
}

// Ended reports whether the last pass has reached the end and left nothing.
func (c *Cursor) Ended() bool { return !c.More() }

// More reports whether anything is queued that was skipped or not reached.
func (c *Cursor) More() bool { return c.ended.IsZero() || c.skipped > 0 }

// GoOn reports whether looking further can find anything, and turns back to the
// first that was skipped, or to the start, when it is time.
func (c *Cursor) GoOn(skip []string, now time.Time) bool {
	if !c.ended.IsZero() && now.Sub(c.ended) >= lookAgain {
		*c = Cursor{}
	}
	if !c.ended.IsZero() && c.skipped > 0 {
		c.After, c.skipped, c.ended = c.skipped-1, 0, time.Time{}
	}
	return c.ended.IsZero() && !c.blocked(skip)
}

// blocked reports whether all that is queued is known to be of the domains in
// skip: then looking through the list again would find nothing.
func (c *Cursor) blocked(skip []string) bool {
	if !c.whole {
		return false
	}
	n := 0
	for _, domain := range skip {
		if c.known[domain] {
			n++
		}
	}
	return n == len(c.known)
}

// LookAgain reports whether a list that is looked through in parts is to be looked
// through once more: something is queued though no sender has a part, so it was queued
// again after its part's end had been reached.
func LookAgain(partsHeld, queued int64) bool { return partsHeld == 0 && queued > 0 }

// Turn reports whether this pass takes a reader: who was refused before waits for the
// others. Without a cursor it is everybody's turn.
func (c *Cursor) Turn(r delivery.Recipient) bool { return c == nil || c.Behind || !r.Refused }

// Advance moves the cursor on after a batch.
func (c *Cursor) Advance(q delivery.Claim, b Batch) {
	c.After = b.Last
	if c.skipped == 0 {
		c.skipped = b.Skipped
	}
	if c.passed == nil {
		c.passed = map[string]bool{}
	}
	for _, domain := range q.Skip {
		c.passed[domain] = true
	}
	c.refused = c.refused || b.Behind
	if b.End && c.skipped == 0 && b.Skipped == 0 && c.refused {
		*c = Cursor{Behind: true}
		return
	}
	if b.End {
		c.known, c.passed, c.whole, c.ended = c.passed, nil, true, q.At
	}
}
