package message

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// A signature is one key's DKIM-Signature field, laid out once: time, body
// hash and signature have a fixed length and are filled in where they stand.
type signature struct {
	key   *PrivateKey
	field []byte
	time  int // where the digits of t= start
	body  int // where the base64 of bh= starts
	value int // where the base64 of b= starts: all before it is signed
}

const (
	timeDigits = 10 // of Unix seconds, until the year 2286
	valueLine  = 72 // characters of b= a line
)

// newSignature lays the field out (RFC 6376 §3.5). b= comes last, so that what
// is signed is the field up to its value.
func newSignature(k DKIMKey, names []string) (signature, error) {
	m := signature{key: k.Key}
	w := headerWriter{}
	w.ascii("DKIM-Signature: v=1; a=" + string(k.Key.Kind()) + "-sha256; c=relaxed/relaxed;")
	for _, tag := range []string{"d=" + k.Domain + ";", "s=" + k.Selector + ";"} {
		w.space(len(tag))
		w.ascii(tag)
	}
	w.space(len("t=;") + timeDigits)
	w.ascii("t=")
	m.time = len(w.dst)
	w.ascii(strings.Repeat("0", timeDigits) + ";")
	w.fold()
	w.names(names)
	w.fold()
	w.ascii("bh=")
	m.body = len(w.dst)
	w.ascii(strings.Repeat("A", base64Of(sha256.Size)) + ";")
	w.fold()
	w.ascii("b=")
	m.value = len(w.dst)
	size, err := k.Key.signatureSize()
	if err != nil {
		return m, err
	}
	for n := base64Of(size); n > 0; n -= valueLine {
		w.ascii(strings.Repeat("A", min(n, valueLine)))
		if n > valueLine {
			w.fold()
		}
	}
	m.field = append(w.dst, '\r', '\n')
	return m, nil
}

// names writes h=, folded after colons (RFC 6376 §3.5).
func (w *headerWriter) names(names []string) {
	w.ascii("h=")
	for i, name := range names {
		if w.col+len(name)+len(":") > headerLine {
			w.fold()
		}
		w.ascii(name)
		if i < len(names)-1 {
			w.byte(':')
		}
	}
	w.byte(';')
}

// describe fills in the time (Unix seconds) and the body's hash.
func (m *signature) describe(field []byte, now int64, bodyHash []byte) {
	for i := m.time + timeDigits - 1; i >= m.time; i-- {
		field[i] = byte('0' + now%10)
		now /= 10
	}
	base64.StdEncoding.Encode(field[m.body:], bodyHash)
}

// sign fills in the signature of headHash.
func (m *signature) sign(field, headHash []byte) error {
	sig, err := m.key.sign(headHash)
	if err != nil {
		return err
	}
	var buf [1024]byte
	encoded := base64.StdEncoding.AppendEncode(buf[:0], sig)
	for to := field[m.value:]; len(encoded) > 0; {
		n := copy(to[:min(valueLine, len(encoded))], encoded)
		encoded = encoded[n:]
		to = to[min(n+len("\r\n "), len(to)):]
	}
	return nil
}

// sign signs a SHA-256 sum: RSASSA-PKCS1-v1_5 (RFC 6376 §3.3.2), or PureEdDSA
// over the sum (RFC 8463 §3).
func (k *PrivateKey) sign(sum []byte) ([]byte, error) {
	switch key := k.signer.(type) {
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum)
	case ed25519.PrivateKey:
		return ed25519.Sign(key, sum), nil
	}
	return nil, fmt.Errorf("%w: it is a %T", ErrKey, k.signer)
}

// signatureSize is a signature's length in bytes.
func (k *PrivateKey) signatureSize() (int, error) {
	sig, err := k.sign(bytes.Repeat([]byte{1}, sha256.Size))
	if err != nil {
		return 0, fmt.Errorf("%w: it does not sign: %w", ErrKey, err)
	}
	return len(sig), nil
}
