// Package subscribers owns the list: who is on it, how they came, how they
// leave, and who must never be mailed.
//
// The package promises: nobody becomes active without confirming from their own
// mailbox (double opt-in) or an operator's explicit act; an unsubscription
// takes effect at once and is never undone by an import, a replayed
// confirmation or a retry; whether an address is on the list cannot be told
// from outside; tokens have at least 128 random bits.
package subscribers

import "time"

// Status is where a subscriber stands. Suppression is beside it: a suppressed
// subscriber is not mailed, whatever the status.
type Status int

// The statuses; the numbers are stored.
const (
	Pending Status = iota // signed up, not confirmed
	Active
	Unsubscribed
)

// Reason says why an address is suppressed.
type Reason int

// The reasons; the numbers are stored.
const (
	NotSuppressed Reason = iota
	HardBounce           // the mailbox does not exist (RFC 3463 5.1.1 and the like)
	SoftBounces          // 3 of the last 5 editions bounced
	Complaint            // a feedback report (RFC 5965)
	Manual               // by an operator
	Erased               // the reader asked for erasure; only the hash is kept
)

// A Subscriber is one reader on the list.
type Subscriber struct {
	ID             int64
	Email          string // as it is mailed
	Name           string
	Status         Status
	Suppressed     Reason
	Token          Token
	Categories     []string // empty: every category
	Source         string
	CreatedAt      time.Time
	ConfirmedAt    time.Time // zero: never
	UnsubscribedAt time.Time // zero: never
	PausedUntil    time.Time // zero: not paused
}

// Mailable reports whether the digest may be sent to the subscriber.
func (s Subscriber) Mailable() bool { return s.Status == Active && s.Suppressed == NotSuppressed }

// MayVote reports whether the subscriber's votes are counted from now on: they are
// readers', and a pause ends nothing. What was voted before stands.
func (s Subscriber) MayVote() bool { return s.Mailable() }
