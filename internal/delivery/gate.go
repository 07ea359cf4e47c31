package delivery

import (
	"fmt"
	"time"

	"verdicts.example/digest/internal/edition"
)

// Gate is nil when an edition in this state, with this reason for a pause, may
// be sent.
func Gate(state edition.State, pause string) error {
	switch {
	case state == edition.Cancelled:
		return ErrCancelled
	case state != edition.Sending:
		return fmt.Errorf("%w: it is %s", ErrNotSending, state)
	case pause != "":
		return &PauseError{Reason: pause}
	default:
		return nil
	}
}

// Begins reports whether the pause is to be made of an edition in this state, with
// this reason for a pause: an earlier reason is kept, and what is not being sent
// cannot be paused.
func (p Pause) Begins(state edition.State, earlier string) bool {
	return p.Reason != "" && earlier == "" && state == edition.Sending
}

// A LockedError is ErrLocked with who holds the lease, and until when.
type LockedError struct {
	Holder string
	Epoch  int64
	Until  time.Time
}

func (e *LockedError) Error() string {
	return ErrLocked.Error() + ": " + e.Holder + ", at least until " + e.Until.Format(time.RFC3339)
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// A PauseError is ErrPaused with the reason that is recorded.
type PauseError struct{ Reason string }

func (e *PauseError) Error() string { return ErrPaused.Error() + ": " + e.Reason }

// Is makes errors.Is(err, ErrPaused) true.
func (e *PauseError) Is(target error) bool { return target == ErrPaused }
