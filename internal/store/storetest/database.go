package storetest

import (
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/subscribers"
)

// A Database is a store under test, with what the rest of the program, other
// processes and bad luck do to it, in verbs. A suite that uses nothing else runs
// on any store (see package deliverytest).
type Database interface {
	Stores() Stores
	Close() error

	// AddReaders adds n active readers after those that there are; their ids go
	// on from the last, from 1.
	AddReaders(n int, email func(id int64) string) error
	// AddEdition adds a draft that has been built, with hash "h".
	AddEdition(week string) (int64, error)

	Leave(readers ...int64) error // by themselves
	Suppress(reader int64) error  // by an operator
	Forget(reader int64) error    // an erasure
	Return() error                // everybody is back on the list
	Suppression(reader int64) (subscribers.Reason, error)

	// Settle gives the first n queued deliveries a state, as a sender records it.
	Settle(edition int64, s delivery.State, n int, reply string, at time.Time) error
	// Vary gives the readers up to one another frozen variant.
	Vary(edition, upTo int64, variant int) error
	Entitle(edition int64, subject string) error

	Pause(edition int64, reason string) error // "" goes on; nothing unless it is being sent
	Cancel(edition int64) error               // the edition alone, as a process that dies after it leaves it

	// Block writes, as another process does, until release.
	Block() (release func() error, err error)
	Backup(path string) error
	Sound() error         // fails when what is kept is damaged
	Size() (int64, error) // of all that the database keeps, in bytes
	Tamper(edition, reader int64, how Tampering) error
}

// Stores are the parts of a store that a send uses.
type Stores struct {
	Store   delivery.Store
	Leases  delivery.Leases
	Freezer delivery.Freezer
	Notices delivery.Notices
	Compact func(before, at time.Time) (int64, error)
}

// A Tampering is a way in which records go wrong without the program.
type Tampering int

// The ways.
const (
	LoseRow     Tampering = iota // the delivery's record is gone
	ForgeAccept                  // it says accepted, and was never sent
	ForgetEnd                    // it says queued, and the message was ended
)
