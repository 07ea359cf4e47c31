package subscribers

import "errors"

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("no such subscriber")
	ErrExpired  = errors.New("the confirmation link has expired")
	ErrUsed     = errors.New("the confirmation link was used before")
	ErrAddress  = errors.New("not an address that can be mailed")
	ErrLimited  = errors.New("too many sign-ups")
)
