package edition

import "time"

// The transitions: what may happen to an edition, as pure functions. Each gives
// the edition as it is then, or says why not; a store keeps what it is given.

// Cancel ends an edition for good. In mid-send, whoever has not been mailed will
// not be. Cancelling twice is no error.
func (e Edition) Cancel(at time.Time) (Edition, error) {
	switch e.State {
	case Cancelled:
		return e, nil
	case Sent:
		return e, e.refuse(ErrState, "already sent; it can't be cancelled")
	case Skipped, Missed:
		return e, e.refuse(ErrState, "%s; nothing of it will be sent, so there is nothing to cancel", e.State)
	}
	return e.end(Cancelled, at), nil
}

// end closes an edition's week.
func (e Edition) end(s State, at time.Time) Edition {
	e.State, e.FinishedAt, e.PauseReason = s, at, ""
	return e
}
