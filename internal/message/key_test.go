package message

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
)

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// rsaOfPrimes makes a key of any size, for which crypto/rsa refuses to.
func rsaOfPrimes(t *testing.T, bits int) []byte {
	t.Helper()
	one := big.NewInt(1)
	for {
		p, errP := rand.Prime(rand.Reader, bits/2)
		q, errQ := rand.Prime(rand.Reader, bits/2)
		if errP != nil || errQ != nil {
			t.Fatalf("prime: got %v, %v, want primes", errP, errQ)
		}
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(big.NewInt(65537), phi)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{
			PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q},
		}
		return x509.MarshalPKCS1PrivateKey(key)
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	rsaKey, edKey := testKeys(t)
	for _, k := range []DKIMKey{rsaKey, edKey} {
		data, err := k.Key.PEM()
		if err != nil {
			t.Fatalf("PEM: got %v, want the key", err)
		}
		// openssl writes comments and other blocks before the key.
		again, err := ParseKey(append(append([]byte("Key:\n"), pemOf("CERTIFICATE", []byte{1})...), data...))
		if err != nil || again.Kind() != k.Key.Kind() || again.Warning() != "" {
			t.Errorf("%s: got %v, %v, want the same key without a warning", k.Key.Kind(), again, err)
			continue
		}
		if got, err := again.PEM(); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: got another PEM, %v, want the same", k.Key.Kind(), err)
		}
	}
	pkcs1 := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey.Key.signer.(*rsa.PrivateKey)))
	if k, err := ParseKey(pkcs1); err != nil || k.Kind() != RSA {
		t.Errorf("PKCS #1: got %v, %v, want an RSA key", k, err)
	}
	weak, err := ParseKey(pemOf("RSA PRIVATE KEY", rsaOfPrimes(t, 1024)))
	if err != nil || !strings.Contains(weak.Warning(), "1024 bits") {
		t.Errorf("1024 bits: got %v, want a key with a warning", err)
	}
}

func TestParseKeyRefuses(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":      {nil, "PEM form"},
		"public key": {pemOf("PUBLIC KEY", []byte{1}), "PEM form"},
		"garbage":    {pemOf("PRIVATE KEY", []byte("not DER")), "valid key"},
		"encrypted":  {pemOf("ENCRYPTED PRIVATE KEY", []byte{1}), "passphrase"},
		"EC":         {pemOf("PRIVATE KEY", ecDER), "RSA and Ed25519"},
		"SEC 1":      {pemOf("EC PRIVATE KEY", []byte{1}), "RSA and Ed25519"},
		"768 bits":   {pemOf("RSA PRIVATE KEY", rsaOfPrimes(t, 768)), "768 bits"},
	} {
		if _, err := ParseKey(c.data); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want ErrKey that says %q", name, err, c.want)
		}
	}
	if _, err := GenerateKey("dsa"); !errors.Is(err, ErrKey) {
		t.Errorf("generate dsa: got %v, want ErrKey", err)
	}
}

func TestDNSRecord(t *testing.T) {
	t.Parallel()
	rsaKey, edKey := testKeys(t)
	for want, k := range map[string]DKIMKey{"v=DKIM1; k=rsa; p=MIIBIjANBg": rsaKey, "v=DKIM1; k=ed25519; p=": edKey} {
		record, err := DNSRecord(k.Key)
		if err != nil || !strings.HasPrefix(record[0], want) {
			t.Errorf("got %q, %v, want it to start with %q", record, err, want)
		}
		for _, s := range record {
			if len(s) > 255 {
				t.Errorf("got a string of %d characters, want at most 255", len(s))
			}
		}
	}
}

func FuzzParseKey(f *testing.F) {
	_, edKey := testKeys(f)
	data, err := edKey.Key.PEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := ParseKey(data)
		if err != nil {
			if !errors.Is(err, ErrKey) {
				t.Errorf("got %v, want ErrKey", err)
			}
			return
		}
		if _, err := DNSRecord(k); err != nil {
			t.Errorf("DNS record of an accepted key: got %v, want strings", err)
		}
	})
}
