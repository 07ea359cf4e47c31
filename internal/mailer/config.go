// Package mailer sends prepared messages over SMTP (RFC 5321).
//
// It promises delivery's seam: a message is ended (final dot, or BDAT LAST)
// only after the caller's intent returned nil; an error before that leaves
// nothing at the server, because the connection is reset or dropped without
// the end; what the server answered is handed back with the phase it belongs
// to; and no reply after the end is told apart from every refusal (PhaseDot,
// Code 0). A transaction's failure never reaches the next reader's: the
// session is either clean again when Send returns, or Broken.
//
// The connection, TLS and AUTH are go-mail's work. The transactions are driven
// here, by hand, on its exported client's connection, because go-mail's Send
// has one deadline for everything, takes no context, and finishes a message
// whose body failed when it is closed. Messages go out as the whole bytes they
// came in, with PIPELINING (RFC 2920) and CHUNKING (RFC 3030) where the server
// offers them.
package mailer

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// TLSMode says how a connection is encrypted.
type TLSMode string

// The modes, spelt as in the configuration.
const (
	STARTTLS TLSMode = "starttls" // required: RFC 3207 on a plaintext port, refused when not offered
	Implicit TLSMode = "implicit" // TLS from the first byte (RFC 8314)
	NoTLS    TLSMode = "none"     // plaintext; not allowed with a password
)

// Config says which server to use and how. Host and one of HELO and From are
// required.
type Config struct {
	Name string // of the server, for people; "": its host
	Host string
	Port int // 0: 587 for STARTTLS, 465 for Implicit, 25 for NoTLS
	TLS  TLSMode

	Username, Password string // both empty: no AUTH

	// HELO is the name to greet the server with. Empty: the domain of From. It
	// is never the machine's name, which is nobody's business.
	HELO string
	// From is the sender's address, as in a From field.
	From string

	// RootCAs are the authorities that the server's certificate is checked
	// against; nil: the system's.
	RootCAs *x509.CertPool

	// MaxMessages is after how many messages a connection is renewed; 0: 100,
	// the lowest limit that common servers have by default (OpenSMTPD). It
	// sinks by itself when the server says that it wants fewer.
	MaxMessages int

	Timeouts Timeouts
}

// Timeouts are how long each phase may take. Zero fields get the defaults,
// which are the minima of RFC 5321 §4.5.3.2 where it gives one.
type Timeouts struct {
	Connect  time.Duration // TCP; 30 s
	Greeting time.Duration // greeting, EHLO, TLS and AUTH; 5 min
	Command  time.Duration // MAIL, RCPT, RSET: 5 min
	Data     time.Duration // DATA until its 354: 2 min
	Block    time.Duration // each MiB of the body: 3 min
	Dot      time.Duration // after the end of the message: 10 min
	Grace    time.Duration // after the end, once the context is cancelled: 30 s
	Quit     time.Duration // 5 s
	Idle     time.Duration // a connection idle for longer is asked with NOOP first; 30 s
	Follow   time.Duration // to the first message begun early: MAIL's reply, after the end's; 10 s
}

func (t Timeouts) withDefaults() Timeouts {
	or := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	or(&t.Connect, 30*time.Second)
	or(&t.Greeting, 5*time.Minute)
	or(&t.Command, 5*time.Minute)
	or(&t.Data, 2*time.Minute)
	or(&t.Block, 3*time.Minute)
	or(&t.Dot, 10*time.Minute)
	or(&t.Grace, 30*time.Second)
	or(&t.Quit, 5*time.Second)
	or(&t.Idle, 30*time.Second)
	or(&t.Follow, 10*time.Second)
	return t
}

