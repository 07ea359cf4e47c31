package delivery

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A Share is what the runs of one process share: how many sessions are open at once.
// Nobody waits for room in it with a reader in hand: for that reader another worker may
// be waiting, with the session that would be the room. Who finds none comes back (see
// ErrNoRoom), and the others make way meanwhile: see room.
type Share struct {
	most  func() int  // sessions, now
	waits func() bool // somebody who is no run waits for one
	now   func() time.Time

	mu   sync.Mutex
	runs map[*seats]struct{}
}

// wantLasts is for how long a run that found no room is believed to want some: it
// asks again sooner.
const wantLasts = 5 * noRoomPause

// NewShare lets p.Connections sessions be open at once, over all runs, and not more
// than relays bear. relays and now may be nil.
func NewShare(p Pacing, relays Relays, now func() time.Time) *Share {
	if now == nil {
		now = time.Now
	}
	most, waits := p.connections, func() bool { return false }
	if relays != nil {
		waits = relays.Waits
		most = func() int { return min(p.connections(), max(relays.Room(), 1)) }
	}
	return &Share{most: most, waits: waits, now: now, runs: map[*seats]struct{}{}}
}

// join gives a run its part of the share, until it leaves. wake is called, from any
// goroutine, when sessions that wait for a reader had better make way.
func (s *Share) join(d Dialer, wake func()) *seats {
	r := &seats{Dialer: d, share: s, wake: wake}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[r] = struct{}{}
	return r
}

// seats are one run's sessions of a share.
type seats struct {
	Dialer
	share *Share
	wake  func()

	// Guarded by the share's lock.
	open   int
	going  int       // of these on their way out, for others
	wants  time.Time // since when it has found no room; zero: it has
	wanted time.Time // when it last found none
}

var _ Dialer = (*seats)(nil)

// Dial makes a connection if the run may have one more, and fails with ErrNoRoom else.
func (r *seats) Dial(ctx context.Context) (Session, error) {
	if !r.take() {
		r.share.tell(r)
		return nil, ErrNoRoom
	}
	session, err := r.Dialer.Dial(WithoutWaiting(ctx))
	if errors.Is(err, ErrNoRoom) {
		r.refused(r.share.now())
		r.share.tell(r)
	}
	if err != nil {
		r.free()
		return nil, err
	}
	return &sharedSession{Session: session, free: sync.OnceFunc(r.free)}, nil
}

func (r *seats) take() bool {
	s := r.share
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	room, others := s.look(r, now)
	if !room.mayOpen(others) {
		r.want(now)
		return false
	}
	r.open++
	r.wants = time.Time{}
	return true
}

func (r *seats) refused(now time.Time) {
	r.share.mu.Lock()
	defer r.share.mu.Unlock()
	r.want(now)
}

// want notes that the run has found no room. Called with the share's lock held.
func (r *seats) want(now time.Time) {
	if r.wanted = now; r.wants.IsZero() {
		r.wants = now
	}
}

func (r *seats) free() {
	r.share.mu.Lock()
	defer r.share.mu.Unlock()
	r.open, r.going = r.open-1, max(r.going-1, 0)
}

// leave ends the run's part.
func (r *seats) leave() {
	r.share.mu.Lock()
	defer r.share.mu.Unlock()
	delete(r.share.runs, r)
}

// crowded reports whether a session of the run had better end for another run's sake:
// one that waits for a reader, or one that has just sent.
func (r *seats) crowded(idle bool) bool {
	s := r.share
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.crowds(r, idle)
}

// makesWay is crowded for a session that ends then: it counts as room already, so that
// no more end than are wanted.
func (r *seats) makesWay(idle bool) bool {
	s := r.share
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.crowds(r, idle) {
		return false
	}
	r.going++
	return true
}

// crowds is crowded. Called with mu held.
func (s *Share) crowds(r *seats, idle bool) bool {
	switch {
	case r.open == r.going:
		return false
	case idle && s.waits():
		return true
	case len(s.runs) < 2:
		return false
	}
	own, others := s.look(r, s.now())
	own.open -= r.going
	for x := range s.runs {
		own.left += x.going
	}
	return own.makesWay(others, idle)
}

// look gives how the run stands, and the others that want room. Called with mu held.
func (s *Share) look(r *seats, now time.Time) (own room, others []room) {
	own = room{open: r.open, wants: r.wants, left: s.most() - r.open}
	if own.wants.IsZero() {
		own.wants = now
	}
	for x := range s.runs {
		if x == r {
			continue
		}
		own.left -= x.open
		if !x.wants.IsZero() && now.Sub(x.wanted) > wantLasts {
			x.wants = time.Time{} // it has found a reader's end otherwise
		}
		if !x.wants.IsZero() {
			others = append(others, room{open: x.open, wants: x.wants})
		}
	}
	return own, others
}

// tell has the other runs look whether they can make way.
func (s *Share) tell(by *seats) {
	s.mu.Lock()
	var wake []func()
	for x := range s.runs {
		if x != by {
			wake = append(wake, x.wake)
		}
	}
	s.mu.Unlock()
	for _, f := range wake {
		f()
	}
}

// A room is how one run stands in a share.
type room struct {
	open  int       // its sessions
	wants time.Time // since when it wants one more
	left  int       // sessions that nobody has
}

// mayOpen reports whether the run may have one more session beside others that want
// one: whoever has fewest is first, and of those who have as many who has waited
// longest.
func (r room) mayOpen(others []room) bool {
	if r.left <= 0 {
		return false
	}
	for _, o := range others {
		if o.open < r.open || o.open == r.open && o.wants.Before(r.wants) {
			return false
		}
	}
	return true
}

// makesWay reports whether one of the run's sessions had better end while others want
// one: any that is idle, and one that is busy if they have fewer by more than one.
func (r room) makesWay(others []room, idle bool) bool {
	if r.left > 0 {
		return false
	}
	for _, o := range others {
		if idle || o.open+1 < r.open {
			return true
		}
	}
	return false
}

// A sharedSession gives its place back when it is closed or broken.
type sharedSession struct {
	Session
	free func()
}

func (s *sharedSession) Send(ctx context.Context, m Mail, intend func() (*Mail, error)) Result {
	res := s.Session.Send(ctx, m, intend)
	if res.Broken {
		s.free()
	}
	return res
}

func (s *sharedSession) Close() error {
	defer s.free()
	return s.Session.Close()
}
