//go:build unix

package idleconn_test

import (
	"net"
	"testing"
	"time"

	"verdicts.example/digest/internal/idleconn"
)

// TestPending asks while nothing has arrived, when bytes have, and when the other end
// has gone.
func TestPending(t *testing.T) {
	for name, c := range map[string]struct {
		say  string
		hang bool
		want bool
	}{
		"nothing":          {"", false, false},
		"bytes":            {"x", false, true},
		"the end":          {"", true, true},
		"bytes and an end": {"x", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			near, far := pair(t)
			if c.say != "" {
				if _, err := far.Write([]byte(c.say)); err != nil {
					t.Fatal(err)
				}
			}
			if c.hang {
				_ = far.Close()
			}
			p := idleconn.NewProber(near)
			got := p.Pending()
			for range 1000 { // loopback, too, takes its time
				if got == c.want {
					break
				}
				got = p.Pending()
			}
			if got != c.want {
				t.Errorf("got %v pending, want %v", got, c.want)
			}
		})
	}
}

// TestPendingWhileRead asks while another goroutine waits for what arrives.
func TestPendingWhileRead(t *testing.T) {
	near, far := pair(t)
	read := make(chan error)
	go func() {
		_, err := near.Read(make([]byte, 1))
		read <- err
	}()
	p := idleconn.NewProber(near)
	answered := make(chan bool)
	go func() {
		for range 100 {
			_ = p.Pending()
			time.Sleep(time.Millisecond) // by then the other one waits
		}
		close(answered)
	}()
	select {
	case <-answered:
	case <-time.After(time.Minute):
		t.Error("got no answer while another goroutine reads")
	}
	_ = far.Close()
	<-read
	if !p.Pending() {
		t.Error("got nothing pending after the end, want it")
	}
}

// pair is two ends of a TCP connection.
func pair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if near, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
	return near, far
}