// Errors of this package. Those of a Result or an SMTPError are wrapped in its
// Err.
var (
	ErrConfig      = errors.New("mailer: bad configuration")
	ErrNoSTARTTLS  = errors.New("the server does not offer STARTTLS")
	ErrOldTLS      = errors.New("the server offers only TLS 1.1 or older, which is not secure; it must offer TLS 1.2")
	ErrNoAuth      = errors.New("the server offers no usable AUTH mechanism")
	ErrCertificate = errors.New("the server's certificate was refused")
	ErrProtocol    = errors.New("the server breaks the SMTP protocol (RFC 5321)")
	ErrClosed      = errors.New("the SMTP connection is closed")
	ErrStale       = errors.New("the SMTP connection died while it was idle")
	ErrAddress     = errors.New("not an address that SMTP can carry")
	ErrOtherBegun  = errors.New("another message was begun on the SMTP connection")
	ErrSwallowed   = errors.New("the server loses what is pipelined after a message")
)

// A Dialer makes sessions with one server. It is safe for use by many
// goroutines; its sessions are not.
type Dialer struct {
	cfg Config
	log *slog.Logger
	// limit is the number of messages after which a session is renewed.
	limit atomic.Int32
	// holdData is set when the server answered 354 to a DATA whose recipient it
	// had refused: then DATA waits for the reply to RCPT.
	holdData atomic.Bool
	// unknownAuth holds the mechanisms of AUTH that the server offered and
	// answered 504 to.
	unknownAuth sync.Map
	// follow reports whether a message may be pipelined after another one.
	follow atomic.Int32
}

var _ delivery.Dialer = (*Dialer)(nil)

// New checks the configuration; it makes no connection. Its errors wrap
// ErrConfig and name the setting.
func New(cfg Config, log *slog.Logger) (*Dialer, error) {
	if cfg.Host == "" {
		return nil, fmt.Errorf("%w: smtp.host is empty", ErrConfig)
	}
	port, ok := map[TLSMode]int{STARTTLS: 587, Implicit: 465, NoTLS: 25}[cfg.TLS]
	if !ok {
		return nil, fmt.Errorf("%w: smtp.tls is %q, not starttls, implicit or none", ErrConfig, cfg.TLS)
	}
	if cfg.Port == 0 {
		cfg.Port = port
	}
	if cfg.Port < 1 || cfg.Port > 65535 {
		return nil, fmt.Errorf("%w: smtp.port %d is not between 1 and 65535", ErrConfig, cfg.Port)
	}
	if (cfg.Username == "") != (cfg.Password == "") {
		return nil, fmt.Errorf("%w: smtp.username and smtp.password_file go together", ErrConfig)
	}
	if cfg.Username != "" && cfg.TLS == NoTLS {
		return nil, fmt.Errorf("%w: smtp.tls none would send the password in plaintext; use starttls or implicit",
			ErrConfig)
	}
	helo, err := heloName(cfg)
	if err != nil {
		return nil, err
	}
	cfg.HELO = helo
	cfg.Name = cmp.Or(cfg.Name, cfg.Host)
	if cfg.MaxMessages <= 0 {
		cfg.MaxMessages = 100
	}
	cfg.Timeouts = cfg.Timeouts.withDefaults()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &Dialer{cfg: cfg, log: log}
	d.limit.Store(int32(min(cfg.MaxMessages, 1<<30)))
	return d, nil
}

// heloName is the name to greet with, as an A-label.
func heloName(cfg Config) (string, error) {
	name := cfg.HELO
	if name == "" {
		a, err := mail.ParseAddress(cfg.From)
		if err != nil {
			return "", fmt.Errorf("%w: no HELO name and no sender to take it from: %w", ErrConfig, err)
		}
		name = a.Address[strings.LastIndexByte(a.Address, '@')+1:]
	}
	ascii, err := asciiDomain(name)
	if err != nil {
		return "", fmt.Errorf("%w: HELO name %q: %w", ErrConfig, name, err)
	}
	return ascii, nil
}

// learnLimit remembers that the server ended a session after n messages.
func (d *Dialer) learnLimit(n int) {
	for old := d.limit.Load(); n > 0 && int32(n) < old; old = d.limit.Load() {
		if d.limit.CompareAndSwap(old, int32(n)) {
			d.log.Info("smtp server limits messages per connection", "limit", n)
			return
		}
	}
}
