// Package message owns the frozen mail: one edition's MIME message, encoded
// once and cut at the places where readers differ, and the splice that turns
// it into one reader's complete RFC 5322 message.
//
// The package promises of every message that leaves it:
//
//   - It is pure ASCII with CRLF line ends, no line starts with "." (so SMTP
//     needs no dot-stuffing, RFC 5321 §4.5.2), body lines have at most 76
//     characters (RFC 2045 §6.7), and header lines are folded at 76 wherever
//     they can be.
//   - Whatever a reader's name, address or token holds, it stays inside its
//     field: values are encoded for where they stand (header, text, HTML), and
//     no value adds a header, a part or markup.
//   - The same frozen bytes and the same reader give the same message, on
//     every retry and after a restart; frozen bytes hold no secret and no
//     reader's data.
//   - A splice allocates nothing when the destination has room.
//   - A signature (DKIM, RFC 6376 and RFC 8463) covers both List-Unsubscribe
//     fields, as RFC 8058 §4 demands, and verifies with any implementation.
package message

import (
	"errors"
	"fmt"

	"verdicts.example/digest/internal/mergefield"
)

// Sentinels of this package.
var (
	// ErrDraft is a draft that cannot become a mail; the message names the field.
	ErrDraft = errors.New("the mail cannot be built")
	// ErrReader is a reader whom no message can be made for.
	ErrReader = errors.New("no message can be made for this reader")
	// ErrFrozen is stored bytes that are not a frozen mail of a known version.
	ErrFrozen = errors.New("the frozen mail cannot be read")
	// ErrKey is a DKIM key, domain or selector that cannot be used.
	ErrKey = errors.New("the DKIM key cannot be used")
)

// A Reader is what one reader's message differs by.
type Reader struct {
	ID        int64
	Email     string // as it is mailed: ASCII, dot-atom local part, A-label domain
	Name      string // UTF-8, may be empty
	Token     string // unsubscribe token, URL-safe base64
	Leave     string // tag of the unsubscribe address; see Tagger.LeaveTag
	MessageID string // without angle brackets; see Tagger.MessageID
	Links     mergefield.Links
	Changes   []string // lines on what changed in what the reader saved, UTF-8
}

// Fields are the reader's values as a body shows them.
func (r *Reader) Fields() mergefield.Values {
	return mergefield.Values{Token: r.token(), Email: r.Email, Name: Clean(r.Name), Links: r.Links, Changes: r.Changes}
}

// Check says why no message can be made for the reader. It wraps ErrReader and
// names the field, never its value.
func (r *Reader) Check() error {
	switch {
	case !validAddress(r.Email):
		return fmt.Errorf("%w: the address is not a plain ASCII one of at most 254 characters", ErrReader)
	case !validMessageID(r.MessageID):
		return fmt.Errorf("%w: the Message-ID is missing or malformed", ErrReader)
	case r.Token != "" && !validToken(r.Token):
		return fmt.Errorf("%w: the unsubscribe token is not URL-safe or is too long", ErrReader)
	case r.Leave != "" && r.leave() == "":
		return fmt.Errorf("%w: the tag of the unsubscribe address is malformed or too long", ErrReader)
	}
	for o := opVote; o <= opPreferences; o++ {
		if t := r.link(o); t != "" && !validToken(t) {
			return fmt.Errorf("%w: a link's token is not URL-safe or is too long", ErrReader)
		}
	}
	return nil
}

// link is the token of a link of the body.
func (r *Reader) link(o op) string {
	switch o {
	case opVote:
		return r.Links.Vote
	case opSave:
		return r.Links.Save
	case opSaved:
		return r.Links.Saved
	default:
		return r.Links.Preferences
	}
}

// maxMessageID has room for the longest domain and stays within what mail
// stores index, in characters.
const maxMessageID = 300

func validMessageID(s string) bool {
	at := -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '@' && at < 0 && i > 0:
			at = i
		case !isAtext(c) && c != '.':
			return false
		}
	}
	return at > 0 && at < len(s)-1 && len(s) <= maxMessageID
}

// maxToken keeps a List-Unsubscribe field within its line, in characters.
const maxToken = 128

func validToken(s string) bool {
	return s != "" && len(s) <= maxToken && allUnreserved(s)
}

// token is what a link carries: nothing rather than a token that is too long
// for a header line.
func (r *Reader) token() string {
	if len(r.Token) > maxToken {
		return ""
	}
	return r.Token
}

// leave is the tag in the unsubscribe address: nothing rather than one that
// cannot stand in a local part.
func (r *Reader) leave() string {
	if !validToken(r.Leave) || len(r.Leave) > nameLen {
		return ""
	}
	return r.Leave
}
