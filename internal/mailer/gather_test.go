package mailer

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"

	"verdicts.example/digest/internal/smtpsink"
)

// Messages of every size, from one record to many writes, arrive whole under
// TLS, one begun behind the other.
func TestSizesUnderTLS(t *testing.T) {
	t.Parallel()
	underTLS(t, func(t *testing.T, d *Dialer, sink *smtpsink.Sink) {
		s := dialed(t, d)
		sizes := []int{100, 16 << 10, gatherMost - 100, gatherMost + 100, 250_000, 700_000, 100}
		for i, size := range sizes {
			intend := intent
			if i+1 < len(sizes) {
				intend = followedBy(mailTo("a@example.org", testMessage("a", sizes[i+1])))
			}
			msg := testMessage("a", size)
			res := s.Send(context.Background(), mailTo("a@example.org", msg), intend)
			if !res.Accepted() || res.Broken {
				t.Fatalf("%d bytes: got %+v, want accepted", size, res)
			}
			if got := complete(sink); len(got) != i+1 || !bytes.Equal(got[i].Data, msg) {
				t.Errorf("%d bytes: got %d messages, want them whole", size, len(got))
			}
		}
	})
}

// writeCounter counts writes, and fails from some number on.
type writeCounter struct {
	net.Conn
	writes, bytes, fails int
}

var errWrite = errors.New("no route to host")

func (w *writeCounter) Write(p []byte) (int, error) {
	if w.writes++; w.fails > 0 && w.writes >= w.fails {
		return 0, errWrite
	}
	w.bytes += len(p)
	return len(p), nil
}

func TestGatherer(t *testing.T) {
	t.Parallel()
	const record, n = 16<<10 + 22, 10
	c := &writeCounter{}
	g := &gatherer{Conn: c}
	if _, err := g.Write(make([]byte, 5)); err != nil || c.writes != 1 {
		t.Errorf("not held: got %d writes, %v, want it written at once", c.writes, err)
	}
	g.hold()
	for range n {
		if _, err := g.Write(make([]byte, record)); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.release(); err != nil || c.bytes != 5+n*record || c.writes != 1+4 { // three records each
		t.Errorf("held: got %d bytes in %d writes, %v, want %d in 5", c.bytes, c.writes, err, 5+n*record)
	}
	c.fails = 1
	g.hold()
	if _, err := g.Write(make([]byte, record)); err != nil {
		t.Errorf("held: got %v, want no error yet", err)
	}
	if err := g.release(); !errors.Is(err, errWrite) {
		t.Errorf("release: got %v, want the connection's error", err)
	}
}
