package web

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/subscribers"
)

// slowList waits in the middle of a sign-up.
type slowList struct {
	List
	entered, leave chan struct{}
}

func (l *slowList) SignUp(context.Context, subscribers.SignUp) error {
	close(l.entered)
	<-l.leave
	return nil
}

func post(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

// trickle keeps n connections open whose bodies do not end, opened anew when the
// server ends them, until the test is over. It returns when all were open once.
func trickle(t *testing.T, n int, header string, dial func() (net.Conn, error)) {
	t.Helper()
	stop := make(chan struct{})
	var open, all sync.WaitGroup
	open.Add(n)
	for range n {
		all.Go(func() {
			first := sync.OnceFunc(open.Done)
			defer first()
			for {
				select {
				case <-stop:
					return
				default:
				}
				c, err := dial()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, "POST /subscribe HTTP/1.1\r\nHost: x\r\n"+header+"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ne")
				first()
				ended := make(chan struct{})
				go func() { _, _ = io.Copy(io.Discard, c); close(ended) }()
				select {
				case <-ended:
				case <-stop:
				}
				_ = c.Close()
				<-ended
			}
		})
	}
	t.Cleanup(func() { close(stop); all.Wait() })
	open.Wait()
}

// visit has visitors sign up one after the other and gives how many got through.
func visit(t *testing.T, url string, n int) (through int, slowest time.Duration) {
	t.Helper()
	client := &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for i := range n {
		start := time.Now()
		resp, err := client.PostForm(url+"/subscribe", map[string][]string{"email": {fmt.Sprintf("reader%d@example.org", i)}})
		if err == nil {
			if resp.StatusCode == http.StatusSeeOther {
				through++
			}
			_ = resp.Body.Close()
		}
		slowest = max(slowest, time.Since(start))
	}
	return through, slowest
}

// More trickled bodies than connections keep nobody out: who is read longest is
// ended first, and who is quick has the time.
func TestTrickledBodies(t *testing.T) {
	t.Parallel()
	withTime(t, func(t *testing.T, times time.Duration) bool {
		conns := newConnCap(200, 200, netip.Addr.IsLoopback)
		conns.leastWait *= times
		s := serveBy(t, newReaders(t), defaultTiming(), conns)
		address := strings.TrimPrefix(s.url, "http://")
		trickle(t, 300, "", func() (net.Conn, error) { return net.Dial("tcp", address) })
		through, slowest := visit(t, s.url, 20)
		t.Logf("got %d of 20 visitors through, the slowest in %v, want all", through, slowest)
		return through == 20
	})
}

// Behind a proxy that streams bodies, one client's trickled bodies take no more
// than one client's share, and other clients of the proxy get through.
func TestTrickledBodiesBehindAProxy(t *testing.T) {
	t.Parallel()
	withTime(t, behindAProxy)
}

func behindAProxy(t *testing.T, times time.Duration) (enough bool) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	conns := newConnCap(200, 20, netip.Addr.IsLoopback)
	conns.leastWait *= times
	timing := defaultTiming()
	timing.body, timing.read = timing.body*times, timing.read*times
	s := serveBy(t, newReaders(t), timing, conns, func(d *Deps) { d.TrustedProxies = loopback })
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		ErrorLog:  log.New(io.Discard, "", 0),
		Transport: &http.Transport{MaxIdleConns: 0},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			client := r.In.Header.Get("X-Test-Client") // stands for the client's own address
			if client == "" {
				client = "198.51.100.1"
			}
			r.Out.Header.Set("X-Forwarded-For", client)
		},
	}
	proxy := httptest.NewServer(forward)
	t.Cleanup(proxy.Close)
	address := strings.TrimPrefix(proxy.URL, "http://")
	trickle(t, 300, "X-Test-Client: 203.0.113.9\r\n", func() (net.Conn, error) { return net.Dial("tcp", address) })
	through, slowest := visit(t, proxy.URL, 50)
	t.Logf("got %d of 50 visitors through, the slowest in %v, want all", through, slowest)
	conns.mu.Lock()
	defer conns.mu.Unlock()
	got := conns.clients[netip.MustParsePrefix("203.0.113.9/32")]
	if got > 20 {
		t.Errorf("got %d connections of the client, want at most 20 of its 300", got)
	}
	return through == 50 && got > 0 // none: the attack was over before the visitors were
}

func (l *slowList) UseWording(string) {}
