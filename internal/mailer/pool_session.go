package mailer

import (
	"context"
	"errors"

	"verdicts.example/digest/internal/delivery"
)

// errRests says that a session's relay was taken out.
var errRests = errors.New("the relay takes nothing for now")

// A poolSession is a session with one relay, and has a place there.
type poolSession struct {
	delivery.Session
	pool  *Pool
	relay *relay
	since int // the relay's rests when it began
	freed bool
}

// Send is delivery.Session's. What the relay alone is to blame for is said to be
// Elsewhere's, as long as another one serves.
func (s *poolSession) Send(ctx context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	if s.pool.ended(s) {
		_ = s.Close() // nothing was begun
		return delivery.Result{Phase: delivery.PhaseConnect, Err: errRests, Broken: true}
	}
	if s.relay.pace != nil {
		if err := s.relay.pace.Wait(ctx); err != nil {
			_ = s.Close()
			return delivery.Result{Phase: delivery.PhaseConnect, Err: err, Broken: true}
		}
	}
	res := s.Session.Send(ctx, m, intend)
	res.Relay = s.relay.Name
	s.pool.heard(s.relay, &res)
	if res.Broken {
		s.free()
	}
	return res
}

// Relay names the relay as the pool does.
func (s *poolSession) Relay() string { return s.relay.Name }

// Close ends the session.
func (s *poolSession) Close() error {
	defer s.free()
	return s.Session.Close()
}

func (s *poolSession) free() {
	if !s.freed {
		s.freed = true
		s.pool.closed(s.relay)
	}
}

// ended reports whether the session's relay was taken out since it began.
func (p *Pool) ended(s *poolSession) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return s.relay.rests != s.since
}

// heard goes by what a relay said to a message.
func (p *Pool) heard(r *relay, res *delivery.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if res.Accepted() {
		was := r.fails > 0
		if r.accepted() {
			p.tell()
		}
		if was && len(p.relays) > 1 {
			p.log.Info("a relay takes messages again", "relay", r.Name)
		}
		return
	}
	if res.Code == 0 {
		return
	}
	v := delivery.Classify(*res)
	switch b := blameOf(*res, v); {
	case b == tooMany:
		r.narrow(r.window / 2)
	case b == notOurs:
	case !p.another(r, now): // then it is for the send to judge
		if b == maybe {
			r.row++
		}
	default:
		p.doubt(r, res, b)
	}
}

// doubt is for a refusal that may be the relay's own, while another one serves: that
// one is asked. A relay to blame for sure, or for several readers in a row, is taken
// out.
func (p *Pool) doubt(r *relay, res *delivery.Result, b blame) {
	r.row++
	res.Elsewhere = b == itsOwn || !r.took || r.row >= rowMost
	if b == itsOwn || r.row >= rowMost {
		r.reason = &delivery.SMTPError{Result: *res}
		p.takeOut(r, r.reason.Error(), b == itsOwn)
		p.tell()
	}
}
