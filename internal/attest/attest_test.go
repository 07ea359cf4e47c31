package attest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func statement() Statement {
	return Statement{
		Format: Format, List: "verdicts@news.example", Week: "2026-W47", State: "sent", Subject: "A <b> & c", At: time.Unix(1_800_000_000, 0).UTC(),
		Recipients: 10, Problems: []string{}, Journal: "ab", Program: "v1",
		Versions: []Version{{Number: 1, SHA256: "cd", Accepted: 6, Failed: 1, Open: 1}, {Number: 2, Accepted: 1, Unknown: 1}},
		Relays:   []Relay{{Name: "own", Accepted: 5, Failed: 1}, {Name: "provider", Accepted: 2, Unknown: 1}},
	}
}

func TestSignAndCheck(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte{7}, 32)
	file, err := Sign(statement(), secret)
	if err != nil {
		t.Fatal(err)
	}
	want, err := publicKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	got, signer, err := Check(file)
	if err != nil || signer != want || !reflect.DeepEqual(got, statement()) {
		t.Errorf("got %+v by %s, %v, want what was signed, by %s", got, signer, err, want)
	}
	other, err := publicKey(bytes.Repeat([]byte{8}, 32))
	if err != nil || other == want {
		t.Errorf("another list: got the key %s, %v, want another", other, err)
	}
}

// Every byte that is changed is noticed, but for white space between parts.
func TestChangedFile(t *testing.T) {
	t.Parallel()
	file, err := Sign(statement(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		if strings.ContainsRune(" \n", rune(file[i])) {
			continue
		}
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if got, _, err := Check(changed); err == nil && !reflect.DeepEqual(got, statement()) {
			t.Fatalf("byte %d (%q): got %+v, want an error", i, file[i], got)
		}
	}
	if _, _, err := Check(bytes.Replace(file, []byte(`"recipients": 10`), []byte(`"recipients": 11`), 1)); !errors.Is(err, ErrSignature) {
		t.Errorf("another number: got %v, want ErrSignature", err)
	}
	for _, text := range []string{"", "{}", "null", "[]", `{"statement":{},"key":"","signature":""}`} {
		if _, _, err := Check([]byte(text)); !errors.Is(err, ErrNoProof) {
			t.Errorf("%q: got %v, want ErrNoProof", text, err)
		}
	}
}

func TestSumsOfWhoeverSigned(t *testing.T) {
	t.Parallel()
	s := statement()
	s.Recipients++
	file, err := Sign(s, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Check(file); !errors.Is(err, ErrSums) {
		t.Errorf("got %v, want ErrSums", err)
	}
}

func FuzzCheck(f *testing.F) {
	file, err := Sign(statement(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, _, err := Check(data); err == nil && s.Sums() != nil {
			t.Errorf("got %+v, want only what adds up", s)
		}
	})
}

// publicKey is the list's public key, in hex.
func publicKey(secret []byte) (string, error) {
	k, err := key(secret)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(k.Public().(ed25519.PublicKey)), nil
}

// What the relays took is what was accepted, once a send has ended; a statement of
// before relays were recorded has none.
func TestSumsOfRelays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Statement)
		want   error
	}{
		"as it is":               {func(*Statement) {}, nil},
		"one too many":           {func(s *Statement) { s.Relays[0].Accepted++ }, ErrSums},
		"a relay left out":       {func(s *Statement) { s.Relays = s.Relays[:1] }, ErrSums},
		"none recorded":          {func(s *Statement) { s.Relays = nil }, nil},
		"counted while it moves": {func(s *Statement) { s.State = "sending"; s.Relays[0].Accepted++ }, nil},
	} {
		s := statement()
		c.change(&s)
		if err := s.Sums(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
