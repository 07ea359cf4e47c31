package delivery

import (
	"context"
	"sync"
)

// A Share is what runs side by side share: how many sessions are open at once,
// and a warm-up's day.
type Share struct {
	slots chan struct{}

	mu   sync.Mutex
	held map[int64]int64 // by edition: messages that are claimed and may be ended yet
}

// NewShare lets p.Connections sessions be open at once, over all runs.
func NewShare(p Pacing) *Share {
	return &Share{slots: make(chan struct{}, p.connections()), held: map[int64]int64{}}
}

// Dialer keeps d within the share: a connection waits until there is room.
func (s *Share) Dialer(d Dialer) Dialer { return sharedDialer{d, s.slots} }

type sharedDialer struct {
	Dialer
	slots chan struct{}
}

func (d sharedDialer) Dial(ctx context.Context) (Session, error) {
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	session, err := d.Dialer.Dial(ctx)
	if err != nil {
		<-d.slots
		return nil, err
	}
	return &sharedSession{Session: session, free: sync.OnceFunc(func() { <-d.slots })}, nil
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

// reserve grants an edition at most n more messages of what is left of a day,
// beside those that it holds. What is granted counts as held until it asks again.
func (s *Share) reserve(edition, holds, n int64, left func() (int64, error)) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[edition] = holds
	rest, err := left() // here, so that no message is in neither of the counts
	if err != nil {
		return 0, err
	}
	for _, h := range s.held {
		rest -= h
	}
	n = min(n, rest)
	s.held[edition] += max(n, 0)
	return n, nil
}

// leave forgets what an edition held.
func (s *Share) leave(edition int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, edition)
}
