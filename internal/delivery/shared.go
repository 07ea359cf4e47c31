package delivery

import (
	"context"
	"sync"
)

// A Share is what the runs of one process share: how many sessions are open at once.
type Share struct{ slots chan struct{} }

// NewShare lets p.Connections sessions be open at once, over all runs.
func NewShare(p Pacing) *Share {
	return &Share{slots: make(chan struct{}, p.connections())}
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
