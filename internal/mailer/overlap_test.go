package mailer

import (
	"bufio"
	"context"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// script is a server that one connection talks to.
func script(t *testing.T, ehlo string, serve func(c net.Conn, r *bufio.Reader)) *Dialer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(patience))
		c.(*net.TCPConn).SetReadBuffer(4096)
		r := bufio.NewReaderSize(c, 1024)
		greet(c, r, ehlo)
		serve(c, r)
	}()
	t.Cleanup(func() { <-done })
	return newDialer(t, Config{
		Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, TLS: NoTLS, HELO: "a.example",
		Timeouts: Timeouts{Follow: patience, Dot: patience, Grace: time.Second, Quit: time.Second},
	})
}

// greet greets, and answers EHLO: twice, because what the server does not offer
// is asked for again.
func greet(c net.Conn, r *bufio.Reader, ehlo string) {
	c.Write([]byte("220 x\r\n"))
	for range 2 {
		r.ReadString('\n')
		c.Write([]byte(ehlo))
	}
}

const chunkingServer = "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n"

// skipTo reads lines until one begins with the verb.
func skipTo(r *bufio.Reader, verb string) string {
	for {
		line, err := r.ReadString('\n')
		if err != nil || strings.HasPrefix(line, verb) {
			return line
		}
	}
}

// skipChunk reads a BDAT command and its bytes.
func skipChunk(r *bufio.Reader) {
	f := strings.Fields(skipTo(r, "BDAT"))
	if len(f) > 1 {
		n, _ := strconv.Atoi(f[1])
		_, _ = r.Discard(n)
	}
}

// takeChunks takes a message by BDAT up to its end, and answers but the end.
func takeChunks(c net.Conn, r *bufio.Reader) {
	skipChunk(r)
	c.Write([]byte("250 ok\r\n250 ok\r\n250 ok\r\n"))
	skipChunk(r)
}

// The next message is begun before the answer to the end of the one before: a
// server that answers only then would else wait for ever.
func TestNextMessageIsBegunBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, ehlo := range []string{"250-x\r\n250 PIPELINING\r\n", chunkingServer} {
		d := script(t, ehlo, func(c net.Conn, r *bufio.Reader) {
			if ehlo == chunkingServer {
				takeChunks(c, r)
			} else {
				skipTo(r, "DATA")
				c.Write([]byte("250 ok\r\n250 ok\r\n354 ok\r\n"))
				skipTo(r, ".\r\n")
			}
			skipTo(r, "RCPT TO:<second@")
			c.Write([]byte("250 taken\r\n"))
		})
		if res := dialed(t, d).Send(context.Background(), first, followedBy(second)); !res.Accepted() {
			t.Errorf("got %+v, want accepted", res)
		}
	}
}

// large does not fit into what a connection buffers, but is begun blindly.
func large() delivery.Mail {
	return mailTo("large@example.org", testMessage("large", maxPipelinedBody-1000))
}

// narrow makes a connection of which a server that does not read sees little.
func narrow(t *testing.T, d *Dialer) *session {
	t.Helper()
	s := dialed(t, d)
	if err := s.raw.(*net.TCPConn).SetWriteBuffer(8 << 10); err != nil {
		t.Fatal(err)
	}
	return s
}

// A server may read on only when it is done with a message, and may take its
// time for it: that is no reason to give the message up.
func TestServerReadsOnLate(t *testing.T) {
	t.Parallel()
	d := script(t, chunkingServer, func(c net.Conn, r *bufio.Reader) {
		takeChunks(c, r)
		time.Sleep(1500 * time.Millisecond) // longer than a block may take
		c.Write([]byte("250 taken\r\n"))
		c.(*net.TCPConn).SetReadBuffer(1 << 20)
		takeChunks(c, r)
		c.Write([]byte("250 taken too\r\n"))
	})
	d.cfg.Timeouts.Block = time.Second
	s := narrow(t, d)
	if res := s.Send(context.Background(), first, followedBy(large())); !res.Accepted() || res.Broken {
		t.Fatalf("first: got %+v, want accepted", res)
	}
	if res := s.Send(context.Background(), large(), intent); !res.Accepted() || res.Text != "taken too" {
		t.Errorf("large: got %+v, want accepted", res)
	}
}

// A write that is cut off behind the end of a message leaves the message ended:
// its answer counts.
func TestAnswerCountsThoughTheNextIsCutOff(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	d := script(t, chunkingServer, func(c net.Conn, r *bufio.Reader) {
		takeChunks(c, r)
		<-over
		c.Write([]byte("250 taken\r\n"))
		skipTo(r, "nothing more")
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	d.cfg.Timeouts.Grace = lastWords
	s := narrow(t, d)
	res := s.Send(ctx, first, func() (*delivery.Mail, error) {
		time.AfterFunc(50*time.Millisecond, func() {
			cancel()
			// Past the grace of the context that ends, and not past what is waited then.
			time.AfterFunc(3*time.Second, func() { close(over) })
		})
		m := large()
		return &m, nil
	})
	if !res.Accepted() || !res.Broken {
		t.Errorf("got %+v, want accepted and Broken", res)
	}
}
