package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve starts a real server on loopback.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// only makes a client that may dial these servers and nothing else, so that
// loopback can play the public Internet.
func only(t *testing.T, o Options, servers ...*httptest.Server) *Client {
	t.Helper()
	allowed := map[netip.AddrPort]bool{}
	for _, s := range servers {
		allowed[netip.MustParseAddrPort(s.Listener.Addr().String())] = true
	}
	g := newGuard()
	return newClient(o, nil, func(a netip.AddrPort) error {
		if allowed[a] {
			return nil
		}
		return g.check(a.Addr())
	})
}

func TestGet(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hop":
			http.Redirect(w, r, "/page?x=1", http.StatusFound)
		case "/page":
			fmt.Fprintf(w, "page %s", r.URL.RawQuery)
		default:
			http.NotFound(w, r)
		}
	})
	c := New(Options{AllowPrivate: true})
	for path, want := range map[string]string{"/page": "page ", "/hop": "page x=1"} {
		got, err := c.Get(t.Context(), s.URL+path)
		if err != nil || string(got) != want {
			t.Errorf("Get(%s): got %q, %v, want %q", path, got, err, want)
		}
	}
	_, err := c.Get(t.Context(), s.URL+"/missing")
	var status *StatusError
	if !errors.As(err, &status) || status.Code != http.StatusNotFound || !errors.Is(err, ErrStatus) {
		t.Errorf("Get(/missing): got %v, want a StatusError with 404", err)
	}
}

func TestRefusesURLs(t *testing.T) {
	t.Parallel()
	c := New(Options{AllowPrivate: true})
	for _, u := range []string{
		"", "page.html", "//host/x", "file:///etc/passwd", "ftp://example.org/x", "gopher://example.org/", "javascript:alert(1)",
		"data:text/plain,x", "http://", "https:///path", "http://user:hunter2@example.org/", "http://%zz/", "http://h:hunter2/",
	} {
		_, err := c.Get(t.Context(), u)
		if !errors.Is(err, ErrURL) {
			t.Errorf("Get(%q): got %v, want ErrURL", u, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Get(%q): got %q, want no password in it", u, err)
		}
	}
}

// The server must not even be connected to.
func TestRefusesPrivateAddresses(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	port := s.Listener.Addr().String()[strings.LastIndex(s.Listener.Addr().String(), ":"):]
	c := New(Options{Timeout: time.Minute})
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "169.254.169.254", "[fd00::1]", "[64:ff9b::7f00:1]"} {
		_, err := c.Get(t.Context(), "http://"+host+port+"/")
		if !errors.Is(err, ErrPrivate) {
			t.Errorf("Get(%s): got %v, want ErrPrivate", host, err)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the server got %d requests, want 0", n)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var inside atomic.Int32
	private := serve(t, func(http.ResponseWriter, *http.Request) { inside.Add(1) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/private":  private.URL,
			"/metadata": "http://169.254.169.254/latest/meta-data/",
			"/file":     "file:///etc/passwd",
			"/user":     "http://user:hunter2@example.org/",
			"/loop":     "/loop",
		}[r.URL.Path]
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	c := only(t, Options{}, s)
	for path, want := range map[string]error{"/private": ErrPrivate, "/metadata": ErrPrivate, "/file": ErrURL, "/user": ErrURL, "/loop": ErrRedirects} {
		_, err := c.Get(t.Context(), s.URL+path)
		if !errors.Is(err, want) {
			t.Errorf("Get(%s): got %v, want %v", path, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Get(%s): got %q, want no password in it", path, err)
		}
	}
	if n := inside.Load(); n != 0 {
		t.Errorf("the private server got %d requests, want 0", n)
	}
}

func TestRefusesDowngrade(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "changed on the way") })
	s := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	t.Cleanup(s.Close)
	c := only(t, Options{}, s, plain)
	c.http.Transport.(*http.Transport).TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
	if got, err := c.Get(t.Context(), s.URL); !errors.Is(err, ErrURL) {
		t.Errorf("Get: got %q, %v, want ErrURL", got, err)
	}
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	const most = 1000
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			_, _ = w.Write(make([]byte, most))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		default: // chunked, without an end until the client goes
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, most)); err != nil {
					return
				}
			}
		}
	})
	c := New(Options{AllowPrivate: true, MaxBytes: most})
	if got, err := c.Get(t.Context(), s.URL+"/fits"); err != nil || len(got) != most {
		t.Errorf("Get(/fits): got %d bytes, %v, want %d", len(got), err, most)
	}
	for _, path := range []string{"/bomb", "/endless"} {
		if _, err := c.Get(t.Context(), s.URL+path); !errors.Is(err, ErrTooLarge) {
			t.Errorf("Get(%s): got %v, want ErrTooLarge", path, err)
		}
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drip" {
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	})
	c := New(Options{AllowPrivate: true, Timeout: 50 * time.Millisecond})
	for _, path := range []string{"/silent", "/drip"} {
		if _, err := c.Get(t.Context(), s.URL+path); !errors.Is(err, ErrTooSlow) {
			t.Errorf("Get(%s): got %v, want ErrTooSlow", path, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(Options{AllowPrivate: true}).Get(ctx, s.URL); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTooSlow) {
		t.Errorf("Get with a cancelled context: got %v, want context.Canceled", err)
	}
}
