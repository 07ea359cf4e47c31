package mailer

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/idleconn"
)

// session is one connection. One goroutine uses it; mu guards what the end of
// a context touches from outside.
type session struct {
	d      *Dialer
	raw    net.Conn      // the TCP connection, below TLS
	r      *bufio.Reader // of the go-mail client's Text
	w      *bufio.Writer // likewise; used under TLS, where raw must not be written
	tls    bool
	cert   *x509.Certificate // the server's, under TLS
	gather *gatherer         // under TLS
	ext    extensions

	probe *idleconn.Prober

	carried int // transactions that got a reply
	sent    int // of these the ones whose message was ended
	used    time.Time
	cmd     *commands // of the transaction at hand
	next    *commands // of the one that begun says of
	begun   int       // steps of next that left with the end of the message before it
	early   bool      // what is awaited now are the replies to those
	trial   bool      // this session finds out whether the server bears that
	buf     []byte    // what the next write sends before the body
	reply   reply
	block   [][]byte // what the next write sends after buf
	vecs    [][]byte // the array under vec
	vec     net.Buffers

	mu       sync.Mutex
	stage    stage
	done     <-chan struct{} // of the context that is watched
	stop     func() bool
	deadline time.Time
	ended    bool // the watched context has ended
	dropped  bool
}

// extensions are what the server offered after EHLO.
type extensions struct {
	pipelining, chunking, smtputf8, size bool
	maxSize                              int // of a message in bytes; 0: not said
}

// stage says what the end of a context does.
type stage uint8

const (
	dialing stage = iota // closes: go-mail sets deadlines of its own
	idle                 // nothing: Send sees it
	active               // interrupts at once
	dotted               // leaves Grace for the reply
)

var _ delivery.Session = (*session)(nil)

// past is a deadline that interrupts what is blocked.
var past = time.Unix(1, 0)

// adopt takes the TCP connection, as soon as there is one.
func (s *session) adopt(raw net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = raw
	if s.ended {
		raw.Close()
	}
}

// attach takes the greeted and authenticated client.
func (s *session) attach(c *smtp.Client) error {
	s.r, s.w = c.Text.R, c.Text.W
	state, encrypted := c.TLSConnectionState()
	if s.tls = encrypted; encrypted && len(state.PeerCertificates) > 0 {
		s.cert = state.PeerCertificates[0]
	}
	o, err := s.d.offer(c, "PIPELINING", "CHUNKING", "SMTPUTF8", "SIZE")
	if err != nil {
		return err
	}
	s.ext = extensions{pipelining: o.has("PIPELINING"), chunking: o.has("CHUNKING"), smtputf8: o.has("SMTPUTF8"), size: o.has("SIZE")}
	s.ext.maxSize, _ = strconv.Atoi(strings.TrimSpace(o["SIZE"])) // not said, or not understood: no limit
	s.used, s.probe = time.Now(), idleconn.NewProber(s.raw)
	return s.raw.SetDeadline(time.Time{})
}

// begin makes ctx the one whose end interrupts, until end is called. The
// registration is kept for the next transaction, which mostly has the same
// context.
func (s *session) begin(ctx context.Context, st stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = st
	if s.ended && st == active && s.raw != nil && ctx.Err() != nil { // it ended before anybody listened
		s.raw.SetDeadline(past)
	}
	if done := ctx.Done(); done != s.done || s.stop == nil {
		if s.stop != nil {
			s.stop()
		}
		s.done, s.ended = done, false
		s.stop = context.AfterFunc(ctx, func() { s.interrupt(done) })
	}
}

func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = idle
}

// interrupt is called when the context of done has ended.
func (s *session) interrupt(done <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != done || s.dropped {
		return
	}
	s.ended = true
	if s.raw == nil {
		return
	}
	switch s.stage {
	case dialing:
		s.raw.Close()
	case active:
		s.raw.SetDeadline(past)
	case dotted:
		if grace := time.Now().Add(s.d.cfg.Timeouts.Grace); grace.Before(s.deadline) {
			s.raw.SetDeadline(grace)
		}
	case idle:
	}
}

// within sets the deadline of what comes next.
func (s *session) within(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		if s.stage == active {
			return // interrupted already
		}
		d = min(d, s.d.cfg.Timeouts.Grace)
	}
	s.deadline = time.Now().Add(d)
	s.raw.SetDeadline(s.deadline)
}

// toDot moves to the stage where a reply may be owed to us. What the context
// says from now on only shortens the wait for it.
func (s *session) toDot() {
	s.mu.Lock()
	s.stage = dotted
	s.mu.Unlock()
	s.within(s.d.cfg.Timeouts.Dot)
}

// drop ends the connection without another word: nothing that was not written
// yet leaves, so an unfinished message stays unfinished.
func (s *session) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	s.endTrial(followUntried)
	if s.dropped || s.raw == nil {
		s.dropped = true
		return
	}
	s.dropped = true
	if t, ok := s.raw.(*net.TCPConn); ok && s.stage == active {
		t.SetLinger(0)
	}
	s.raw.Close()
}

// Close says QUIT and waits for the answer, Timeouts.Quit at most. The
// connection is closed in any case; the error says only that the goodbye was
// not heard.
func (s *session) Close() error {
	if s.gone() {
		return nil
	}
	if s.begun > 0 { // in mid-message there is no QUIT
		s.abandon()
		return nil
	}
	s.end()
	s.mu.Lock()
	s.ended = false
	s.mu.Unlock()
	s.within(s.d.cfg.Timeouts.Quit)
	s.buf = append(s.buf[:0], "QUIT\r\n"...)
	_, err := s.write(nil)
	if err == nil {
		err = s.read()
	}
	s.drop()
	if err != nil {
		return fmt.Errorf("smtp QUIT: %w", err)
	}
	return nil
}

func (s *session) gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// write sends the commands in buf and then body, in one system call on a
// plaintext connection. With an error, n is how many bytes have left for
// certain; under TLS it is all of buf or nothing.
func (s *session) write(body [][]byte) (n int, err error) {
	if s.tls {
		return s.writeTLS(body)
	}
	if len(body) == 0 {
		return s.raw.Write(s.buf)
	}
	s.vecs = s.vecs[:0]
	if len(s.buf) > 0 {
		s.vecs = append(s.vecs, s.buf)
	}
	s.vecs = append(s.vecs, body...)
	s.vec = s.vecs // WriteTo eats it
	n64, err := s.vec.WriteTo(s.raw)
	return int(n64), err
}

func (s *session) writeTLS(body [][]byte) (n int, err error) {
	s.gather.hold()
	head, err := s.encrypt(body)
	err = errors.Join(err, s.gather.release())
	if head > 0 && s.gather.sent >= head {
		n = len(s.buf)
	}
	return n, err
}

// encrypt hands buf and body to TLS; head is how many bytes buf has become.
func (s *session) encrypt(body [][]byte) (head int, err error) {
	if _, err := s.w.Write(s.buf); err != nil {
		return 0, err
	}
	if err := s.w.Flush(); err != nil {
		return 0, err
	}
	head = s.gather.taken()
	for _, p := range body {
		if _, err := s.w.Write(p); err != nil {
			return head, err
		}
	}
	return head, s.w.Flush()
}

// ioError words an error of the connection; the context's end goes first.
func (s *session) ioError(ctx context.Context, err error) error {
	var rec tls.RecordHeaderError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the server is silent: %w", err)
	case errors.As(err, &rec):
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return fmt.Errorf("connection lost: %w", err)
}
