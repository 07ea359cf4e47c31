package mailer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// A server that reads a message through a buffer of its own loses what is in it
// beyond the dot, all of it or a part. The message is taken, nobody is the worse
// for it, and the server is not asked that way again.
func TestServerThatLosesWhatFollows(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]int{
		"all of it": 1 << 10, "MAIL": len("MAIL FROM:<bounce@verdicts.example>\r\n"), "half of MAIL": 9,
		"MAIL and half of RCPT": len("MAIL FROM:<bounce@verdicts.example>\r\nRCPT T"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newSwallower(t, lost)
			d := newDialer(t, Config{
				Host: "127.0.0.1", Port: srv.port, TLS: NoTLS, HELO: "a.example",
				Timeouts: Timeouts{Follow: 200 * time.Millisecond, Dot: patience, Command: patience},
			})
			s := dialed(t, d)
			if res := s.Send(context.Background(), first, followedBy(second)); !res.Accepted() {
				t.Fatalf("first: got %+v, want accepted", res)
			}
			res := s.Send(context.Background(), second, intent)
			if res.Phase != delivery.PhaseConnect || !errors.Is(res.Err, ErrSwallowed) || !res.Broken {
				t.Fatalf("second: got %+v, want ErrSwallowed", res)
			}
			s = dialed(t, d)
			for _, m := range []delivery.Mail{second, first} {
				if res := s.Send(context.Background(), m, followedBy(first)); !res.Accepted() || res.Broken {
					t.Fatalf("on the next connection: got %+v, want accepted", res)
				}
			}
			if got := srv.taken.Load(); got != 3 {
				t.Errorf("got %d messages taken, want 3", got)
			}
		})
	}
}

// A swallower is a server that loses so many bytes behind each dot when they
// have come with it.
type swallower struct {
	port  int
	taken atomic.Int32
}

func newSwallower(t *testing.T, lost int) *swallower {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &swallower{port: ln.Addr().(*net.TCPAddr).Port}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(time.Now().Add(patience))
			wg.Go(func() { defer c.Close(); s.serve(c, lost) })
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return s
}

func (s *swallower) serve(c net.Conn, lost int) {
	r := bufio.NewReaderSize(c, 64<<10)
	io.WriteString(c, "220 x\r\n")
	mail := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		answer := "500 what\r\n"
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
		case "EHLO":
			answer = "250-x\r\n250 PIPELINING\r\n"
		case "MAIL":
			mail, answer = true, "250 ok\r\n"
		case "RCPT":
			if answer = "503 MAIL first\r\n"; mail {
				answer = "250 ok\r\n"
			}
		case "RSET":
			mail, answer = false, "250 ok\r\n"
		case "QUIT":
			io.WriteString(c, "221 bye\r\n")
			return
		case "DATA":
			if answer = "503 MAIL first\r\n"; mail {
				io.WriteString(c, "354 go on\r\n")
				skipTo(r, ".\r\n")
				time.Sleep(20 * time.Millisecond) // for what follows to arrive
				_, _ = r.Discard(min(lost, r.Buffered()))
				s.taken.Add(1)
				mail, answer = false, "250 taken\r\n"
			}
		}
		io.WriteString(c, answer)
	}
}
