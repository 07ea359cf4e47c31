package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// A name that points at one address when it is looked at and at another when it
// is used must not get through: what counts is the address that is dialled.
func TestRefusesRebinding(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { calls.Add(1) })
	inside := netip.MustParseAddrPort(s.Listener.Addr().String())
	front := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://rebind.example:"+s.URL[len("http://127.0.0.1:"):]+"/", http.StatusFound)
	})
	frontAddr := netip.MustParseAddrPort(front.Listener.Addr().String())
	frontURL, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}

	for name, answer := range map[string]netip.Addr{
		"loopback":   inside.Addr(),
		"private":    netip.MustParseAddr("10.0.0.1"),
		"link-local": netip.MustParseAddr("169.254.169.254"),
	} {
		var asked atomic.Int32
		resolver := resolverOf(t, func() netip.Addr {
			asked.Add(1)
			return answer
		})
		g := newGuard()
		c := newClient(Options{Timeout: time.Minute}, resolver, func(a netip.AddrPort) error {
			if a == frontAddr { // plays the public site
				return nil
			}
			return g.check(a.Addr())
		})
		if _, err := c.Get(t.Context(), frontURL.String()); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: got %v, want ErrPrivate", name, err)
		}
		if asked.Load() == 0 {
			t.Errorf("%s: got no question for the name, want the test's resolver asked", name)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the inner server got %d requests, want 0", n)
	}
}

// resolverOf asks a name server of the test that gives one address for every name.
func resolverOf(t *testing.T, answer func() netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := replyTo(buf[:n], answer); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// replyTo answers a question for an A record, and no other.
func replyTo(query []byte, answer func() netip.Addr) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.Additionals = true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 0},
			Body:   &dnsmessage.AResource{A: answer().As4()},
		}}
	}
	return m.Pack()
}
