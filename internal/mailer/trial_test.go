package mailer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// What the first message that is begun early comes to decides whether others
// are; its own outcome is what it would have been alone.
func TestTrial(t *testing.T) {
	t.Parallel()
	second2 := func(f smtpsink.Fault) smtpsink.Fault { f.Nth = 2; return f }
	for name, c := range map[string]struct {
		fault    smtpsink.Fault
		accepted bool // the first one was
		lost     bool // the second one must be begun again
		came     int32
	}{
		"all well":       {smtpsink.Fault{At: smtpsink.NOOP}, true, false, followWorks},
		"RCPT 550":       {second2(says(smtpsink.RCPT, "550 5.1.1 no such user")), true, false, followWorks},
		"DATA 451":       {second2(says(smtpsink.Data, "451 4.3.0 later")), true, false, followWorks},
		"MAIL 554":       {second2(says(smtpsink.MAIL, "554 5.5.0 too early")), true, true, followOff},
		"MAIL 503":       {second2(says(smtpsink.MAIL, "503 5.5.1 what")), true, true, followOff},
		"MAIL silent":    {second2(smtpsink.Fault{At: smtpsink.MAIL, Do: smtpsink.Stall}), true, true, followOff},
		"MAIL cut":       {second2(does(smtpsink.MAIL, smtpsink.DropBefore)), true, true, followOff},
		"end unanswered": {does(smtpsink.Dot, smtpsink.DropSilent), false, true, followOff},
		"MAIL 451":       {second2(says(smtpsink.MAIL, "451 4.3.0 later")), true, false, followUntried},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range dialects() {
				if !d.opt.Pipelining {
					continue
				}
				d.opt.Faults = []smtpsink.Fault{c.fault}
				sink := startSink(t, d.opt)
				cfg := config(sink)
				if c.fault.Do == smtpsink.Stall {
					cfg.Timeouts.Follow = 200 * time.Millisecond
				}
				dl := newDialer(t, cfg)
				s := delivery.Session(dialed(t, dl))
				res := s.Send(context.Background(), first, followedBy(second))
				if res.Phase != delivery.PhaseDot || res.Accepted() != c.accepted {
					t.Fatalf("%s: first: got %+v, want it ended, accepted %t", d.name, res, c.accepted)
				}
				if !res.Broken {
					res = s.Send(context.Background(), second, intent)
				}
				if v := delivery.Classify(res); c.accepted && c.lost && v.Fault != delivery.PathFault && v.Fault != delivery.SessionFault {
					t.Errorf("%s: second: got %+v, want a lost connection that concerns nobody", d.name, res)
				}
				if got := dl.follow.Load(); got != c.came || !res.Broken && s.(*session).trial {
					t.Errorf("%s: got trial's end %d, want %d and the trial over", d.name, got, c.came)
				}
				sendNext(t, dl, s, res.Broken, sink)
			}
		})
	}
}

// A server that answers the end and closes without reading on has taken the
// message, under TLS too, where what has left is not so plain.
func TestAcceptedUnderTLSThoughTheConnectionCloses(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for range 20 {
		sink := startSink(t, smtpsink.Options{
			Pipelining: true, Chunking: true, TLS: serverTLS(t, ca, "127.0.0.1", time.Now().Add(time.Hour)),
			Faults: []smtpsink.Fault{does(smtpsink.Dot, smtpsink.DropAfter)},
		})
		cfg := config(sink)
		cfg.TLS, cfg.RootCAs = STARTTLS, ca.Pool()
		if res := dialed(t, newDialer(t, cfg)).Send(context.Background(), first, followedBy(large())); !res.Accepted() {
			t.Errorf("got %+v, want accepted", res)
		}
	}
}

// What was begun must not look ended to a server that takes the connection's
// end for the message's: the connection is reset.
func TestBegunMessageIsResetWhenTheServerSays421(t *testing.T) {
	t.Parallel()
	end := make(chan error, 1)
	d := script(t, "250-x\r\n250 PIPELINING\r\n", func(c net.Conn, r *bufio.Reader) {
		skipTo(r, "DATA")
		c.Write([]byte("250 ok\r\n250 ok\r\n354 ok\r\n"))
		skipTo(r, "DATA") // of the next one: the end has come before
		c.Write([]byte("421 enough\r\n"))
		_, err := io.Copy(io.Discard, r)
		end <- err
	})
	res := dialed(t, d).Send(context.Background(), first, followedBy(second))
	if res.Code != 421 || !res.Broken {
		t.Errorf("got %+v, want 421 and Broken", res)
	}
	if err := <-end; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection ended with %v, want a reset", err)
	}
}
