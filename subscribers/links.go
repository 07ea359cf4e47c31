package subscribers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
)

// A Purpose is the one thing that a link in a mail may do. Mails are forwarded:
// whoever has a link may do what it says and no more, so that a link to vote is
// no link to leave.
type Purpose string

// The purposes of the links in a digest. To leave is none of them: it has the
// subscriber's own Token, so that the links of mails sent long ago work for ever,
// also after a move to another database.
const (
	PurposeVote        Purpose = "vote"
	PurposeSave        Purpose = "save"
	PurposeSaved       Purpose = "saved"       // shows what is saved
	PurposePreferences Purpose = "preferences" // topics and pause
)

// linkBytes is a link token's length: a MAC of 128 bits and a masked number.
const (
	macBytes  = 16
	linkBytes = macBytes + 8
)

// Links makes and reads the tokens of links in mails. They are derived from the
// database's secret, never from another token, and nothing is stored of them.
type Links struct{ key []byte }

// NewLinks gives the links of a database, from its secret.
func NewLinks(secret []byte) Links {
	return Links{derive(secret, "links in mails")}
}

// Token is a subscriber's token for a purpose: 32 characters of URL-safe base64.
// The number in it is masked, so that it does not tell how long the list is.
func (l Links) Token(p Purpose, id int64) string { return l.Linker().Token(p, id) }

// A Linker makes many tokens, each without setting up the hash anew. It is for
// one goroutine.
type Linker struct {
	h       hash.Hash
	in, out []byte
}

// Linker gives a linker of these links.
func (l Links) Linker() *Linker { return &Linker{h: hmac.New(sha256.New, l.key)} }

// Token is Links.Token.
func (l *Linker) Token(p Purpose, id int64) string {
	var b [linkBytes]byte
	mac, number := b[:macBytes], b[macBytes:]
	binary.BigEndian.PutUint64(number, uint64(id)) // the bits are what counts
	copy(mac, l.mac(p, number))
	l.mask(mac, number)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Subscriber reads whose token for this purpose it is; everything else is
// ErrNotFound. Whoever was erased, or never was, the store knows.
func (l Links) Subscriber(p Purpose, token string) (int64, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != linkBytes || len(l.key) == 0 {
		return 0, ErrNotFound
	}
	mac, number, k := b[:macBytes], b[macBytes:], l.Linker()
	k.mask(mac, number)
	if !hmac.Equal(mac, k.mac(p, number)) {
		return 0, ErrNotFound
	}
	return int64(binary.BigEndian.Uint64(number)), nil // the bits are what counts
}

// mac is valid until the next call.
func (l *Linker) mac(p Purpose, number []byte) []byte {
	l.in = append(append(append(append(l.in[:0], "token\x00"...), p...), 0), number...)
	return l.sum()[:macBytes]
}

// mask puts the mask of a MAC on a number, or takes it off.
func (l *Linker) mask(mac, number []byte) {
	l.in = append(append(l.in[:0], "mask\x00"...), mac...)
	for i, m := range l.sum()[:len(number)] {
		number[i] ^= m
	}
}

func (l *Linker) sum() []byte {
	l.h.Reset()
	l.h.Write(l.in) // never fails (hash.Hash)
	l.out = l.h.Sum(l.out[:0])
	return l.out
}

func derive(key []byte, what string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(what)) // never fails (hash.Hash)
	return h.Sum(nil)
}
