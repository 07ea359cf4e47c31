package smtpd_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"verdicts.example/digest/internal/smtpd"
)

// sessions take everything and keep nothing.
type session struct{}

func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }

func serve(t *testing.T, o smtpd.Options) (addr string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Domain, o.Log = "mx.example.org", slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- smtpd.Serve(ctx, ln, smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{}, nil }), o)
	}()
	stop = func() error { cancel(); return <-done }
	t.Cleanup(func() { cancel() })
	return ln.Addr().String(), stop
}

// patience is longer than a busy machine takes for what takes an instant on another.
const patience = 50 * time.Second

type client struct {
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &client{c, bufio.NewReader(c)}
}

// say writes lines and gives the next reply's last line.
func (c *client) say(t *testing.T, lines string) string {
	t.Helper()
	if _, err := io.WriteString(c, lines); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return err.Error()
		}
		if len(line) > 3 && line[3] != '-' {
			return strings.TrimSpace(line)
		}
	}
}

// The first command decides which protocol is spoken; there is one greeting.
func TestFirstCommandDecides(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, smtpd.Options{LMTP: true, Idle: time.Minute})
	const mail = "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nDATA\r\n"
	for hello, replies := range map[string]int{"LHLO x\r\n": 2, "lhlo x\r\n": 2, "EHLO x\r\n": 1, "HELO x\r\n": 1, "NOOP\r\nEHLO x\r\n": 1} {
		c := dial(t, addr)
		if got := c.say(t, ""); !strings.HasPrefix(got, "220 mx.example.org") {
			t.Errorf("got the greeting %q", got)
		}
		for line := range strings.Lines(hello) {
			if got := c.say(t, line); !strings.HasPrefix(got, "250") {
				t.Errorf("%q: got %q, want 250", line, got)
			}
		}
		got := []string{c.say(t, mail), c.say(t, ""), c.say(t, ""), c.say(t, "")}
		if !strings.HasPrefix(got[3], "354") {
			t.Errorf("got %q, want 354 at last", got)
		}
		end := c.say(t, "Subject: x\r\n\r\nhello\r\n.\r\n")
		for range replies - 1 { // RFC 2033 §4.2: one for each recipient
			end += " " + c.say(t, "")
		}
		if n := strings.Count(end, "250"); n != replies {
			t.Errorf("got %q, want %d replies", end, replies)
		}
		if got := c.say(t, "QUIT\r\n"); !strings.HasPrefix(got, "221") {
			t.Errorf("got %q, want 221", got)
		}
	}
}

// More connections than there may be are told to come again, and the next one is
// let in when another has gone.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, smtpd.Options{LMTP: true, Connections: 2, Idle: time.Minute})
	a, b := dial(t, addr), dial(t, addr)
	if got := a.say(t, "") + b.say(t, ""); strings.Count(got, "220") != 2 {
		t.Fatalf("got %q, want two greetings", got)
	}
	if got := dial(t, addr).say(t, ""); !strings.HasPrefix(got, "421 4.3.2") {
		t.Errorf("got %q, want 421", got)
	}
	a.say(t, "QUIT\r\n")
	for end := time.Now().Add(patience); ; {
		if got := dial(t, addr).say(t, ""); strings.HasPrefix(got, "220") {
			return
		}
		if time.Now().After(end) {
			t.Fatal("got no greeting after a connection has ended")
		}
	}
}

// A client that trickles is cut when its time is over, and an idle one too.
func TestTimeIsBounded(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]smtpd.Options{
		"lifetime": {LMTP: true, Lifetime: 300 * time.Millisecond, Idle: time.Minute},
		"idle":     {LMTP: true, Idle: 300 * time.Millisecond},
		"SMTP":     {Lifetime: 300 * time.Millisecond, Idle: time.Minute},
	} {
		addr, _ := serve(t, o)
		c := dial(t, addr)
		c.say(t, "")
		if name != "idle" {
			c.say(t, "EHLO x\r\n")
		}
		if _, err := io.Copy(io.Discard, c.r); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: got no end of the connection in %v", name, patience)
		}
	}
}

// The end waits for clients, but no longer than it may.
func TestEndIsBounded(t *testing.T) {
	t.Parallel()
	addr, stop := serve(t, smtpd.Options{LMTP: true, Idle: time.Minute, Grace: 100 * time.Millisecond})
	silent, greeted := dial(t, addr), dial(t, addr)
	silent.say(t, "") // and it says no more
	greeted.say(t, "")
	greeted.say(t, "LHLO x\r\n")
	start := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > patience {
		t.Errorf("the end took %s", took)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("got a connection after the end")
	}
}
