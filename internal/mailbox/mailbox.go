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

	"verdicts.example/digest/internal/smtpd"
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
	m.stored.Store(int64(n))
	ctx, m.stop = context.WithCancel(ctx)
	backend := smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{m: m}, nil })
	m.wg.Go(func() {
		if err := smtpd.Serve(ctx, ln, backend, m.options()); err != nil {
			log.Error("mailbox stopped", "err", err)
		}
	})
	return m, nil
}

func (m *Mailbox) options() smtpd.Options {
	return smtpd.Options{
		Domain: "mailbox.localhost", MaxBytes: MaxMessageBytes, MaxRcpt: MaxRecipients,
		Idle: 5 * time.Minute, Grace: grace, Log: m.log,
	}
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
