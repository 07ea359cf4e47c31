package message

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
)

// KeyKind is a DKIM signature algorithm.
type KeyKind string

// The algorithms: RSA is what every verifier knows; Ed25519 (RFC 8463) is 40
// times faster but known to few, so it is for a second signature.
const (
	RSA     KeyKind = "rsa"
	Ed25519 KeyKind = "ed25519"
)

// RSA key lengths in bits (RFC 8301 §3.2).
const (
	rsaMin  = 1024 // verifiers ignore shorter keys
	rsaGood = 2048 // what signers should use
)

// A PrivateKey signs mails.
type PrivateKey struct{ signer crypto.Signer }

// GenerateKey makes a key: RSA with 2048 bits, or Ed25519.
func GenerateKey(kind KeyKind) (*PrivateKey, error) {
	switch kind {
	case RSA:
		k, err := rsa.GenerateKey(rand.Reader, rsaGood)
		if err != nil {
			return nil, fmt.Errorf("generate an RSA key: %w", err)
		}
		return &PrivateKey{k}, nil
	case Ed25519:
		_, k, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("generate an Ed25519 key: %w", err)
		}
		return &PrivateKey{k}, nil
	}
	return nil, fmt.Errorf("%w: there is no kind %q; use %q or %q", ErrKey, kind, RSA, Ed25519)
}

// ParseKey reads a private key in PEM: PKCS #8, or PKCS #1 as opendkim-genkey
// writes it. Errors wrap ErrKey and never show key material.
func ParseKey(data []byte) (*PrivateKey, error) {
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return nil, fmt.Errorf("%w: no private key in PEM form; it starts with -----BEGIN PRIVATE KEY-----", ErrKey)
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return parseBlock(block)
		}
		data = rest
	}
}

func parseBlock(block *pem.Block) (*PrivateKey, error) {
	var key any
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, fmt.Errorf("%w: it is encrypted with a passphrase; store it decrypted with mode 0600", ErrKey)
	case block.Type == "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("%w: it is a %s; DKIM uses RSA and Ed25519", ErrKey, block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the PEM block does not hold a valid key: %w", ErrKey, err)
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if bits := k.N.BitLen(); bits < rsaMin {
			return nil, fmt.Errorf("%w: RSA with %d bits is ignored by receivers; generate one with %d", ErrKey, bits, rsaGood)
		}
		k.Precompute()
		return &PrivateKey{k}, nil
	case ed25519.PrivateKey:
		return &PrivateKey{k}, nil
	}
	return nil, fmt.Errorf("%w: it is a %T; DKIM uses RSA and Ed25519", ErrKey, key)
}

// Kind is the key's algorithm.
func (k *PrivateKey) Kind() KeyKind {
	if _, ok := k.signer.(*rsa.PrivateKey); ok {
		return RSA
	}
	return Ed25519
}

// Warning says why the key should be replaced; "" when it need not be.
func (k *PrivateKey) Warning() string {
	if r, ok := k.signer.(*rsa.PrivateKey); ok && r.N.BitLen() < rsaGood {
		return fmt.Sprintf("the DKIM key is RSA with %d bits; RFC 8301 asks for %d: generate a new one under a new selector",
			r.N.BitLen(), rsaGood)
	}
	return ""
}

// PEM is the key in PKCS #8, to be stored with mode 0600.
func (k *PrivateKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("encode the DKIM key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// dnsString is the longest string of a TXT record, in bytes (RFC 1035 §3.3.14).
const dnsString = 255

// DNSRecord gives the strings of the TXT record at SELECTOR._domainkey.DOMAIN
// (RFC 6376 §3.6.1); joined without a separator they are the record's value.
func DNSRecord(k *PrivateKey) ([]string, error) {
	var public []byte
	switch p := k.signer.Public().(type) {
	case ed25519.PublicKey:
		public = p // RFC 8463 §4: the bare 32 bytes
	default:
		der, err := x509.MarshalPKIXPublicKey(p)
		if err != nil {
			return nil, fmt.Errorf("encode the public DKIM key: %w", err)
		}
		public = der
	}
	value := "v=DKIM1; k=" + string(k.Kind()) + "; p=" + base64.StdEncoding.EncodeToString(public)
	var record []string
	for len(value) > dnsString {
		record, value = append(record, value[:dnsString]), value[dnsString:]
	}
	return append(record, value), nil
}
