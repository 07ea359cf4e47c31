package loopback_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"verdicts.example/digest/internal/loopback"
)

func TestOnly(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(loopback.Only(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "secret")
	})))
	t.Cleanup(srv.Close)
	for host, want := range map[string]int{
		"localhost:1": 200, "127.0.0.1": 200, "127.9.9.9:80": 200, "[::1]:80": 200, "[::1]": 200, "LOCALHOST": 200, "[::ffff:127.0.0.1]": 200,
		"evil.example": 421, "localhost.evil.example:80": 421, "127.0.0.1.evil.example": 421, "10.0.0.1": 421, "0.0.0.0": 421, "[::]:80": 421,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != want || (string(body) == "secret") != (want == 200) {
			t.Errorf("Host %s: got status %d, %q, %v, want %d", host, resp.StatusCode, body, err, want)
		}
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.org:0"} {
		if ln, err := loopback.Listen(t.Context(), "page", addr); !errors.Is(err, loopback.ErrNotLoopback) {
			t.Errorf("%s: got %v, %v, want ErrNotLoopback", addr, ln, err)
		}
	}
	if _, err := loopback.Listen(t.Context(), "page", "8080"); err == nil {
		t.Error("address without a port: got no error, want one")
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		ln, err := loopback.Listen(t.Context(), "page", addr)
		if err != nil {
			t.Fatal(err)
		}
		if !loopback.Is(ln.Addr()) {
			t.Errorf("%s: got an address that is not loopback", ln.Addr())
		}
		_ = ln.Close()
	}
	for _, ip := range []string{"0.0.0.0", "::", "10.0.0.1"} {
		if loopback.Is(&net.TCPAddr{IP: net.ParseIP(ip), Port: 9090}) {
			t.Errorf("%s: got loopback, want not", ip)
		}
	}
}
