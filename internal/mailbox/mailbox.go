// Package mailbox is the built-in mail server of a first run: an SMTP server on
// loopback that keeps what it is sent in a folder, and pages that show it.
//
// It promises: it listens on 127.0.0.1 only and forwards nothing; a message is
// synced to the disk before its 250 leaves, whole or not at all (written in
// tmp, renamed into new); nothing is ever deleted: a full mailbox refuses
// further messages with 452 and says how to empty it. The folder may be written
// by several processes at once and read by others. Hostile mail is shown
// harmless: its HTML runs no script, loads nothing, and is kept apart from the
// pages by a sandbox; parsing is bounded and never fails a page.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// Limits of the mailbox.
const (
	MaxMessageBytes = 25 << 20
	MaxRecipients   = 100 // a message (RFC 5321 §4.5.3.1.8)
	MaxMessages     = 50_000
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("mailbox: no such message")
	ErrFull     = errors.New("mailbox: full")
)

// A Mailbox is a running server.
type Mailbox struct {
	dir    string
	max    int64 // MaxMessages
	addr   *net.TCPAddr
	srv    *smtp.Server
	ln     *listener
	log    *slog.Logger
	stored atomic.Int64 // messages in the folder, as far as this process knows
	wg     sync.WaitGroup
	// writing counts stores under way: go-smtp does not wait for those of BDAT.
	writing sync.WaitGroup
	stop    context.CancelFunc
}

// grace is how long the end waits for clients that are still connected.
const grace = time.Second

// Start makes the folder where it is missing (0700) and serves on a free port
// of 127.0.0.1 until ctx ends or Close is called.
func Start(ctx context.Context, dir string, log *slog.Logger) (*Mailbox, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	n, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	m := &Mailbox{dir: dir, max: MaxMessages, addr: ln.Addr().(*net.TCPAddr), log: log}
	m.ln = &listener{Listener: ln, open: map[net.Conn]struct{}{}}
	m.stored.Store(int64(n))
	m.srv = m.server()
	ctx, m.stop = context.WithCancel(ctx)
	m.wg.Go(func() {
		if err := m.srv.Serve(m.ln); err != nil && !errors.Is(err, smtp.ErrServerClosed) && ctx.Err() == nil {
			log.Error("mailbox stopped", "err", err)
		}
	})
	m.wg.Go(func() { <-ctx.Done(); m.shutdown() })
	return m, nil
}

func (m *Mailbox) server() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{m: m}, nil }))
	s.Domain = "mailbox.localhost"
	s.MaxMessageBytes, s.MaxRecipients = MaxMessageBytes, MaxRecipients
	s.ReadTimeout, s.WriteTimeout = 5*time.Minute, time.Minute // RFC 5321 §4.5.3.2.7
	s.EnableSMTPUTF8 = true
	s.ErrorLog = slog.NewLogLogger(m.log.Handler(), slog.LevelWarn)
	return s
}

// Addr is where the server listens, as host:port.
func (m *Mailbox) Addr() string { return m.addr.String() }

// Host and Port are Addr's parts.
func (m *Mailbox) Host() string { return m.addr.IP.String() }

// Port is the TCP port on Host.
func (m *Mailbox) Port() int { return m.addr.Port }

// Close stops the server and returns when all is stopped. Clients that are
// connected have a second to finish: whoever sends is to be stopped first.
func (m *Mailbox) Close() error {
	m.stop()
	m.wg.Wait()
	m.writing.Wait()
	return nil
}

func (m *Mailbox) shutdown() {
	m.ln.Close() // Shutdown alone misses it when Serve has not begun
	t := time.AfterFunc(grace, m.ln.closeConns)
	defer t.Stop()
	_ = m.srv.Shutdown(context.Background()) // says only that the listener was closed before
}

// listener remembers its connections, because go-smtp's server can't both wait
// for them and close what is left.
type listener struct {
	net.Listener
	mu   sync.Mutex
	open map[net.Conn]struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	tc := &tracked{c, l}
	l.open[tc] = struct{}{}
	return tc, nil
}

func (l *listener) closeConns() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		c.(*tracked).Conn.Close()
	}
}

type tracked struct {
	net.Conn
	l *listener
}

func (c *tracked) Close() error {
	c.l.mu.Lock()
	delete(c.l.open, c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// session is one connection's transaction.
type session struct {
	m    *Mailbox
	from string
	to   []string
}

var _ smtp.Session = (*session)(nil)

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.Reset()
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data stores the message; go-smtp's errors of r (too big, connection lost)
// go back as they are, and leave nothing.
func (s *session) Data(r io.Reader) error {
	s.m.writing.Add(1)
	defer s.m.writing.Done()
	err := s.m.store(s.from, s.to, r)
	var refusal *smtp.SMTPError
	switch {
	case err == nil || errors.As(err, &refusal):
		return err
	case errors.Is(err, ErrFull):
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: err.Error()}
	default:
		s.m.log.Error("mailbox cannot store a message", "err", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the mailbox cannot store the message"}
	}
}
