package subscribers

import "errors"

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound   = errors.New("no such subscriber")
	ErrExpired    = errors.New("the confirmation link has expired")
	ErrUsed       = errors.New("the confirmation link was used before")
	ErrAddress    = errors.New("not an address that can be mailed")
	ErrDetails    = errors.New("not details that can be kept")
	ErrLimited    = errors.New("too many sign-ups")
	ErrExists     = errors.New("already an active subscriber")
	ErrLeft       = errors.New("unsubscribed earlier")
	ErrSuppressed = errors.New("the address is suppressed")
	ErrFinal      = errors.New("the import cannot be undone")
	ErrCSV        = errors.New("not a CSV file that can be imported")
)

// An AddressError says which field of a sign-up cannot be accepted and why, in
// words for the person who typed it. It wraps ErrAddress when Field is "email"
// and ErrDetails otherwise.
type AddressError struct {
	Field   string // "email", "categories" or "pause"
	Message string // a sentence without its full stop
}

func (e *AddressError) Error() string { return e.Field + ": " + e.Message }

// Unwrap gives the sentinel.
func (e *AddressError) Unwrap() error {
	if e.Field == "email" {
		return ErrAddress
	}
	return ErrDetails
}
