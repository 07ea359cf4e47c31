package message

import (
	"bytes"
	"cmp"
	"errors"
	"math/rand/v2"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// Keys take long to make: the tests share one of each kind.
var (
	testRSA     = sync.OnceValues(func() (*PrivateKey, error) { return GenerateKey(RSA) })
	testEd25519 = sync.OnceValues(func() (*PrivateKey, error) { return GenerateKey(Ed25519) })
)

func testKeys(t testing.TB) (rsaKey, edKey DKIMKey) {
	t.Helper()
	r, rsaErr := testRSA()
	e, edErr := testEd25519()
	if err := cmp.Or(rsaErr, edErr); err != nil {
		t.Fatalf("generate: got %v, want a key", err)
	}
	return DKIMKey{"example.org", "rsa2026", r}, DKIMKey{"example.org", "ed2026", e}
}

// zone gives the TXT records of keys by name.
func zone(t testing.TB, keys ...DKIMKey) map[string]string {
	t.Helper()
	records := make(map[string]string)
	for _, k := range keys {
		record, err := DNSRecord(k.Key)
		if err != nil {
			t.Fatalf("DNS record: got %v, want strings", err)
		}
		records[k.Selector+"._domainkey."+k.Domain] = strings.Join(record, "")
	}
	return records
}

// verifications is how go-msgauth sees msg's signatures: an error each.
func verifications(t testing.TB, msg []byte, dns map[string]string) []error {
	t.Helper()
	got, err := dkim.VerifyWithOptions(bytes.NewReader(msg), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if txt, ok := dns[name]; ok {
				return []string{txt}, nil
			}
			return nil, errors.New("no such record")
		},
	})
	if err != nil {
		t.Fatalf("verify: got %v, want results", err)
	}
	errs := make([]error, len(got))
	for i, v := range got {
		errs[i] = v.Err
	}
	return errs
}

// signedCase is a signed message for those who verify it.
type signedCase struct {
	Raw   []byte            `json:"raw"`
	DNS   map[string]string `json:"dns"`
	valid bool
}

const signedMessages = 120

// signedCases are n random digests with two signatures each, one plain mail,
// and the same mails altered on the way.
func signedCases(t *testing.T, n int) []signedCase {
	t.Helper()
	rsaKey, edKey := testKeys(t)
	signer := newSigner(t, rsaKey, edKey)
	dns := zone(t, rsaKey, edKey)
	g := generator{rand.New(rand.NewPCG(63, 76)).IntN}
	var cases []signedCase
	for range n {
		msg := sealed(t, signer, g.draft(), g.reader())
		checkWire(t, msg)
		cases = append(cases, signedCase{msg, dns, true})
	}
	plain, err := signer.Sign(confirmation(t))
	if err != nil {
		t.Fatalf("sign: got %v, want a message", err)
	}
	cases = append(cases, signedCase{plain, dns, true})
	for _, msg := range [][]byte{cases[0].Raw, plain} {
		for _, alter := range alterations() {
			cases = append(cases, signedCase{alter(msg), dns, false})
		}
	}
	return cases
}

// alterations are what a signature must not survive: a changed body or field,
// and a second one of a field that is oversigned.
func alterations() []func(msg []byte) []byte {
	all := []func([]byte) []byte{
		func(msg []byte) []byte { return bytes.Replace(msg, []byte("\r\nDate: "), []byte("\r\nDate: x"), 1) },
		func(msg []byte) []byte { return bytes.Replace(msg, []byte("text/html"), []byte("text/plain"), 1) },
	}
	for _, name := range []string{
		"From", "Subject", "To", "Reply-To", "Date", "Cc", "Message-ID", "Content-Type", "MIME-Version",
		"List-Unsubscribe", "List-Unsubscribe-Post",
	} {
		all = append(all, func(msg []byte) []byte { return slices.Concat([]byte(name+": x@evil.example\r\n"), msg) })
	}
	return all
}

func newSigner(t testing.TB, keys ...DKIMKey) *Signer {
	t.Helper()
	s, err := NewSigner(time.Now, keys...)
	if err != nil {
		t.Fatalf("signer: got %v, want no error", err)
	}
	return s
}

func sealed(t testing.TB, s *Signer, d Draft, r Reader) []byte {
	t.Helper()
	f, err := Freeze(d)
	if err != nil {
		t.Fatalf("freeze: got %v, want no error", err)
	}
	z, err := s.Seal(f)
	if err != nil {
		t.Fatalf("seal: got %v, want no error", err)
	}
	msg, err := z.Append(nil, &r)
	if err != nil {
		t.Fatalf("append: got %v, want a message", err)
	}
	if len(msg) > z.Size(&r) {
		t.Errorf("got %d bytes, want at most Size's %d", len(msg), z.Size(&r))
	}
	return msg
}

func confirmation(t testing.TB) []byte {
	t.Helper()
	msg, err := Transactional(TxDraft{
		Mail: Mail{
			From:    mail.Address{Name: "Verdicts", Address: "verdicts@example.org"},
			Subject: "Please confirm",
			Text:    "Confirm:\n\nhttps://example.org/confirm/abc\n",
			HTML:    "<p>Confirm</p>\n",
			Date:    time.Unix(1_700_000_000, 0).UTC(),
		},
		To: Reader{Email: "reader@example.net"},
	})
	if err != nil {
		t.Fatalf("transactional: got %v, want a message", err)
	}
	return msg
}
