package schedule

import (
	"context"
	"errors"
	"time"

	"verdicts.example/digest/internal/edition"
)

// A Ledger remembers, for all processes on one database, which slots are
// settled and what the clock has been. Its unique key is what makes a slot
// happen once.
type Ledger interface {
	// Observe notes that the clock shows now, and gives what was noted
	// before. The latest time ever noted stays.
	Observe(ctx context.Context, now time.Time) (Observed, error)
	// Claim gives the slot of a kind and week to one owner until a time, or
	// says that another has it or that it is settled. A send whose edition is
	// sending, sent or cancelled is settled. A claim whose time is over is
	// anybody's.
	Claim(ctx context.Context, s Slot, owner string, now, until time.Time) (Claim, error)
	// Release gives an owner's claim back, so that the next may try.
	Release(ctx context.Context, s Slot, owner string) error
	// Settle ends a slot for good. It is nothing to an owner who has lost
	// the claim.
	Settle(ctx context.Context, s Slot, owner string, o Outcome, now time.Time) error
}

// Observed is what a ledger knew before an observation.
type Observed struct {
	First time.Time // the first time ever noted: slots up to it are none of this list's
	Last  time.Time // the latest time ever noted, this observation not counted
	// Through: all sends with a slot up to it are settled.
	Through time.Time
}

// SettledThrough gives Observed.Through, of the earliest send that is open and the
// latest send there is; zero for none.
func SettledThrough(open, latest time.Time) time.Time {
	if !open.IsZero() {
		return open.Add(-time.Millisecond)
	}
	return latest
}

// MadeByClock reports whether a clock that was ahead made a week's edition, so that
// it is forgotten when the clock is right again: it was marked missed for a slot
// that is still to come, and holds nothing. What was sent stays.
func MadeByClock(e edition.Edition, now time.Time) bool {
	return e.Slot.After(now) && e.State == edition.Missed && e.Hash == "" && len(e.Items)+len(e.Carried) == 0
}

// Claim is the answer to a claim.
type Claim int

// The answers.
const (
	Busy    Claim = iota // another owner has it
	Won                  // the slot is the caller's until the time it named
	Settled              // nobody is to try it again
)

// A Record is a slot as recorded; the zero value is one that nobody has tried.
type Record struct {
	Outcome Outcome
	Owner   string    // who tries it, "" when nobody does
	Until   time.Time // when the owner's claim runs out
}

// Claim decides what an owner gets who asks for the slot at a time: an open slot
// is the caller's unless another's claim runs.
func (r Record) Claim(owner string, now time.Time) Claim {
	switch {
	case r.Outcome != Open && r.Outcome != "":
		return Settled
	case r.Owner == "" || r.Owner == owner || !r.Until.After(now):
		return Won
	default:
		return Busy
	}
}

// SettledBy reports whether the week's edition settles a slot of this kind: it
// was sent, is being sent or was cancelled by hand, so that the clock has nothing
// to send any more.
func (k Kind) SettledBy(s edition.State) bool { return k == Send && !s.Buildable() }

// Outcome is how a slot ended.
type Outcome string

// The outcomes.
const (
	Open    Outcome = "open" // not yet
	Done    Outcome = "done"
	TooLate Outcome = "missed" // the catch-up time was over
)

// A Desk does what is due. Each call is for one slot that is the caller's; an
// error is taken as temporary, and the next tick tries again: a draft until its
// send, a send until the catch-up time is over, missed slots for ever. A crash
// can repeat a call, so what a desk does it does by the edition's own key. It
// returns within Lease (the context ends then): a send is set going here, not
// waited for.
//
// What a desk records, it records in one transaction with settle, which ends the
// slots: a crash repeats all of it or nothing. Where a desk has nothing to record
// it need not call settle; the scheduler ends the slots of a call without error.
type Desk interface {
	// DraftDue makes the week's draft.
	DraftDue(ctx context.Context, week edition.Week, slot time.Time, settle Settle) error
	// SendDue sends the week's edition.
	SendDue(ctx context.Context, week edition.Week, slot time.Time, settle Settle) error
	// Missed marks the weeks as missed and tells the editors, in one message.
	Missed(ctx context.Context, slots []Slot, settle Settle) error
}

// ErrNotYet is a desk's answer to a draft that is due and for which there is
// nothing so far: no fault, and asked for again until its send.
var ErrNotYet = errors.New("there is nothing new to draft yet")

// Settle ends the slots of a call in the transaction that its context is in.
type Settle func(ctx context.Context) error
