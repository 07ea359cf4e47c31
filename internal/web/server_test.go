package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// impatient makes a server whose deadlines pass within a test.
var impatient = timing{header: 300 * time.Millisecond, read: 600 * time.Millisecond, write: 5 * time.Second, idle: 300 * time.Millisecond}

func dial(t *testing.T, s *site) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// exchange writes raw bytes and reads the status of the answer; 0 is none.
func exchange(t *testing.T, c net.Conn, request string) int {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := serveBy(t, nil, impatient, maxConns)
	c := dial(t, s)
	start := time.Now()
	status := exchange(t, c, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	if took := time.Since(start); status != 0 && status != http.StatusRequestTimeout || took > 5*time.Second {
		t.Errorf("got status %d after %v, want the connection ended soon", status, took)
	}
}

// A body that stalls gets 408, whichever route reads it.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := serveBy(t, newReaders(t), impatient, maxConns)
	for _, path := range []string{"/subscribe", "/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA"} {
		got := exchange(t, dial(t, s), "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=")
		if got != http.StatusRequestTimeout {
			t.Errorf("%s: got status %d, want 408", path, got)
		}
	}
}

func TestGreedyBodies(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t))
	form := "Content-Type: application/x-www-form-urlencoded\r\n"
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 8<<10, strings.Repeat("a", 8<<10))
	for _, path := range []string{"/subscribe", "/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA", "/confirm/AAAAAAAAAAAAAAAAAAAAAA"} {
		start := "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + form
		for _, c := range []struct {
			name, request string
			want          int
		}{
			{"1 GB announced", start + "Content-Length: 1073741824\r\n\r\nemail=", 413},
			{"chunks without end", start + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 3), 413},
			{"gzip", start + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 415},
			{"bad chunks", start + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
		} {
			if got := exchange(t, dial(t, s), c.request); got != c.want {
				t.Errorf("%s, %s: got status %d, want %d", path, c.name, got, c.want)
			}
		}
	}
	long := "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 64<<10) + "\r\n\r\n"
	if got := exchange(t, dial(t, s), long); got != http.StatusRequestHeaderFieldsTooLarge && got != 0 {
		t.Errorf("64 KiB of headers: got status %d, want 431", got)
	}
}

// 10,000 connections that say nothing, or only half a request, keep nobody out.
func TestIdleConnections(t *testing.T) {
	conns := 10_000
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		t.Fatal(err)
	}
	if need := uint64(conns + maxConns + 500); lim.Cur < need {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the test opens %d files, but the limit is %d (ulimit -n)", need, lim.Cur)
		}
		t.Skipf("skipped: the test opens %d files, but the limit is %d (ulimit -n)", need, lim.Cur)
	}
	s := serve(t, newReaders(t))
	for i := range conns {
		c := dial(t, s)
		if i%2 == 0 {
			if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
	var took []time.Duration
	for range 200 {
		start := time.Now()
		wantStatus(t, s.get(t, "/"), http.StatusOK)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	used := (m.HeapInuse + m.StackInuse) >> 20
	t.Logf("with %d idle connections: p99 %v, %d MiB in use (the clients' side too)", conns, p99, used)
	if p99 > time.Second {
		t.Errorf("got a p99 of %v, want below 1 s", p99)
	}
	if used > 100 {
		t.Errorf("got %d MiB in use, want below 100", used)
	}
}

// A request in flight is never ended for a newcomer.
func TestActiveConnectionsStay(t *testing.T) {
	t.Parallel()
	s := serveBy(t, newReaders(t), defaultTiming, 5)
	c := dial(t, s)
	body := "email=reader%40example.org"
	if _, err := fmt.Fprintf(c, "POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", len(body)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until the server reads the body
	for range 50 {
		dial(t, s)
	}
	wantStatus(t, s.get(t, "/"), http.StatusOK)
	if got := exchange(t, c, body); got != http.StatusSeeOther {
		t.Errorf("got status %d for the request in flight, want 303", got)
	}
}
