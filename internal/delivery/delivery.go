// Package delivery owns the send of an edition: who gets it, when, what each
// server said, and the proof of it.
//
// The package promises: recipients are frozen with the edition's bytes; nobody
// gets an edition twice and nobody is left out. The intent to end a message is
// durably committed before the end is written (in the database, then in the
// journal); if the commit fails, the message is not ended. A delivery whose end
// was written and whose reply was lost is unknown: it is listed, there is at
// most one a connection and crash, and it is never sent again by itself
// (RFC 1047). Who unsubscribes leaves the queue at once: the last moment is the
// commit of the intent. One sender at a time, by a lease; a sender that lost it
// ends no further message. Memory does not grow with the list.
//
// Refusals are told apart by whose fault they are (Classify): what concerns the
// sender, the message or the account pauses the edition and touches no reader;
// what a domain or the relay asks for throttles that domain or the whole send;
// what a mailbox says is retried or ends its delivery; and a connection lost
// before the end does not count as an attempt.
package delivery

import (
	"errors"
	"strings"
	"time"

	"verdicts.example/digest/subscribers"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound       = errors.New("the edition has no deliveries")
	ErrLocked         = errors.New("another process is sending this edition")
	ErrLeaseLost      = errors.New("another process has taken over the send")
	ErrPaused         = errors.New("the edition is paused")
	ErrCancelled      = errors.New("the edition was cancelled")
	ErrNotSending     = errors.New("the edition is not being sent")
	ErrWithdrawn      = errors.New("the reader left before the message was sent")
	ErrNoRoom         = errors.New("all connections to the mail servers are in use")
	ErrUnreachable    = errors.New("the mail server cannot be reached")
	ErrDayLimit       = errors.New("the warm-up limit of the day is reached")
	ErrJournalAhead   = errors.New("the journal has messages that the database does not know of")
	ErrSentBefore     = errors.New("by its journal an edition was sent, but the database does not know of it")
	ErrServerMoved    = errors.New("the database is on another server than before, or a standby was promoted")
	ErrFormerServer   = errors.New("the database's server is a former primary")
	ErrNoSuchNode     = errors.New("it is none of the nodes that have not compared their journals")
	ErrJournalLost    = errors.New("the journal of this send is missing")
	ErrNobody         = errors.New("there is no reader to mail")
	ErrTopics         = errors.New("readers have changed their topics meanwhile")
	ErrPolicyRefused  = errors.New("the mail server refused us")
	ErrNotCompactable = errors.New("the edition is not sent to everybody yet")
)

// State is where one delivery stands; the numbers are stored.
type State uint8

// The states. Accepted, failed, unknown and suppressed are final.
const (
	Queued     State = iota // to be sent
	Claimed                 // a sender has it in hand; nothing was sent
	Dotting                 // the end of the message may be on its way
	Accepted                // the server took it (250)
	Deferred                // the server asked to try later
	Failed                  // refused for good
	Unknown                 // the end was written and no reply came
	Suppressed              // the reader left, or the edition was cancelled, before the send
	states                  // how many there are
)

var stateNames = [states]string{"queued", "claimed", "dotting", "accepted", "deferred", "failed", "unknown", "suppressed"}

// String is the state's name.
func (s State) String() string {
	if s < states {
		return stateNames[s]
	}
	return "invalid"
}

// A Recipient is one claimed delivery and whom it goes to.
type Recipient struct {
	ID       int64 // the subscriber's
	Email    string
	Name     string
	Token    subscribers.Token
	Attempts int       // verdicts so far, all temporary
	Dots     int       // how often the message's end was written so far
	Since    time.Time // the first temporary refusal; zero without one
	Refused  bool      // refused before, and queued again: last in line
	Variant  int       // which of the frozen variants the reader gets

	turn   int    // see domainQueue
	began  uint64 // see judge
	parked int    // see worker.parked
	asked  int    // how often it was retried without counting as an attempt
	lost   loss   // connections
}

// Domain is the part of the address after the "@", in lower case as stored.
func (r *Recipient) Domain() string {
	return r.Email[strings.LastIndexByte(r.Email, '@')+1:]
}

// Counts are an edition's deliveries by state.
type Counts [states]int64

// Total is the number of recipients.
func (c Counts) Total() int64 {
	var n int64
	for _, v := range c {
		n += v
	}
	return n
}

// Sending is what a sender has in hand.
func (c Counts) Sending() int64 { return c[Claimed] + c[Dotting] }

// Open is what is not final.
func (c Counts) Open() int64 { return c[Queued] + c[Claimed] + c[Dotting] + c[Deferred] }

// Frozen is what a freeze came to.
type Frozen struct {
	Recipients int64
	Duplicates int64 // active subscribers left out because another has the same address hash
	Resumed    bool  // the edition was frozen before; nothing was changed
}

// An Outcome is what is recorded of one attempt.
type Outcome struct {
	ID          int64
	State       State // Accepted, Deferred, Failed, Unknown, Queued to give it back, or Claimed to keep it in hand
	Dotted      bool  // the message's end was written: the delivery is Dotting, not Claimed
	Attempt     bool  // counts as an attempt
	NextAttempt time.Time
	Fault       Fault
	Reply       string // "250 2.0.0 OK", shortened
	Relay       string // that said it; "" where none was asked
}
