// Package attest makes the proof of a send into a file that anybody can check
// without the database: what became of every recipient, in numbers, signed with a
// key that is derived from the list's secret.
//
// The package promises that a statement holds no reader's address and no id, that
// Check accepts the bytes that Sign signed and no others, and that it finds sums
// that do not add up whoever signed them. A signature shows who said it, not that
// it is true: whoever checks knows the list's public key from elsewhere.
package attest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Format names this form of a statement.
const Format = "digest proof 1"

// Errors that callers tell apart with errors.Is.
var (
	ErrNoProof   = errors.New("this is not an exported proof")
	ErrSignature = errors.New("the signature does not belong to the statement: one of the two was changed")
	ErrSums      = errors.New("the numbers do not add up")
)

// A Statement says how a send stood at a time.
type Statement struct {
	Format     string    `json:"format"`
	List       string    `json:"list"` // the sender's address
	Week       string    `json:"week"`
	State      string    `json:"state"`
	Subject    string    `json:"subject"`
	At         time.Time `json:"at"`
	Recipients int64     `json:"recipients"`
	Twice      int64     `json:"accepted_twice"`
	Problems   []string  `json:"problems"` // what keeps the proof from holding
	Versions   []Version `json:"versions"`
	Relays     []Relay   `json:"relays,omitempty"` // what each took; absent in proofs of before it was recorded
	Journal    string    `json:"journal"`          // SHA-256 over the ids of those whose message left, ascending, 8 bytes each; hex
	Program    string    `json:"program"`
}

// A Version is one form of the mail and what became of those who were to get it.
type Version struct {
	Number     int      `json:"version"`            // from 1
	SHA256     string   `json:"sha256"`             // of the frozen bytes; "" where they are not kept
	Compares   []string `json:"compares,omitempty"` // slugs, of a version for some topics; none: all of the edition
	Accepted   int64    `json:"accepted"`
	Failed     int64    `json:"failed"`
	Deferred   int64    `json:"deferred"`
	Unknown    int64    `json:"unknown"`
	Suppressed int64    `json:"suppressed"`
	Open       int64    `json:"open"` // still to be sent
}

// A Relay is a mail server and what came of those who were last tried through it.
type Relay struct {
	Name     string `json:"relay"` // "": of before it was recorded
	Accepted int64  `json:"accepted"`
	Failed   int64  `json:"failed"`
	Deferred int64  `json:"deferred"`
	Unknown  int64  `json:"unknown"`
}

// total is everybody who was to get the version.
func (v Version) total() int64 {
	return v.Accepted + v.Failed + v.Deferred + v.Unknown + v.Suppressed + v.Open
}

// ended is the state of a send of which nothing moves between one count and the next.
const ended = "sent"

// Sums fails with ErrSums when the recipients are not the sum of what became of
// them, or when of a send that has ended the relays did not take what the versions
// say.
func (s Statement) Sums() error {
	var n, accepted int64
	for _, v := range s.Versions {
		n, accepted = n+v.total(), accepted+v.Accepted
	}
	if n != s.Recipients {
		return fmt.Errorf("%w: %d recipients, and the versions come to %d", ErrSums, s.Recipients, n)
	}
	var took int64
	for _, r := range s.Relays {
		took += r.Accepted
	}
	if len(s.Relays) > 0 && s.State == ended && took != accepted {
		return fmt.Errorf("%w: %d accepted, and the relays took %d", ErrSums, accepted, took)
	}
	return nil
}

// sealed is the file.
type sealed struct {
	Statement json.RawMessage `json:"statement"`
	Key       string          `json:"key"`       // Ed25519, hex
	Signature string          `json:"signature"` // over the statement's JSON without white space between its parts; hex
}

// key is the list's signing key: derived, so that a backup has it too.
func key(secret []byte) (ed25519.PrivateKey, error) {
	seed, err := hkdf.Key(sha256.New, secret, nil, "digest exported proof, Ed25519", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Sign gives the file.
func Sign(s Statement, secret []byte) ([]byte, error) {
	k, err := key(secret)
	if err != nil {
		return nil, err
	}
	said, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(sealed{said, hex.EncodeToString(k.Public().(ed25519.PublicKey)), hex.EncodeToString(ed25519.Sign(k, said))}, "", "  ")
	return append(out, '\n'), err
}

// Check reads a file, checks signature and sums, and gives what it says and the
// public key that signed it.
func Check(file []byte) (s Statement, signer string, err error) {
	var f sealed
	var said bytes.Buffer
	if json.Unmarshal(file, &f) != nil || json.Compact(&said, f.Statement) != nil {
		return s, "", ErrNoProof
	}
	public, kerr := hex.DecodeString(f.Key)
	signature, serr := hex.DecodeString(f.Signature)
	if kerr != nil || serr != nil || len(public) != ed25519.PublicKeySize {
		return s, "", ErrNoProof
	}
	if !ed25519.Verify(public, said.Bytes(), signature) {
		return s, "", ErrSignature
	}
	if err := json.Unmarshal(f.Statement, &s); err != nil || s.Format != Format {
		return s, "", fmt.Errorf("%w in the form %q", ErrNoProof, Format)
	}
	return s, f.Key, s.Sums()
}
