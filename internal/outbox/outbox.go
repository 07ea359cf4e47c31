// Package outbox is what has happened and somebody is to be told: that a reader
// signed up, that a draft waits, that a send has ended. An event is written in
// the transaction that it tells of and waits until it was told; package courier
// tells it by mail.
//
// The package promises that an event that one version of the program wrote can
// be read by every later one: a payload's JSON has names of its own, an event
// has its payload's version, and Decode reads all of them. When an event is
// tried again, and when it is given up, is decided here (Event.Retry); a store
// only keeps events.
package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"verdicts.example/digest/subscribers"
)

// ErrUnknown is an event that this program cannot read: a newer one wrote it.
var ErrUnknown = errors.New("this program cannot read the event; a newer one wrote it")

// ErrWithdrawn is an event that nobody is to be told of any more.
var ErrWithdrawn = errors.New("nobody is to be told of it any more")

// A Kind says what happened. Kinds are stored.
type Kind string

// The kinds: the first concern one reader, the others the editors.
const (
	KindConfirm    Kind = "confirm"
	KindWelcome    Kind = "welcome"
	KindGoodbye    Kind = "goodbye"
	KindLeaveLink  Kind = "leave"
	KindFreshLink  Kind = "fresh_link"
	KindLinks      Kind = "reader_links"
	KindMoved      Kind = "address_changed"
	KindDraftReady Kind = "draft_ready"
	KindHeld       Kind = "held"
	KindMissed     Kind = "missed"
	KindReport     Kind = "report"
	KindRefused    Kind = "refused"
	KindReturned   Kind = "returned"
	KindCheckup    Kind = "checkup"
	KindSurge      Kind = "surge"
	KindLogin      Kind = "login" // an editor asked for a link to the desk
)

// An Event waits to be told to one recipient.
type Event struct {
	ID         int64
	Kind       Kind
	Version    int                    // of Data
	Data       json.RawMessage        // see Payload
	Subscriber subscribers.Subscriber // whom it concerns; zero: nobody on the list
	Recipient  string                 // an address
	Attempts   int                    // the one under way included
	CreatedAt  time.Time
}

// Payload reads what the event says. The result is one of this package's payload
// types, in its current version.
func (e Event) Payload() (Payload, error) {
	p, err := Decode(e.Kind, e.Version, e.Data)
	if err != nil {
		return nil, fmt.Errorf("event %d: %w", e.ID, err)
	}
	return p, nil
}

// KeepFor is how long an event is tried, from its creation on.
const KeepFor = 3 * 24 * time.Hour

// Attempts are half a minute apart at first, four hours in the end.
const (
	retryFirst   = 30 * time.Second
	retryLongest = 4 * time.Hour
)

// Retry tells when an event that could not be told at the given time is tried
// again; ok is false when it has waited for long enough and is given up. Chance,
// from 0 to 1, spreads the attempts of events that failed together.
func (e Event) Retry(at time.Time, chance float64) (next time.Time, ok bool) {
	d := min(retryFirst<<min(max(e.Attempts-1, 0), 12), retryLongest)
	next = at.Add(d/2 + time.Duration(chance*float64(d/2)))
	return next, !e.Expired(next)
}

// Expired reports whether an event has been tried for long enough.
func (e Event) Expired(at time.Time) bool { return at.Sub(e.CreatedAt) > KeepFor }
