package deliverytest

import (
	"context"
	"errors"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// A Server is a mail server in memory. Its zero value takes everything.
type Server struct {
	// Name is what its sessions and answers call it.
	Name string
	// Answer decides a transaction; nil accepts. It is given how many
	// transactions for this recipient came before.
	Answer func(env delivery.Envelope, before int) delivery.Result
	// OnDial can refuse a connection; it is given how many came before.
	OnDial func(before int) error
	// Before is called before each transaction, outside of any lock.
	Before func(env delivery.Envelope)
	// Takes is how long a transaction takes.
	Takes time.Duration
	// PerSession is how many messages a session may carry; then DATA is answered
	// 452 4.4.5. 0: as many as come.
	PerSession int

	mu       sync.Mutex
	dials    int
	tried    map[string]int
	received map[string]int
	now      map[string]int // transactions in progress by domain
	most     map[string]int
}

var (
	_ delivery.Dialer  = (*Server)(nil)
	_ delivery.Session = (*session)(nil)
)

// Accepted is a positive answer to the end of the message.
func Accepted() delivery.Result {
	return delivery.Result{Phase: delivery.PhaseDot, Code: 250, Enhanced: "2.0.0", Text: "Ok: queued as 4XyZ1k2Hz9z1Q2"}
}

// Reply is an answer in a phase; codes as in "550 5.1.1 no such user".
func Reply(p delivery.Phase, code int, enhanced, text string) delivery.Result {
	return delivery.Result{Phase: p, Code: code, Enhanced: enhanced, Text: text, Broken: code == 421}
}

// ErrCut is what a lost connection gives.
var ErrCut = errors.New("connection reset by peer")

// Cut is a connection lost in a phase.
func Cut(p delivery.Phase) delivery.Result {
	return delivery.Result{Phase: p, Err: ErrCut, Broken: true}
}

// Dial opens a session.
func (s *Server) Dial(context.Context) (delivery.Session, error) {
	s.mu.Lock()
	n := s.dials
	s.dials++
	s.mu.Unlock()
	if s.OnDial != nil {
		if err := s.OnDial(n); err != nil {
			return nil, err
		}
	}
	return &session{s: s}, nil
}

// Received is how many messages were ended and not refused, by recipient.
func (s *Server) Received() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.received))
	for k, v := range s.received {
		out[k] = v
	}
	return out
}

// Dials is how many connections were tried.
func (s *Server) Dials() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dials
}

// Most is the most transactions that a domain had at once.
func (s *Server) Most(domain string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most[domain]
}

func (s *Server) enter(env delivery.Envelope) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried == nil {
		s.tried, s.received, s.now, s.most = map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	}
	n := s.tried[env.To]
	s.tried[env.To]++
	d := domain(env.To)
	s.now[d]++
	s.most[d] = max(s.most[d], s.now[d])
	return n
}

func (s *Server) leave(env delivery.Envelope, took bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now[domain(env.To)]--
	if took {
		s.received[env.To]++
	}
}

func domain(to string) string {
	r := delivery.Recipient{Email: to}
	return r.Domain()
}

type session struct {
	s       *Server
	carried int
}

// Send answers as the server decides. A message whose connection is cut after
// its end counts as received: that is the worst case.
func (c *session) Send(_ context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	env := m.Envelope
	if c.s.Before != nil {
		c.s.Before(env)
	}
	before := c.s.enter(env)
	res := Accepted()
	if c.s.Answer != nil {
		res = c.s.Answer(env, before)
	}
	res.Carried, res.Relay = c.carried, c.s.Name
	if c.s.PerSession > 0 && c.carried >= c.s.PerSession {
		res = delivery.Result{Phase: delivery.PhaseData, Code: 452, Enhanced: "4.4.5", Text: "Mails per session limit", Carried: c.carried, Relay: c.s.Name}
	}
	c.carried++
	if c.s.Takes > 0 {
		time.Sleep(c.s.Takes)
	}
	if res.Phase < delivery.PhaseIntent {
		c.s.leave(env, false)
		return res
	}
	if _, err := intend(); err != nil {
		c.s.leave(env, false)
		return delivery.Result{Phase: delivery.PhaseIntent, Err: err, Broken: true}
	}
	c.s.leave(env, res.Code < 400)
	return res
}

// Relay is the server's name.
func (c *session) Relay() string { return c.s.Name }

// Close does nothing.
func (c *session) Close() error { return nil }
