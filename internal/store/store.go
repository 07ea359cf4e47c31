// Package store names the conditions that any store may be in, whatever keeps
// the data. They belong to no domain: whoever gets one tries again later, or says
// so.
package store

import "errors"

// Errors that callers tell apart with errors.Is.
var (
	// ErrBusy: another process has been writing for longer than a write waits.
	// Nothing was done; the same may be tried again.
	ErrBusy = errors.New("another process is writing to the database")
	// ErrNone: a command that only reads found no database.
	ErrNone = errors.New("there is no database")
)
