package message

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSealedWithoutKeys: the digest as it is, for lists that do not sign.
func TestSealedWithoutKeys(t *testing.T) {
	t.Parallel()
	f, r := freeze(t, digestDraft(2000)), digestReader()
	z, err := newSigner(t).Seal(f)
	if err != nil {
		t.Fatalf("seal: got %v, want no error", err)
	}
	if got, err := z.Append(nil, r); err != nil || !bytes.Equal(got, f.Append(nil, r)) {
		t.Errorf("got %q, %v, want the message unsigned", got, err)
	}
}

// TestSealedAddsOnlySignatures: what is signed is what Append writes, and a
// mail that was stored is signed as it was before.
func TestSealedAddsOnlySignatures(t *testing.T) {
	t.Parallel()
	_, edKey := testKeys(t)
	f, r := freeze(t, digestDraft(2000)), digestReader()
	data, err := f.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Unfreeze(data)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(func() time.Time { return time.Unix(1_800_000_000, 0) }, edKey)
	if err != nil {
		t.Fatal(err)
	}
	var signed [2][]byte
	for i, frozen := range []*Frozen{f, again} {
		z, err := signer.Seal(frozen)
		if err != nil {
			t.Fatalf("seal: got %v, want no error", err)
		}
		if signed[i], err = z.Append([]byte("before"), r); err != nil {
			t.Fatalf("append: got %v, want a message", err)
		}
	}
	if !bytes.Equal(signed[0], signed[1]) {
		t.Errorf("after unfreezing: got another message, want the same")
	}
	if !bytes.HasSuffix(signed[0], f.Append(nil, r)) || !bytes.HasPrefix(signed[0], []byte("beforeDKIM-Signature: ")) {
		t.Errorf("got %.500s, want a signature, then the message", signed[0])
	}
	if !bytes.Contains(signed[0], []byte(" t=1800000000;")) {
		t.Errorf("got %.300s, want t= to be the clock's time", signed[0])
	}
}

// TestSealedConcurrently: workers share one sealed mail.
func TestSealedConcurrently(t *testing.T) {
	t.Parallel()
	rsaKey, edKey := testKeys(t)
	z, err := newSigner(t, edKey, rsaKey).Seal(freeze(t, digestDraft(2000)))
	if err != nil {
		t.Fatalf("seal: got %v, want no error", err)
	}
	dns := zone(t, rsaKey, edKey)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			r := digestReader()
			r.Name = strings.Repeat("n", 10*worker)
			for range 5 {
				msg, err := z.Append(nil, r)
				if err != nil {
					t.Errorf("append: got %v, want a message", err)
					return
				}
				if errs := verifications(t, msg, dns); len(errs) != 2 || errs[0] != nil || errs[1] != nil {
					t.Errorf("got %v, want two valid signatures", errs)
				}
			}
		})
	}
	wg.Wait()
}

// TestSealedRefusesReaders: a reader whom the mail cannot reach is an error,
// not a message to nobody, and leaves dst as it was.
func TestSealedRefusesReaders(t *testing.T) {
	t.Parallel()
	z, err := newSigner(t).Seal(freeze(t, digestDraft(2000)))
	if err != nil {
		t.Fatalf("seal: got %v, want no error", err)
	}
	for name, change := range map[string]func(*Reader){
		"no address":    func(r *Reader) { r.Email = "" },
		"UTF-8 address": func(r *Reader) { r.Email = "ü@example.org" },
		"no Message-ID": func(r *Reader) { r.MessageID = "" },
		"no token":      func(r *Reader) { r.Token = "" },
		"bad token":     func(r *Reader) { r.Token = "a b" },
	} {
		r := digestReader()
		change(r)
		got, err := z.Append([]byte("before"), r)
		if !errors.Is(err, ErrReader) || string(got) != "before" {
			t.Errorf("%s: got %q, %v, want ErrReader and nothing appended", name, got, err)
		}
		if err != nil && r.Email != "" && strings.Contains(err.Error(), r.Email) {
			t.Errorf("%s: got %q, want an error without the address", name, err)
		}
	}
}

func TestNewSignerRefuses(t *testing.T) {
	t.Parallel()
	_, edKey := testKeys(t)
	for name, keys := range map[string][]DKIMKey{
		"no key":         {{"example.org", "s1", nil}},
		"no domain":      {{"", "s1", edKey.Key}},
		"a bad selector": {{"example.org", "s1; d=evil.example", edKey.Key}},
		"the same twice": {edKey, edKey},
	} {
		if _, err := NewSigner(time.Now, keys...); !errors.Is(err, ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
	}
}

// TestSignRefuses: what is no mail is not signed.
func TestSignRefuses(t *testing.T) {
	t.Parallel()
	_, edKey := testKeys(t)
	if got, err := newSigner(t, edKey).Sign([]byte("no header here")); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}
