package edition

import "errors"

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound    = errors.New("no such edition")
	ErrState       = errors.New("the edition's state does not allow this")
	ErrNotBuilt    = errors.New("the edition has not been built")
	ErrNotApproved = errors.New("the edition is not approved")
	ErrChanged     = errors.New("the edition's content has changed")
	ErrNothing     = errors.New("the edition has nothing to send")
	ErrNoSlot      = errors.New("the schedule has no send in this week")
)
