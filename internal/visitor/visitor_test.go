package visitor

import (
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// Addresses in X-Forwarded-For count only as far as trusted proxies vouch.
func TestIP(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"198.51.100.7:1", "203.0.113.1", "198.51.100.7"},
		{"10.0.0.1:1", "203.0.113.1", "203.0.113.1"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"10.0.0.1:1", "1.2.3.4, 203.0.113.1", "203.0.113.1"},
		{"10.0.0.1:1", "1.2.3.4, 203.0.113.1, 10.9.9.9", "203.0.113.1"},
		{"10.0.0.1:1", "10.1.1.1, 10.2.2.2", "10.1.1.1"},
		{"10.0.0.1:1", "203.0.113.1, garbage", "10.0.0.1"},
		{"10.0.0.1:1", "203.0.113.1:4711", "203.0.113.1"},
		{"[fd00::1]:1", "[2001:db8::1]:443", "2001:db8::1"},
		{"[::ffff:10.0.0.1]:1", "203.0.113.1", "203.0.113.1"},
		{"@", "203.0.113.1", "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		if c.forwarded == "" {
			r.Header = http.Header{}
		}
		if got := IP(r, trusted).String(); got != c.want {
			t.Errorf("from %s, forwarded %q: got %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func FuzzIP(f *testing.F) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Add("10.0.0.1:1", "1.2.3.4, [::1]:2")
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		own := ParseIP(remote)
		if got := IP(r, trusted); !Trusted(own, trusted) && got != own {
			t.Errorf("got %v for a client %v that no proxy vouches for", got, own)
		}
		Network(own, 32, 64)
	})
}

func monday() time.Time { return time.Date(2026, time.November, 16, 9, 0, 0, 0, time.UTC) }

// A network's bucket refills, and what is remembered stays bounded.
func TestBuckets(t *testing.T) {
	t.Parallel()
	b := NewBuckets[netip.Prefix](Hourly(12), 3)
	now := monday()
	one := netip.MustParsePrefix("192.0.2.1/32")
	for i, want := range []time.Duration{0, 0, 5 * time.Minute, 5 * time.Minute} {
		if got := Take(now, b.Of(one)); got != want {
			t.Errorf("take %d: got a wait of %v, want %v", i, got, want)
		}
	}
	if got := Take(now.Add(5*time.Minute), b.Of(one)); got != 0 {
		t.Errorf("after five minutes: got a wait of %v, want none", got)
	}
	for i := range 100 {
		b.Of(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32))
	}
	if got := b.recent.Len(); got != 3 || len(b.byKey) != 3 {
		t.Errorf("got %d networks and %d entries, want 3", got, len(b.byKey))
	}
}

// A refusal by one bucket takes nothing from the others.
func TestTakeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	now := monday()
	wide, narrow := Hourly(12)(), Hourly(6)()
	for range 5 {
		Take(now, wide, narrow)
	}
	if got := wide.TokensAt(now); got != 1 {
		t.Errorf("got %v left in the wide bucket, want 1: the narrow one let one through", got)
	}
}
