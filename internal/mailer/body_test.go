package mailer

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// offsets are where a body of n bytes is cut: each region, and both sides of
// the buffers' and the tail's edges.
func offsets(n int) []int {
	return []int{0, 1, 2, 63, 64, 4095, 4096, 4097, n / 3, n / 2, n - 66, n - 65, n - 64, n - 3, n - 2, n - 1}
}

// cutInBody runs a test for the connection's loss at each offset of the nth
// message's body, with and without a last word.
func cutInBody(t *testing.T, nth int, test func(t *testing.T, d *Dialer, cut delivery.Mail)) {
	t.Helper()
	cut := mailTo("a@example.org", testMessage("cut", 60_000))
	for _, at := range offsets(cut.Len()) {
		for _, a := range []smtpsink.Action{smtpsink.DropBefore, smtpsink.Reply} {
			f := smtpsink.Fault{At: smtpsink.Body, Do: a, Offset: at, Nth: nth, Reply: "452 4.3.1 disk full"}
			t.Run(fmt.Sprintf("%d by %d", at, a), func(t *testing.T) {
				t.Parallel()
				inDialects(t, []smtpsink.Fault{f}, func(t *testing.T, sink *smtpsink.Sink) {
					d := newDialer(t, config(sink))
					test(t, d, cut)
					if got := sink.Count(); got != nth-1 {
						t.Errorf("messages taken: got %d, want %d", got, nth-1)
					}
					sendNext(t, d, nil, true, sink)
				})
			})
		}
	}
}

// notTaken sends a message that the server must not take whole.
func notTaken(t *testing.T, s delivery.Session, m delivery.Mail) {
	t.Helper()
	res := s.Send(context.Background(), m, intent)
	if res.Accepted() || !res.Broken && res.Code != 452 {
		t.Errorf("got %+v, want a broken connection or the refusal", res)
	}
}

func TestConnectionLostInTheBodyLeavesNoMessage(t *testing.T) {
	t.Parallel()
	cutInBody(t, 1, func(t *testing.T, d *Dialer, cut delivery.Mail) {
		notTaken(t, dialed(t, d), cut)
	})
}

// The same for a body that was begun behind another message: that one is taken,
// this one is not.
func TestConnectionLostInABegunBody(t *testing.T) {
	t.Parallel()
	cutInBody(t, 2, func(t *testing.T, d *Dialer, cut delivery.Mail) {
		s := dialed(t, d)
		res := s.Send(context.Background(), first, followedBy(cut))
		if !res.Accepted() {
			t.Fatalf("first: got %+v, want accepted", res)
		}
		if !res.Broken {
			notTaken(t, s, cut)
		}
	})
}

// A refusal in mid-body is known before the intent, or is the dot's answer:
// never an unknown.
func TestRefusalInTheBodyIsHeard(t *testing.T) {
	t.Parallel()
	f := smtpsink.Fault{At: smtpsink.Body, Do: smtpsink.Reply, Offset: 1000, Reply: "552 5.3.4 too much"}
	inDialects(t, []smtpsink.Fault{f}, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		for i := range 5 {
			res := dialed(t, d).Send(context.Background(), mailTo("a@example.org", testMessage("a", 200_000)), intent)
			if res.Code != 552 && res.Phase >= delivery.PhaseDot {
				t.Errorf("attempt %d: got %+v, want 552, or a loss before the dot", i, res)
			}
		}
	})
}

func TestBodiesArriveByteExact(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		s := dialed(t, newDialer(t, config(sink)))
		rapid.Check(t, func(rt *rapid.T) {
			var msg []byte
			lines := rapid.SliceOfN(rapid.StringMatching(`[.a-z =]{0,80}`), 1, 40).Draw(rt, "lines")
			for _, l := range lines {
				msg = append(append(msg, l...), "\r\n"...)
			}
			if res := s.Send(context.Background(), mailTo("a@example.org", msg), intent); !res.Accepted() {
				rt.Fatalf("got %+v, want accepted", res)
			}
			all := sink.Messages()
			if got := all[len(all)-1].Data; !bytes.Equal(got, msg) {
				rt.Fatalf("got %q, want %q", got, msg)
			}
		})
	})
}

func TestLargeAndTinyBodies(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		s := dialed(t, newDialer(t, config(sink)))
		for _, msg := range [][]byte{{}, []byte("a\r\n"), []byte(".\r\n"), testMessage("b", 900_000), testMessage("c", 300_000)} {
			if res := s.Send(context.Background(), mailTo("a@example.org", msg), intent); !res.Accepted() {
				t.Fatalf("%d bytes: got %+v, want accepted", len(msg), res)
			}
			all := sink.Messages()
			if got := all[len(all)-1].Data; !bytes.Equal(got, msg) {
				t.Errorf("got %d bytes, want %d", len(got), len(msg))
			}
		}
	})
}

func TestForeignBytesCannotEndTheMessageEarly(t *testing.T) {
	t.Parallel()
	evil := []string{"a\r\n.\r\nMAIL FROM:<x@y>\r\n", "a\n.\nb", "a\n.\r\nb\r\n", "a\r.\rb", "a\r.\r\nb", ".", "..\r\n.", "a\r\n."}
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		for i, msg := range evil {
			if res := d.SendOne(context.Background(), envelopeTo("a@example.org"), []byte(msg)); !res.Accepted() {
				t.Fatalf("%q: got %+v, want accepted", msg, res)
			}
			all := sink.Messages()
			if len(all) != i+1 {
				t.Fatalf("%q: got %d messages, want %d", msg, len(all), i+1)
			}
			if got, want := all[i].Data, normalise([]byte(msg)); !bytes.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

func FuzzStuff(f *testing.F) {
	for _, s := range []string{"", ".", "a\r\n.b\r\n", "\n.\n", "a\r.\rb", "\r\n.\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		out := stuff(msg)
		if i := bytes.Index(append([]byte("\r\n"), out...), []byte("\r\n.\r\n")); i >= 0 {
			t.Fatalf("%q: got an end of message at %d in %q", msg, i, out)
		}
		if len(out) > 0 && !bytes.HasSuffix(out, crlf) {
			t.Fatalf("%q: got no line end at the end of %q", msg, out)
		}
		if bytes.Contains(out, []byte("\n.\n")) || bytes.Contains(out, []byte("\n.\r\n")) {
			t.Fatalf("%q: got a lone dot in %q", msg, out)
		}
	})
}
