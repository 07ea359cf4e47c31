// Package smtpsink is an SMTP server for tests and benchmarks, with faults to
// order.
//
// It promises: every reply and every phase of the dialogue can be made to fail,
// stall, be cut or turn to garbage (Fault); a message is recorded, with its
// hash and whether it was complete, before its 250 leaves, in a ledger file
// that has been synced by then; what was cut short is recorded as such; and in
// discard mode it takes messages about as fast as the loopback device can carry
// them, so that a benchmark measures its client. It listens on 127.0.0.1 only
// and forwards nothing.
//
// It is not for use as a mail server: it trusts its clients, keeps messages in
// memory and checks of RFC 5321 only what a client could get wrong (the order
// of commands, nested MAIL, a message without a recipient).
package smtpsink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options says what the server offers and what goes wrong. The zero value is a
// plain server without extensions that keeps what it takes in memory.
type Options struct {
	Pipelining bool  // offer PIPELINING (RFC 2920)
	Chunking   bool  // offer CHUNKING (RFC 3030)
	SMTPUTF8   bool  // offer SMTPUTF8 (RFC 6531)
	Size       int64 // offer SIZE with this limit in bytes and enforce it (RFC 1870); 0 = not offered

	TLS      *tls.Config // offer STARTTLS (RFC 3207)
	Implicit bool        // speak TLS from the first byte (RFC 8314)
	// Auth, when set, is offered as AUTH PLAIN and LOGIN and required before
	// MAIL.
	Auth func(username, password string) bool

	RTT        time.Duration // round trip to simulate: half in each direction
	MaxPerConn int           // 421 to MAIL after that many messages on a connection; 0 = no limit

	Faults []Fault
	Seed   uint64 // of the faults' dice

	Discard bool   // count messages, keep and hash nothing
	Ledger  string // file that gets a JSON Record a line, synced before the 250; "" = none
}

// ErrClosed is why a connection of a closed sink ended.
var ErrClosed = errors.New("smtpsink: closed")

// A Sink is a running server.
type Sink struct {
	opt    Options
	ln     net.Listener
	faults *dice
	ledger *ledger
	cancel context.CancelFunc
	ctx    context.Context
	wg     sync.WaitGroup

	mu    sync.Mutex
	open  map[net.Conn]struct{}
	store []Message

	messages atomic.Int64
	conns    atomic.Int64
}

// Start listens on a free port of 127.0.0.1 and serves until Close.
func Start(opt Options) (*Sink, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("smtpsink: %w", err)
	}
	led, err := openLedger(opt.Ledger)
	if err != nil {
		ln.Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sink{
		opt: opt, ln: ln, ledger: led, ctx: ctx, cancel: cancel,
		faults: newDice(opt.Faults, opt.Seed), open: map[net.Conn]struct{}{},
	}
	s.wg.Go(s.accept)
	return s, nil
}

// Addr is the address to connect to, with the port.
func (s *Sink) Addr() string { return s.ln.Addr().String() }

// Port is the port to connect to on 127.0.0.1.
func (s *Sink) Port() int { return s.ln.Addr().(*net.TCPAddr).Port }

// Count is the number of messages that were taken completely.
func (s *Sink) Count() int { return int(s.messages.Load()) }

// Conns is the number of connections that were ever accepted.
func (s *Sink) Conns() int { return int(s.conns.Load()) }

// Messages are the messages so far, the truncated ones among them; none in
// discard mode.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.store...)
}

// Close drops every connection, waits for their handlers and closes the ledger.
func (s *Sink) Close() error {
	s.cancel()
	err := s.ln.Close()
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return errors.Join(err, s.ledger.close())
}

func (s *Sink) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		if !s.enter(c) {
			c.Close()
			return
		}
		id := int(s.conns.Add(1))
		s.wg.Go(func() {
			defer s.leave(c)
			s.serve(c, id)
		})
	}
}

func (s *Sink) enter(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.open[c] = struct{}{}
	return true
}

func (s *Sink) leave(c net.Conn) {
	c.Close()
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
}

// record records a message, durably when there is a ledger.
func (s *Sink) record(m Message) error {
	if m.Complete {
		s.messages.Add(1)
	}
	if s.opt.Discard {
		return nil
	}
	s.mu.Lock()
	s.store = append(s.store, m)
	s.mu.Unlock()
	return s.ledger.append(m.Record)
}
