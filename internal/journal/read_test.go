package journal

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"testing"
	"testing/iotest"
)

// A disk that does not give the journal says nothing about what is in it: it is
// not damaged, and not at its end either, where a record would be cut off.
func TestReadErrorIsNoDamage(t *testing.T) {
	t.Parallel()
	h := Header{Name: Name{Week: "2026-W47"}}
	sound := appendFrame(h.encode(), frame{kind: frameRecord, record: Record{Seq: 1, First: []int64{1, 2}}})
	sound = appendFrame(sound, frame{kind: frameRecord, record: Record{Seq: 2, First: []int64{3}}})
	broken := bytes.Clone(sound)
	broken[len(h.encode())+3] ^= 0xff
	for name, content := range map[string][]byte{
		"nothing":         nil,
		"half a header":   sound[:10],
		"a header":        h.encode(),
		"half a record":   sound[:len(sound)-3],
		"two records":     sound,
		"a broken record": broken[:len(broken)-3],
	} {
		src := io.MultiReader(bytes.NewReader(content), iotest.ErrReader(syscall.EIO))
		_, err := scan(src, h, func(Record) error { return nil })
		if !errors.Is(err, syscall.EIO) || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v, want the disk's error only", name, err)
		}
	}
}
