package sqlite

import (
	"time"

	"verdicts.example/digest/internal/delivery"
)

// lookAgain is how long after a list's end it is looked through once more, for
// what an operator has queued again meanwhile.
const lookAgain = time.Minute

// A cursor is how far a sender has looked through the queued deliveries, in
// passes over the list. It never holds the list.
type cursor struct {
	after   int64     // queued deliveries up to here were claimed or skipped
	skipped int64     // the first one that was skipped, 0 for none
	ended   time.Time // nothing was queued after the cursor then; zero: not looked so far
	// In a pass, passed holds the domains that were skipped. Once a pass has
	// reached the end, only those of known are still queued.
	passed map[string]bool
	known  map[string]bool
	whole  bool // a pass has reached the end

	refused bool // this pass left readers behind who were refused before
	behind  bool // it is their turn: nobody else is queued
}

// more reports whether anything is queued that was skipped or not reached.
func (c *cursor) more() bool { return c.ended.IsZero() || c.skipped > 0 }

// goOn reports whether looking further can find anything, and turns back to the
// first that was skipped, or to the start, when it is time.
func (c *cursor) goOn(skip []string, now time.Time) bool {
	if !c.ended.IsZero() && now.Sub(c.ended) >= lookAgain {
		*c = cursor{}
	}
	if !c.ended.IsZero() && c.skipped > 0 {
		c.after, c.skipped, c.ended = c.skipped-1, 0, time.Time{}
	}
	return c.ended.IsZero() && !c.blocked(skip)
}

// blocked reports whether all that is queued is known to be of the domains in
// skip: then looking through the list again would find nothing.
func (c *cursor) blocked(skip []string) bool {
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

// advance moves the cursor on after a batch.
func (c *cursor) advance(q delivery.Claim, b batch) {
	c.after = b.last
	if c.skipped == 0 {
		c.skipped = b.skipped
	}
	if c.passed == nil {
		c.passed = map[string]bool{}
	}
	for _, domain := range q.Skip {
		c.passed[domain] = true
	}
	c.refused = c.refused || b.behind
	if b.end && c.skipped == 0 && b.skipped == 0 && c.refused {
		*c = cursor{behind: true}
		return
	}
	if b.end {
		c.known, c.passed, c.whole, c.ended = c.passed, nil, true, q.At
	}
}
