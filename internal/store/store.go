// Package store names the conditions that any store may be in, whatever keeps
// the data. They belong to no domain: whoever gets one tries again later, or says
// so.
package store

import (
	"errors"
	"fmt"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrBusy: another process has been writing for longer than a write waits, or
	// the database is away (ErrAway). Nothing was done; the same may be tried again.
	ErrBusy = errors.New("another process is writing to the database")
	// ErrAway: the database's server does not answer. It is ErrBusy too.
	ErrAway = errors.New("the database cannot be reached")
	// ErrDisk: the disk is full or fails, or the database's file has gone. Nothing was
	// done; somebody has to see to it.
	ErrDisk = errors.New("the disk of the database does not do its part")
	// ErrMeanwhile: another process made the database while this one did.
	ErrMeanwhile = errors.New("another process made this database meanwhile; nothing was changed")
	// ErrOnlyJournals: there is no database, and the journals beside where it would
	// be tell of sends: it was moved or lost, and a new list would be another one.
	ErrOnlyJournals = errors.New("only journals are left of a list")

	// ErrNone: a command that only reads found no database.
	ErrNone = errors.New("there is no database")
	// ErrElsewhere: the list has moved to another database.
	ErrElsewhere = errors.New("the list has moved")
	// ErrMoving: the list is between two databases, because a move was cut off.
	ErrMoving = errors.New("the list is being moved, and that was cut off")
)

// Here is nil when a database holds its list: it has gone to no other (to), and is
// not still coming from one (from).
func Here(to string, done bool, from string) error {
	switch {
	case from != "":
		return fmt.Errorf("%w: from %s to here", ErrMoving, from)
	case to == "":
		return nil
	case done:
		return fmt.Errorf("%w to %s", ErrElsewhere, to)
	}
	return fmt.Errorf("%w: from here to %s", ErrMoving, to)
}

// Away is ErrAway, and ErrBusy, with why.
func Away(why error) error { return &awayError{why} }

type awayError struct{ why error }

func (e *awayError) Error() string        { return ErrAway.Error() + ": " + e.why.Error() }
func (e *awayError) Unwrap() error        { return e.why }
func (e *awayError) Is(target error) bool { return target == ErrAway || target == ErrBusy }
