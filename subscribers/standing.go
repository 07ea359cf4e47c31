package subscribers

import "time"

// Standing is a subscriber's status and suppression in one word, as lists and
// counts show it. Every subscriber has exactly one.
type Standing string

// The standings. Only StandsActive is mailed.
const (
	StandsActive       Standing = "active"
	StandsPending      Standing = "pending"
	StandsUnsubscribed Standing = "unsubscribed"
	StandsSuppressed   Standing = "suppressed"
)

// Standings lists them in the order in which people want to see them.
func Standings() []Standing {
	return []Standing{StandsActive, StandsPending, StandsUnsubscribed, StandsSuppressed}
}

// Standing gives the subscriber's.
func (s Subscriber) Standing() Standing {
	switch {
	case s.Suppressed != NotSuppressed:
		return StandsSuppressed
	case s.Status == Active:
		return StandsActive
	case s.Status == Pending:
		return StandsPending
	default:
		return StandsUnsubscribed
	}
}

// String is the reason in words that fit into "suppressed: …".
func (r Reason) String() string {
	switch r {
	case NotSuppressed:
		return "not suppressed"
	case HardBounce:
		return "the mailbox does not exist"
	case SoftBounces:
		return "mail to it bounced again and again"
	case Complaint:
		return "its reader reported the digest as spam"
	case Manual:
		return "suppressed by an operator"
	case Erased:
		return "erased at the reader's request"
	default:
		return "suppressed for an unknown reason"
	}
}

// Counts are the subscribers of each standing; those who were erased are in none.
type Counts struct {
	Active       int `json:"active"`
	Pending      int `json:"pending"`
	Unsubscribed int `json:"unsubscribed"`
	Suppressed   int `json:"suppressed"`
}

// Total is the number of subscribers.
func (c Counts) Total() int { return c.Active + c.Pending + c.Unsubscribed + c.Suppressed }

// A Filter picks subscribers; the zero Filter picks all.
type Filter struct {
	Standing Standing // "": any
	Search   string   // part of the address or the name, in any case of a to z; "": any
	Limit    int      // at most so many; 0: all
}

// An Event is one line of what is known about a subscriber's consent.
type Event struct {
	At     time.Time
	Kind   string // one of the Event constants
	Detail string // where from (a form's source and IP address), or why
	// Wording is the version of the text that a sign-up agreed to.
	Wording string
}

// The kinds of events; they are stored.
const (
	EventSignUp   = "sign-up" // asked for the digest, and a confirmation was queued
	EventConfirm  = "confirm"
	EventDecline  = "decline" // of a confirmation's link: the sign-up was not theirs
	EventAdd      = "add"     // by an operator who has their consent
	EventLeave    = "leave"
	EventSuppress = "suppress"
	EventLift     = "lift" // a suppression was lifted by an operator
	EventMove     = "move" // to another address
	EventUndo     = "undo" // an import that had changed the reader was taken back
)

// A Suppression is the record that an address must not be mailed. It is kept by
// the address's hash, whether or not the address is on the list.
type Suppression struct {
	Reason Reason
	Detail string // a server's reply, an operator's note
	At     time.Time
}
