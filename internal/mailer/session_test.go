package mailer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

func TestConnectionIsRenewedAfterItsMessages(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		cfg := config(sink)
		cfg.MaxMessages = 3
		d := newDialer(t, cfg)
		s := dialed(t, d)
		for i := 1; i <= 3; i++ {
			res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
			if !res.Accepted() || res.Broken != (i == 3) {
				t.Errorf("message %d: got %+v, want accepted, broken %t", i, res, i == 3)
			}
		}
		res := s.Send(context.Background(), mailTo("a@example.org", nil), intent)
		if !errors.Is(res.Err, ErrClosed) || res.Phase != delivery.PhaseConnect {
			t.Errorf("after the end: got %+v, want ErrClosed", res)
		}
	})
}

func TestServersLimitIsLearnt(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			d.opt.MaxPerConn = 4
			sink := startSink(t, d.opt)
			dl := newDialer(t, config(sink))
			refusals, s := 0, delivery.Session(dialed(t, dl))
			for sent := 0; sent < 20; {
				res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
				switch {
				case res.Accepted():
					sent++
				case res.Phase == delivery.PhaseConnect && res.Code == 421 && res.Broken:
					refusals++
				default:
					t.Fatalf("got %+v, want accepted or the connection's end", res)
				}
				if res.Broken {
					s = dialed(t, dl)
				}
			}
			if refusals != 1 {
				t.Errorf("refusals: got %d, want the one that teaches", refusals)
			}
		})
	}
}

func TestIdleConnectionIsAskedFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault  smtpsink.Fault
		broken bool
	}{
		{says(smtpsink.NOOP, "250 2.0.0 still here"), false},
		{says(smtpsink.NOOP, "502 5.5.1 what"), false},
		{says(smtpsink.NOOP, "421 4.4.2 too late"), true},
		{does(smtpsink.NOOP, smtpsink.DropBefore), true},
	} {
		inDialects(t, []smtpsink.Fault{c.fault}, func(t *testing.T, sink *smtpsink.Sink) {
			cfg := config(sink)
			cfg.Timeouts.Idle = time.Nanosecond
			d := newDialer(t, cfg)
			s := dialed(t, d)
			res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
			if res.Broken != c.broken || res.Accepted() == c.broken || c.broken && res.Phase != delivery.PhaseConnect {
				t.Errorf("got %+v, want broken %t before anything is sent", res, c.broken)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	sink := startSink(t, smtpsink.Options{Pipelining: true})
	d := newDialer(t, config(sink))
	s := dialed(t, d)
	for to, want := range map[string]string{
		"a@example.org": "a@example.org", "a@bücher.example": "a@xn--bcher-kva.example", `"a b"@example.org`: `"a b"@example.org`,
		"jürgen@example.org": "553", "": "501", "a": "501", "a@": "501", "@b": "501", "a@b>\r\nDATA": "501", "a\x00@b": "501",
		"a b@c": "501", "a@b,c@d": "501", strings.Repeat("a", 65) + "@b": "501", "<a@b>": "501", "a@b c": "501",
	} {
		res := s.Send(context.Background(), mailTo(to, testMessage("a", 300)), intent)
		if strings.HasPrefix(want, "5") {
			if res.Phase != delivery.PhaseRcpt || res.Code/100 != 5 || res.Err != nil || res.Broken || res.Enhanced == "" {
				t.Errorf("%q: got %+v, want %s at RCPT", to, res, want)
			}
			continue
		}
		all := sink.Messages()
		if !res.Accepted() || all[len(all)-1].To != want {
			t.Errorf("%q: got %+v to %q, want it accepted to %q", to, res, all[len(all)-1].To, want)
		}
	}
	res := s.Send(context.Background(), delivery.Mail{Envelope: delivery.Envelope{From: "x y@z", To: "a@example.org"}}, intent)
	if res.Phase != delivery.PhaseMail || res.Code != 501 {
		t.Errorf("bad sender: got %+v, want 501 at MAIL", res)
	}
	utf8 := startSink(t, smtpsink.Options{Pipelining: true, SMTPUTF8: true})
	if res := newDialer(t, config(utf8)).SendOne(context.Background(), envelopeTo("jürgen@bücher.example"), nil); !res.Accepted() {
		t.Errorf("SMTPUTF8: got %+v, want accepted", res)
	}
}

func TestMessageBeyondTheServersSize(t *testing.T) {
	t.Parallel()
	for _, chunking := range []bool{false, true} {
		sink := startSink(t, smtpsink.Options{Pipelining: true, Chunking: chunking, Size: 10_000})
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 20_000)), intent)
		if res.Phase != delivery.PhaseMail || res.Code != 552 || res.Enhanced != "5.3.4" {
			t.Errorf("got %+v, want 552 at MAIL", res)
		}
		sendNext(t, d, s, res.Broken, sink)
	}
}

