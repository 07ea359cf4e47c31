package check

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// spamdAnswers listens like spamd, reads a request whole and answers with
// answer. The real daemon is asked in package measure.
func spamdAnswers(t *testing.T, network, addr, answer string) string {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			r := bufio.NewReader(conn)
			n := 0
			for {
				line, err := r.ReadString('\n')
				if err != nil || line == "\r\n" {
					break
				}
				_, _ = fmt.Sscanf(line, "Content-length: %d", &n)
			}
			_, _ = io.CopyN(io.Discard, r, int64(n))
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

const spamdReport = "SPAMD/1.1 0 EX_OK\r\nContent-length: 300\r\nSpam: %s ; %s / 5.0\r\n\r\n" +
	"Content analysis details:   (0.7 points, 5.0 required)\n\n" +
	" pts rule name              description\n---- ---------------------- ----------------\n" +
	"-0.0 NO_RECEIVED            Informational: message has no Received headers\n" +
	" 0.7 HTML_FONT_LOW_CONTRAST BODY: HTML font color similar or identical to\n" +
	"                            background\n 1.5 words that go on\n\n"

func TestSpam(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verdict, score string
		level          Level
	}{
		{"False", "-0.0", Pass},
		{"False", "0.7", Pass},
		{"False", "2.3", Warn},
		{"True", "5.0", Fail},
	} {
		addr := spamdAnswers(t, "tcp", "127.0.0.1:0", fmt.Sprintf(spamdReport, c.verdict, c.score))
		f, ok := Spam(t.Context(), addr, []byte("Subject: x\r\n\r\nx\r\n"))
		if !ok || f.Level != c.level || !strings.Contains(f.Detail, c.score) || !strings.Contains(f.Detail, "HTML_FONT_LOW_CONTRAST 0.7") {
			t.Errorf("score %s: got %s (%v), want %s with the rule that cost points", c.score, f.line(), ok, c.level)
		}
	}
}

func TestAskSpamd(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "s")
	spamdAnswers(t, "unix", socket, fmt.Sprintf(spamdReport, "False", "0.7"))
	s, err := AskSpamd(t.Context(), socket, []byte("x"))
	want := []SpamRule{{"NO_RECEIVED", 0}, {"HTML_FONT_LOW_CONTRAST", 0.7}}
	if err != nil || s.Score != 0.7 || s.Threshold != 5 || !slices.Equal(s.Rules, want) {
		t.Errorf("by a Unix socket: got %v, %v, want 0.7 of 5 and %v", s, err, want)
	}
	for name, answer := range map[string]string{
		"refused":   "SPAMD/1.0 76 Bad header line: x\r\n",
		"not spamd": "220 mail.example.org ESMTP\r\n",
		"no score":  "SPAMD/1.1 0 EX_OK\r\nSpam: maybe\r\n\r\n",
		"no fields": "SPAMD/1.1 0 EX_OK\r\n",
	} {
		addr := spamdAnswers(t, "tcp", "127.0.0.1:0", answer)
		if _, err := AskSpamd(t.Context(), addr, []byte("x")); !errors.Is(err, ErrSpamd) {
			t.Errorf("%s: got %v, want ErrSpamd", name, err)
		}
		if f, ok := Spam(t.Context(), addr, []byte("x")); ok {
			t.Errorf("%s: got %s, want no finding", name, f.line())
		}
	}
}

// No daemon, or one that never answers, is no finding, and takes no longer than
// ctx allows.
func TestSpamAbsent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := AskSpamd(ctx, l.Addr().String(), []byte("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent daemon: got %v, want the deadline", err)
	}
	if f, ok := Spam(t.Context(), filepath.Join(t.TempDir(), "none"), nil); ok {
		t.Errorf("no daemon: got %s, want no finding", f.line())
	}
}

func FuzzSpamd(f *testing.F) {
	f.Add(fmt.Sprintf(spamdReport, "False", "0.1"))
	f.Add(fmt.Sprintf(spamdReport, "False", "NaN"))
	f.Add("SPAMD/1.1 0 EX_OK\r\n\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		s, err := readSpamd(strings.NewReader(answer))
		if err != nil {
			return
		}
		numbers := []float64{s.Score, s.Threshold}
		for _, r := range s.Rules {
			numbers = append(numbers, r.Points)
		}
		for _, n := range numbers {
			if math.IsNaN(n) || math.IsInf(n, 0) {
				t.Errorf("got %v, want numbers", s)
			}
		}
	})
}
