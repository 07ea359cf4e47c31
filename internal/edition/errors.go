package edition

import (
	"errors"
	"fmt"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound    = errors.New("no such edition")
	ErrState       = errors.New("not possible in the edition's state")
	ErrSent        = errors.New("the edition is sent")
	ErrNotBuilt    = errors.New("the edition has not been built")
	ErrNotApproved = errors.New("the edition is not approved")
	ErrChanged     = errors.New("the edition's content has changed")
	ErrNothing     = errors.New("the edition has nothing to send")
	ErrSame        = errors.New("the edition's content is the same")
	ErrStale       = errors.New("somebody else has saved meanwhile")
	ErrEdits       = errors.New("the edits do not fit the week")
	ErrNoSlot      = errors.New("the schedule has no send in this week")
)

// A refusal is one of the errors above in words for whoever asked.
type refusal struct {
	kind  error
	text  string
	field string // of the edits
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.kind }

// FieldOf names what of an edition's edits an error is about, as their form does:
// "order", "quote.SLUG.1"; "" where it is nothing in particular.
func FieldOf(err error) string {
	var r *refusal
	if !errors.As(err, &r) {
		return ""
	}
	return r.field
}

// Refuse says "edition 2026-W47 is …" of an edition that does not allow what
// was asked of it.
func (e Edition) Refuse(kind error, format string, args ...any) error {
	return &refusal{kind: kind, text: "edition " + e.Week.String() + " is " + fmt.Sprintf(format, args...)}
}
