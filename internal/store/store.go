// Package store names the conditions that any store may be in, whatever keeps
// the data. They belong to no domain: whoever gets one tries again later, or says
// so.
package store

import "errors"

// Errors that callers tell apart with errors.Is.
var (
	// ErrBusy: another process has been writing for longer than a write waits, or
	// the database is away (ErrAway). Nothing was done; the same may be tried again.
	ErrBusy = errors.New("another process is writing to the database")
	// ErrAway: the database's server does not answer. It is ErrBusy too.
	ErrAway = errors.New("the database cannot be reached")
	// ErrNone: a command that only reads found no database.
	ErrNone = errors.New("there is no database")
)

// Away is ErrAway, and ErrBusy, with why.
func Away(why error) error { return &awayError{why} }

type awayError struct{ why error }

func (e *awayError) Error() string        { return ErrAway.Error() + ": " + e.why.Error() }
func (e *awayError) Unwrap() error        { return e.why }
func (e *awayError) Is(target error) bool { return target == ErrAway || target == ErrBusy }
