package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A connection that fails is tried again after linkFirst, then twice as long,
// up to linkLongest.
const (
	linkFirst   = 500 * time.Millisecond
	linkLongest = time.Minute
	noRoomPause = 200 * time.Millisecond // where relays take fewer sessions than there are workers
)

// A link knows when a server last answered a transaction, over all workers.
type link struct {
	giveUp time.Duration
	now    func() time.Time

	mu     sync.Mutex
	good   time.Time
	count  int64 // transactions that were answered
	broken bool  // a connection has failed since
}

func newLink(giveUp time.Duration, now func() time.Time) *link {
	return &link{giveUp: giveUp, now: now, good: now()}
}

func (l *link) works() {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.good, l.broken = now, false
	l.count++
}

// answers is how many transactions a server has answered.
func (l *link) answers() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// breaks notes a failure and reports whether it is the first since a server
// answered.
func (l *link) breaks() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.broken
	l.broken = true
	return first
}

// failed returns ErrUnreachable when it is time to give up.
func (l *link) failed(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since := l.now().Sub(l.good); l.giveUp > 0 && since >= l.giveUp {
		return &UnreachableError{For: since.Round(time.Second), Err: err}
	}
	return nil
}

// pauseFor waits, or until the context ends.
func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// An UnreachableError is ErrUnreachable: for how long no server took a message, and
// the last error. A server that answers, and takes none, is told from one that
// cannot be reached.
type UnreachableError struct {
	For time.Duration
	Err error
}

func (e *UnreachableError) Error() string {
	if answered(e.Err) {
		return fmt.Sprintf("the mail server has taken no message for %s; it answers: %v", e.For, e.Err)
	}
	return fmt.Sprintf("%v: for %s; last: %v", ErrUnreachable, e.For, e.Err)
}

// Is makes errors.Is(err, ErrUnreachable) true.
func (e *UnreachableError) Is(target error) bool { return target == ErrUnreachable }

// Unwrap gives the last error.
func (e *UnreachableError) Unwrap() error { return e.Err }

// answered reports whether an error is a server's reply.
func answered(err error) bool {
	var refused *SMTPError
	return errors.As(err, &refused) && refused.Code > 0
}
