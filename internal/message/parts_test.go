package message

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPartsAreTheMessage: in pieces or in one, the bytes are the same, for one
// reader after the other in the same Parts.
func TestPartsAreTheMessage(t *testing.T) {
	t.Parallel()
	_, edKey := testKeys(t)
	signer, err := NewSigner(func() time.Time { return time.Unix(1_800_000_000, 0) }, edKey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Seal(freeze(t, digestDraft(20_000)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := newSigner(t).Seal(freeze(t, digestDraft(20_000)))
	if err != nil {
		t.Fatal(err)
	}
	var p Parts
	rapid.Check(t, func(t *rapid.T) {
		r := digestReader()
		r.Name = rapid.String().Draw(t, "name")
		for _, z := range []*Sealed{signed, plain} {
			want, err := z.Append(nil, r)
			if err != nil {
				t.Fatalf("append: got %v, want a message", err)
			}
			if err := z.Split(&p, r); err != nil {
				t.Fatalf("split: got %v, want a message", err)
			}
			if got := bytes.Join(p.Pieces, nil); !bytes.Equal(got, want) {
				t.Fatalf("got %.300q in pieces, want %.300q", got, want)
			}
		}
	})
	if n := len(p.Pieces); n < 3 {
		t.Errorf("got %d pieces, want the long literals shared", n)
	}
}
