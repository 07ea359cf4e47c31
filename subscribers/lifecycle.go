package subscribers

import (
	"fmt"
	"time"
)

// Reason is why the address is suppressed, by its hash or on the list.
func (k Known) Reason() Reason {
	if k.Suppressed != NotSuppressed {
		return k.Suppressed
	}
	return k.Subscriber.Suppressed
}

// MayAdd is nil when an operator may make the address active at once, as they
// answer for its consent: else ErrSuppressed, ErrExists or ErrLeft.
func (k Known) MayAdd() error {
	switch reason := k.Reason(); {
	case reason != NotSuppressed:
		return fmt.Errorf("%w: %s", ErrSuppressed, reason)
	case k.Found && k.Subscriber.Status == Active:
		return ErrExists
	case k.Found && k.Subscriber.Status == Unsubscribed:
		return fmt.Errorf("%w, on %s", ErrLeft, k.Subscriber.UnsubscribedAt.UTC().Format(time.DateOnly))
	}
	return nil
}

// Activate makes a subscriber active with what their sign-up said. A sign-up
// without a name keeps the one that is known.
func (s Subscriber) Activate(d Details, at time.Time) Subscriber {
	if d.Name != "" {
		s.Name = d.Name
	}
	s.Status, s.Categories, s.Source = Active, d.Categories, d.Source
	s.ConfirmedAt, s.UnsubscribedAt = at, time.Time{}
	return s
}

// Leave unsubscribes; repeated, it keeps the first time.
func (s Subscriber) Leave(at time.Time) Subscriber {
	if s.Status != Unsubscribed {
		s.Status, s.UnsubscribedAt = Unsubscribed, at
	}
	return s
}

// Erase leaves what an erasure leaves: a row without anything personal, under
// its number, so that past deliveries still count and the number is never given
// to somebody else. The fresh token ends the old links.
func (s Subscriber) Erase(at time.Time, fresh Token) Subscriber {
	return Subscriber{
		ID: s.ID, Status: Unsubscribed, Suppressed: Erased, Token: fresh,
		CreatedAt: s.CreatedAt, UnsubscribedAt: at,
	}
}

// Note is what the history keeps of a suppression.
func (s Suppression) Note() string {
	if s.Detail == "" {
		return s.Reason.String()
	}
	return s.Reason.String() + ": " + s.Detail
}

// After gives the suppression that stands when s comes after the one that
// stands already, the zero Suppression for none. The first reason stays, but
// for two: an erasure, which its reader may undo by signing up again, gives way
// to every other, and a bounce gives way to a complaint, because an operator
// who lifts a bounce must not mail somebody who complained. An erasure takes
// the personal details of a suppression away.
func (s Suppression) After(standing Suppression) Suppression {
	switch {
	case standing.Reason.rank() < s.Reason.rank():
		return s
	case s.Reason == Erased:
		standing.Detail = ""
	}
	return standing
}

// rank orders the reasons by which gives way to which.
func (r Reason) rank() int {
	switch r {
	case NotSuppressed:
		return 0
	case Erased:
		return 1
	case Complaint:
		return 3
	default:
		return 2
	}
}

// MayLift is nil when an operator may lift a suppression for this reason: an
// erasure is its reader's to undo.
func (r Reason) MayLift() error {
	if r == NotSuppressed || r == Erased {
		return fmt.Errorf("%w: it is not suppressed", ErrNotFound)
	}
	return nil
}

// OutlivesConfirmation reports whether the reason stands when the reader
// confirms from their own mailbox: only an erasure ends by their return.
func (r Reason) OutlivesConfirmation() bool { return r != NotSuppressed && r != Erased }
