//go:build !race

// The race detector makes sync.Pool drop what it holds at random, and then
// allocations say nothing.

package message

import "testing"

func TestAppendAllocatesNothing(t *testing.T) {
	f, r := benchFrozen(t), digestReader()
	r.Name = "Ünï \"Cødé\" 日本 & Söhne, a name that needs several encoded words"
	msg := make([]byte, 0, f.Size(r))
	if got := testing.AllocsPerRun(100, func() { msg = f.Append(msg[:0], r) }); got != 0 {
		t.Errorf("Append: got %v allocations, want 0", got)
	}
	_, edKey := testKeys(t)
	z, err := newSigner(t, edKey).Seal(f)
	if err != nil {
		t.Fatalf("seal: got %v, want no error", err)
	}
	msg = make([]byte, 0, z.Size(r))
	// One is the signature that crypto/ed25519 returns.
	if got := testing.AllocsPerRun(100, func() { msg, err = z.Append(msg[:0], r) }); got > 1 || err != nil {
		t.Errorf("Sealed.Append: got %v allocations, %v, want 1", got, err)
	}
}

func TestTaggerAllocatesNothing(t *testing.T) {
	tagger, f := newTagger(t, 1), weekly("2026-W47")
	buf := make([]byte, 0, 512)
	if got := testing.AllocsPerRun(100, func() {
		buf = tagger.AppendMessageID(buf[:0], f, 4711)
		buf = tagger.AppendEnvelopeSender(buf, f, 4711)
	}); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}
