package subscribers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// TokenBytes is a token's length: 128 random bits.
const TokenBytes = 16

// A Token names a subscriber in links. Whoever has it may unsubscribe them.
type Token [TokenBytes]byte

// NewToken gives a fresh random token.
func NewToken() Token {
	var t Token
	rand.Read(t[:]) // never fails (crypto/rand)
	return t
}

// ParseToken reads a token's text form; every other form is ErrNotFound, so
// that a malformed token looks like an unknown one.
func ParseToken(s string) (Token, error) {
	var t Token
	if b, err := base64.RawURLEncoding.Strict().DecodeString(s); err != nil || len(b) != TokenBytes {
		return Token{}, ErrNotFound
	} else {
		copy(t[:], b)
	}
	return t, nil
}

// String is the token's text form: 22 characters of URL-safe base64 (RFC 4648 §5).
func (t Token) String() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Hash is what is stored of a confirmation link's token, so that a copy of the
// database confirms nobody.
func (t Token) Hash() [32]byte { return sha256.Sum256(t[:]) }
