package delivery

import (
	"context"
	"fmt"
)

// A Dialer makes SMTP connections, greeted, encrypted and authenticated.
type Dialer interface {
	// Dial fails with an *SMTPError when the server answered (535, 421, ...)
	// and with any other error when it could not be reached. One that has no room
	// for another session now waits for it, or fails with ErrNoRoom; see WithoutWaiting.
	Dial(ctx context.Context) (Session, error)
}

type withoutWaiting struct{}

// WithoutWaiting is for who must not wait for room: a sender's worker has a reader in
// its hand, for whom those who have sessions may be waiting.
func WithoutWaiting(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutWaiting{}, true)
}

// MayWait reports whether a Dial may wait for room.
func MayWait(ctx context.Context) bool { return ctx.Value(withoutWaiting{}) == nil }

// A Session is one SMTP connection, used by one worker at a time.
type Session interface {
	// Send runs one mail transaction (RFC 5321 §3.3). When MAIL, RCPT and DATA
	// (or BDAT) were accepted and everything but the end of the message is on
	// its way, it calls intend; only when that returns no error does it end the
	// message, so that a durable intent precedes every message that a server
	// can take. When intend fails, the message is not ended and Send returns
	// that error in Result.Err with Phase PhaseIntent.
	//
	// Intend may give the mail that follows on this session. The session may
	// begin it in the write that ends this one (RFC 2920 §3.1), which spares a
	// round trip; the next Send must then be for it, or the connection is
	// dropped. Nothing of it counts before that Send says so.
	//
	// After Send the session is ready for the next transaction unless
	// Result.Broken, in which case the connection has been dropped.
	Send(ctx context.Context, m Mail, intend func() (follow *Mail, err error)) Result
	// Close ends the session politely (QUIT) within a short deadline.
	Close() error
	// Relay names the server.
	Relay() string
}

// A Mail is one reader's message and where it goes. The envelope tells it from
// every other mail of a send.
type Mail struct {
	Envelope
	Message
}

// A Message is one reader's whole message (RFC 5322) with CRLF line ends, the
// last line's too, in pieces that are sent one after the other. Pieces may be
// shared between messages: nobody changes them.
type Message struct {
	Pieces  [][]byte
	DotSafe bool // no line starts with ".": nothing to stuff (RFC 5321 §4.5.2)
}

// Whole is a message in one piece, of which nothing else is known.
func Whole(msg []byte) Message { return Message{Pieces: [][]byte{msg}} }

// Len is the message's length in bytes.
func (m Message) Len() int {
	n := 0
	for _, p := range m.Pieces {
		n += len(p)
	}
	return n
}

// An Envelope is where a message goes and where its bounces go.
type Envelope struct {
	From string // envelope sender (VERP)
	To   string
}

// Phase is the point in the SMTP dialogue that gave a Result.
type Phase uint8

// The phases, in order. What fails before PhaseDot was not taken by the server.
const (
	PhaseConnect Phase = iota
	PhaseTLS
	PhaseAuth
	PhaseMail
	PhaseRcpt
	PhaseData
	PhaseBody
	PhaseIntent
	PhaseDot // the end of the message was written, or may have been
)

// A Result is what one transaction came to. Code is 0 when no reply was read;
// then Err says why.
type Result struct {
	Phase    Phase
	Code     int    // SMTP reply code (RFC 5321 §4.2), 0 = no reply
	Enhanced string // enhanced status code (RFC 3463), "" when the server gave none
	Text     string // the reply's text without codes, lines joined by a space
	Err      error  // I/O or context error; nil when a reply was read
	Broken   bool   // the connection is gone
	Carried  int    // earlier transactions of the session that its server answered; 0: a fresh one

	Relay string // the server's name
	// Elsewhere: the refusal may be this relay's alone, and another one serves.
	Elsewhere bool
}

// Accepted reports whether the server took the message.
func (r Result) Accepted() bool { return r.Phase == PhaseDot && r.Code/100 == 2 }

// An SMTPError is a refusal before any transaction: at the greeting, at EHLO,
// STARTTLS or AUTH. The policy errors of TLS (no STARTTLS offered, a
// certificate that does not verify) are SMTPErrors of PhaseTLS with Code 0.
type SMTPError struct{ Result }

func (e *SMTPError) Error() string {
	if e.Code == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%d %s %s", e.Code, e.Enhanced, e.Text)
}

// Unwrap gives the underlying error, if any.
func (e *SMTPError) Unwrap() error { return e.Err }
