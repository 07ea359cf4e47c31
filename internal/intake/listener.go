package intake

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/idna"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/smtpd"
)

// Limits of the listener.
const (
	MaxMessage     = 50 << 20 // bytes; a larger one is refused at MAIL, or when it gets there
	maxHeld        = 64 << 20 // bytes of all mails that are under way
	maxConnections = 100
	maxPerAddress  = 20
	maxLine        = 1 << 20 // some gateways return a page of HTML in one line
	maxRcpt        = 100     // RFC 5321 §4.5.3.1.8
	idleTime       = 5 * time.Minute
	lifetime       = 30 * time.Minute
	graceTime      = 2 * time.Second
)

// A Listener takes mail to a bounce domain by LMTP and SMTP, on one address.
type Listener struct {
	Domain string // the bounce domain, in ASCII
	Tags   Addresses
	Taker  Taker
	Log    *slog.Logger

	held atomic.Int64   // bytes of mails that are under way
	busy sync.WaitGroup // go-smtp does not wait for what BDAT brings
}

// Serve takes mail on ln until ctx ends, and what is under way then.
func (l *Listener) Serve(ctx context.Context, ln net.Listener) error {
	lasting := context.WithoutCancel(ctx)
	backend := smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{l: l, ctx: lasting}, nil })
	err := smtpd.Serve(ctx, ln, backend, smtpd.Options{
		Domain: l.Domain, MaxBytes: MaxMessage, MaxRcpt: maxRcpt, MaxLine: maxLine,
		Connections: maxConnections, PerAddress: maxPerAddress,
		Lifetime: lifetime, Idle: idleTime, Grace: graceTime, LMTP: true, Log: l.Log,
	})
	l.busy.Wait()
	return err
}

// answers reports whether mail to a local part of the domain is read by
// somebody: what the list has made, and the names that reports and people use.
func (l *Listener) answers(address, local string) bool {
	switch strings.ToLower(local) {
	case "unsubscribe", "postmaster", "abuse", "dmarc", "fbl":
		return true
	}
	_, _, verp := l.Tags.ParseVERP(address)
	_, _, notice := l.Tags.ParseNotice(address)
	_, _, leave := l.Tags.ParseLeave(address)
	return verp || notice || leave
}

// A session is one connection's transaction.
type session struct {
	l   *Listener
	ctx context.Context
	to  []string
}

var _ smtp.Session = (*session)(nil)

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

// Mail takes every sender: a bounce has none.
func (s *session) Mail(string, *smtp.MailOptions) error {
	s.to = nil
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	at := max(strings.LastIndexByte(to, '@'), 0)
	local, domain := to[:at], strings.TrimPrefix(to[at:], "@")
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = ascii
	}
	switch {
	case !strings.EqualFold(domain, s.l.Domain):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "this server takes mail to " + s.l.Domain + " and relays none"}
	case !s.l.answers(to, local):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "this list has made no such address"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes a mail for each of its recipients; go-smtp's errors of r (too
// large, connection lost) go back as they are, and leave nothing.
func (s *session) Data(r io.Reader) error {
	s.l.busy.Add(1)
	defer s.l.busy.Done()
	raw, held, err := s.l.body(r)
	defer s.l.held.Add(-held)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, takeTime)
	defer cancel()
	for _, to := range s.to {
		taken, err := s.l.Taker.Take(ctx, raw, to)
		if err != nil {
			s.l.Log.Error("a returned message could not be recorded; its server was told to try again", "error", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the mail cannot be recorded now, try again later"}
		}
		told(s.l.Log, "smtp", taken)
	}
	return nil
}

// told logs what was done with a mail; without an address.
func told(log *slog.Logger, way string, t inbound.Taken) {
	attrs := []any{"way", way, "kind", string(t.Report.Kind), "outcome", string(t.Outcome)}
	if t.Week != "" {
		attrs = append(attrs, "week", t.Week)
	}
	if t.Why != "" {
		attrs = append(attrs, "why", t.Why)
	}
	log.Info("mail came back", attrs...)
}

// body reads a mail. What is never looked at is not kept, and what all sessions
// keep is bounded: held is this one's part.
func (l *Listener) body(r io.Reader) (raw []byte, held int64, err error) {
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		if room := inbound.MaxMail - len(raw); n > 0 && room > 0 {
			keep := chunk[:min(n, room)]
			held += int64(len(keep))
			if l.held.Add(int64(len(keep))) > maxHeld {
				return nil, held, &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "too much mail at once, try again later"}
			}
			raw = append(raw, keep...)
		}
		if errors.Is(err, io.EOF) {
			return raw, held, nil
		}
		if err != nil {
			return nil, held, err
		}
	}
}
