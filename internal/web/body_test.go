package web

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// brokenBody has some bytes, then an error.
func brokenBody(b string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(b), &brokenReader{err})
}

type brokenReader struct{ err error }

func (f *brokenReader) Read([]byte) (int, error) { return 0, f.err }

// Under attack connections end by thousands in mid-body: no page is made for them.
func TestNoPageForWhoHasGone(t *testing.T) {
	t.Parallel()
	s := serve(t, newReaders(t))
	for _, c := range []struct {
		name string
		err  error
		page bool
	}{
		{"ended as one too many", &net.OpError{Op: "read", Err: net.ErrClosed}, false},
		{"reset by the client", &net.OpError{Op: "read", Err: os.NewSyscallError("read", errors.New("connection reset by peer"))}, false},
		{"too slow", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, true},
		{"cut off", io.ErrUnexpectedEOF, true},
	} {
		for _, path := range []string{"/subscribe", "/leave", "/confirm/AAAAAAAAAAAAAAAAAAAAAA", "/unsubscribe/AAAAAAAAAAAAAAAAAAAAAA"} {
			r := httptest.NewRequest(http.MethodPost, path, brokenBody("email=", c.err))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			if got := w.Body.Len() > 0; got != c.page || w.Code < 400 {
				t.Errorf("%s, %s: got status %d and a page: %t, want a page: %t", path, c.name, w.Code, got, c.page)
			}
		}
	}
}

// A body of any length costs at most what the largest needs.
func TestBodiesBuffer(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, usualBody - 1, usualBody, usualBody + 1, 15000, maxBody} {
		want := bytes.Repeat([]byte("a"), n)
		got, err := readTwice(io.MultiReader(bytes.NewReader(want[:n/2]), bytes.NewReader(want[n/2:])))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got %d and %v", n, len(got), err)
		}
		if most := maxBody + 2<<10; cap(got) > most || n < usualBody && cap(got) > 2<<10 {
			t.Errorf("%d bytes: got a buffer of %d, want at most %d, and 2 KiB for a usual one", n, cap(got), most)
		}
	}
	if _, err := readTwice(brokenBody(strings.Repeat("a", 2*usualBody), io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that is cut off: got %v, want %v", err, io.ErrUnexpectedEOF)
	}
}
