package loopback_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"verdicts.example/digest/internal/loopback"
)

func TestNear(t *testing.T) {
	t.Parallel()
	h := loopback.Near(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		peer, forwarded string
		want            int
	}{
		{"127.0.0.1:1234", "", 200},
		{"[::1]:1234", "", 200},
		{"172.17.0.1:1234", "", 200}, // a container's host
		{"[fe80::1%eth0]:1234", "", 200},
		{"203.0.113.9:1234", "", 404},
		{"[2001:db8::1]:1234", "", 404},
		{"127.0.0.1:1234", "203.0.113.9", 404},              // through a proxy on this machine
		{"127.0.0.1:1234", "127.0.0.1, 203.0.113.9", 404},   // a client that says it is near
		{"127.0.0.1:1234", "203.0.113.9, 192.168.0.7", 404}, // through two
		{"127.0.0.1:1234", "192.168.0.7", 200},
		{"127.0.0.1:1234", "unknown", 404},
		{"203.0.113.9:1234", "127.0.0.1", 404},
		{"@", "", 404},
	} {
		r := httptest.NewRequest(http.MethodGet, "/mailbox", nil)
		r.Host = "localhost:8080"
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("peer %s, forwarded for %q: got %d, want %d", c.peer, c.forwarded, w.Code, c.want)
		}
	}
}

// Whoever is near asks by an address or as localhost: a name may be anybody's
// that resolves to here.
func TestNearHost(t *testing.T) {
	t.Parallel()
	h := loopback.Near(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for host, want := range map[string]int{
		"localhost:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200, "192.168.0.7:8080": 200, "172.17.0.2:8080": 200, "[fd00::1]:80": 200,
		"evil.example": 421, "evil.example:8080": 421, "203.0.113.9": 421, "192.168.0.7.evil.example": 421, "": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/mailbox", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1234", host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: got %d, want %d", host, w.Code, want)
		}
	}
}
