package message

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPartsStayInTheirRoom: what is a reader's own fits into what Split reserved
// for it. If it did not, the buffer would move, and the signatures be written to
// a copy of the fields that are already in Pieces.
func TestPartsStayInTheirRoom(t *testing.T) {
	t.Parallel()
	_, edKey := testKeys(t)
	signer, err := NewSigner(func() time.Time { return time.Unix(1_800_000_000, 0) }, edKey)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		g := generator{intn: func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }}
		frozen, err := Freeze(g.draft())
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := signer.Seal(frozen)
		if err != nil {
			t.Fatal(err)
		}
		r := g.reader()
		r.Name += string(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "name"))
		room := sealed.Size(&r) - frozen.shared
		var p Parts
		if err := sealed.Split(&p, &r); err != nil {
			t.Skip(err)
		}
		if len(p.own) > room {
			t.Errorf("got %d bytes of the reader's own, want at most the %d reserved", len(p.own), room)
		}
	})
}