// A server that answers 354 to DATA after it refused the recipient: ending
// that message is not ours to do; it is not asked that way again.
func TestDataAcceptedWithoutARecipient(t *testing.T) {
	t.Parallel()
	var heard []string
	ln := talk(t, func(line string) string {
		heard = append(heard, line)
		switch verb, _, _ := strings.Cut(line, " "); verb {
		case "EHLO":
			return "250-x\r\n250 PIPELINING\r\n"
		case "RCPT":
			return "550 5.1.1 no\r\n"
		case "DATA":
			return "354 go on\r\n"
		case "QUIT":
			return "221 bye\r\n"
		}
		return "250 ok\r\n"
	})
	d := newDialer(t, Config{Host: "127.0.0.1", Port: ln.Port, TLS: NoTLS, HELO: "a.example"})
	for i, broken := range []bool{true, false} {
		s := dialed(t, d)
		res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
		if res.Code != 550 || res.Phase != delivery.PhaseRcpt || res.Broken != broken {
			t.Errorf("attempt %d: got %+v, want 550, broken %t", i, res, broken)
		}
		s.Close()
	}
	ln.stop()
	for _, line := range heard {
		if line == "." {
			t.Error("a message was ended without an intent")
		}
	}
}

// A server that takes the connection's end for the message's must not have a
// whole message: its last bytes wait for the intent, and what ends the
// connection is a reset.
func TestNothingWholeIsThereBeforeTheIntent(t *testing.T) {
	t.Parallel()
	for _, ehlo := range []string{"250-x\r\n250 PIPELINING\r\n", "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		msg := testMessage("a", 5000)
		got := make(chan []byte, 1)
		end, most := make(chan error, 1), make(chan struct{})
		go func() {
			c, err := ln.Accept()
			if err != nil {
				end <- err
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			r := bufio.NewReader(c)
			greet(c, r, ehlo)
			r.ReadString('\n')
			r.ReadString('\n')
			r.ReadString('\n')
			if strings.Contains(ehlo, "CHUNKING") {
				c.Write([]byte("250 ok\r\n250 ok\r\n250 ok\r\n"))
			} else {
				c.Write([]byte("250 ok\r\n250 ok\r\n354 ok\r\n"))
			}
			all := make([]byte, len(msg)/2)
			_, err = io.ReadFull(r, all)
			close(most)
			rest, rerr := io.ReadAll(r)
			all, err = append(all, rest...), errors.Join(err, rerr)
			got <- all
			end <- err
		}()
		d := newDialer(t, Config{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, TLS: NoTLS, HELO: "a.example"})
		res := dialed(t, d).Send(context.Background(), mailTo("a@example.org", msg), func() (*delivery.Mail, error) {
			<-most
			return nil, errIntent
		})
		if res.Phase != delivery.PhaseIntent {
			t.Errorf("got %+v, want PhaseIntent", res)
		}
		if all := <-got; len(all) > len(msg)-32 || len(all) < len(msg)/2 {
			t.Errorf("got %d bytes of %d, want most but not the last", len(all), len(msg))
		}
		if err := <-end; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the connection ended with %v, want a reset", err)
		}
	}
}

// listener answers each line by a function, a connection at a time.
type listener struct {
	net.Listener
	Port int
	done chan struct{}
}

func talk(t *testing.T, answer func(line string) string) *listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{ln, ln.Addr().(*net.TCPAddr).Port, make(chan struct{})}
	go func() {
		defer close(l.done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(time.Now().Add(patience))
			c.Write([]byte("220 hello\r\n"))
			for sc := bufio.NewScanner(c); sc.Scan(); {
				c.Write([]byte(answer(sc.Text())))
			}
			c.Close()
		}
	}()
	t.Cleanup(l.stop)
	return l
}

func (l *listener) stop() {
	l.Close()
	<-l.done
}

func TestNoGoroutineIsLeft(t *testing.T) { // not parallel: counts goroutines
	before := runtime.NumGoroutine()
	sink, err := smtpsink.Start(smtpsink.Options{
		Pipelining: true, RTT: time.Millisecond,
		Faults: []smtpsink.Fault{{At: smtpsink.Dot, Do: smtpsink.Stall, To: "stall@*"}, {At: smtpsink.MAIL, Do: smtpsink.DropBefore, Nth: 3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, to := range []string{"a@example.org", "stall@example.org", "b@example.org", "c@example.org"} {
		cfg := config(sink)
		cfg.Timeouts.Dot = time.Second
		s := dialed(t, newDialer(t, cfg))
		for range 2 {
			s.Send(ctx, mailTo(to, testMessage("a", 500)), intent)
		}
		s.Close()
	}
	sink.Close()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("goroutines: got %d, want %d\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestSendHardlyAllocates(t *testing.T) { // not parallel: counts allocations
	for _, chunking := range []bool{false, true} {
		sink := startSink(t, smtpsink.Options{Pipelining: true, Chunking: chunking, Discard: true})
		s := dialed(t, newDialer(t, config(sink)))
		msg, ctx := testMessage("a", 60_000), context.Background()
		got := testing.AllocsPerRun(200, func() {
			if res := s.Send(ctx, mailTo("a@example.org", msg), intent); !res.Accepted() {
				t.Fatalf("got %+v, want accepted", res)
			}
		})
		if got > 10 { // the sink's own are counted too
			t.Errorf("allocations a message, chunking %t: got %v, want at most 10", chunking, got)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 2.0.0 ok\r\n", "250-a\r\n250 b\r\n", "550 5.1.1\r\n", "25\r\n", "250\n", "999 x\r\n", "250-x\r\n251 y\r\n", "250 2.0.\xff\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var r reply
		if err := r.read(bufio.NewReader(strings.NewReader(string(in)))); err != nil {
			return
		}
		text := clean(string(r.text))
		if r.code < 200 || r.code > 599 || len(text) > maxText || strings.ContainsAny(text, "\x00\r\n\x1b") {
			t.Errorf("%q: got %d %q", in, r.code, text)
		}
	})
}
