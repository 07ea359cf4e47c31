// Package editors owns who may work at the desk in serve: the editors of the
// settings, the links that log them in, their sessions, and the links with which
// a reviewer may look at one edition.
//
// The package promises: there are no passwords; a link that logs in goes to an
// editor's own mailbox, is good for a quarter of an hour and works once; a
// session ends after 30 days, when its editor ends it, and at once when their
// address is no longer among the editors; of every link and session only a hash
// is kept, so that a copy of the database opens nothing; a reviewer's link lets
// nobody change anything and ends with its edition; and asking for a link says
// nothing, neither by its answer nor by its time, about who the editors are.
package editors

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"verdicts.example/digest/internal/edition"
)

// How long links and sessions are good for.
const (
	LinkFor    = 15 * time.Minute
	SessionFor = 30 * 24 * time.Hour
	// SeenEvery is how exact it is kept when a session was seen last.
	SeenEvery = 10 * time.Minute
)

// How many links an editor is mailed: AskMost in AskEvery. An ask that was not
// mailed within AskStale is not mailed any more.
const (
	AskMost  = 5
	AskEvery = time.Hour
	AskStale = time.Hour
)

// MayAsk is nil when an editor who was mailed this many links in the last AskEvery
// may be mailed another: else ErrLimited.
func MayAsk(lately int) error {
	if lately >= AskMost {
		return ErrLimited
	}
	return nil
}

// Stale reports whether a link that was asked for then is not mailed any more.
func Stale(asked, at time.Time) bool { return at.Sub(asked) > AskStale }

// Errors that callers tell apart with errors.Is.
var (
	ErrNotFound = errors.New("there is no such link or session")
	ErrUsed     = errors.New("this link has been used; it works once")
	ErrExpired  = errors.New("this link is more than 15 minutes old")
	ErrOver     = errors.New("this link has ended")
	ErrLimited  = errors.New("too many links were asked for")
	ErrBusy     = errors.New("too many links are asked for at once")
)

// tokenBytes is a token's length: 256 random bits.
const tokenBytes = 32

// A Token opens a link or is a session's cookie. It is never stored.
type Token [tokenBytes]byte

// A Hash is what is stored of a token.
type Hash [sha256.Size]byte

// NewToken gives a fresh random token.
func NewToken() Token {
	var t Token
	rand.Read(t[:]) // never fails (crypto/rand)
	return t
}

// ParseToken reads a token's text form; every other form is ErrNotFound.
func ParseToken(s string) (Token, error) {
	var t Token
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != tokenBytes {
		return t, ErrNotFound
	}
	copy(t[:], b)
	return t, nil
}

// String is the token's text form: 43 characters of URL-safe base64 (RFC 4648 §5).
func (t Token) String() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Hash is what is stored of it.
func (t Token) Hash() Hash { return sha256.Sum256(t[:]) }

// A Roster is who the editors are.
type Roster []string

// NewRoster reads the editors of the settings: "ada@example.org" or "Ada
// <ada@example.org>".
func NewRoster(settings []string) Roster {
	var r Roster
	for _, s := range settings {
		if a, err := mail.ParseAddress(s); err == nil {
			r = append(r, a.Address)
		}
	}
	return r
}

// Find gives an editor's address as the settings have it; ok is false for
// whoever is no editor. Letters' case does not matter.
func (r Roster) Find(address string) (editor string, ok bool) {
	address = strings.TrimSpace(address)
	i := slices.IndexFunc(r, func(e string) bool { return strings.EqualFold(e, address) })
	if i < 0 {
		return "", false
	}
	return r[i], true
}

// A Link logs an editor in.
type Link struct {
	Editor    string
	Next      string // the desk's page that was asked for; "" for its first
	ExpiresAt time.Time
	UsedAt    time.Time // zero: not yet
}

// Check fails with ErrUsed or ErrExpired when the link logs nobody in any more.
func (l Link) Check(at time.Time) error {
	switch {
	case !l.UsedAt.IsZero():
		return ErrUsed
	case !at.Before(l.ExpiresAt):
		return ErrExpired
	}
	return nil
}

// A Session is a browser that an editor logged in with.
type Session struct {
	ID        int64
	Editor    string
	Browser   string // what it calls itself
	BeganAt   time.Time
	SeenAt    time.Time // about: see SeenEvery
	ExpiresAt time.Time
}

// Check fails with ErrOver when the session has ended, also because its editor
// is none any more.
func (s Session) Check(r Roster, at time.Time) error {
	if _, ok := r.Find(s.Editor); !ok || !at.Before(s.ExpiresAt) {
		return ErrOver
	}
	return nil
}

// A Share is a link with which a reviewer may look at one edition.
type Share struct {
	ID      int64
	Week    edition.Week
	By      string // the editor who made it
	MadeAt  time.Time
	EndedAt time.Time // zero: it was not ended by hand
	EndedBy string
}

// Check fails with ErrOver when the link has ended: by hand, or with its edition.
func (s Share) Check(state edition.State) error {
	switch state {
	case edition.Sent, edition.Cancelled, edition.Skipped, edition.Missed:
		return ErrOver
	}
	if !s.EndedAt.IsZero() {
		return ErrOver
	}
	return nil
}
