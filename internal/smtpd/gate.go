package smtpd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// A gate lets connections in and remembers them: go-smtp's server can neither
// count them nor wait for them and then close what is left.
type gate struct {
	ln  net.Listener
	opt Options

	mu   sync.Mutex
	open map[*conn]netip.Addr
	wg   sync.WaitGroup // first commands under way
}

func newGate(ln net.Listener, o Options) *gate {
	return &gate{ln: ln, opt: o, open: map[*conn]netip.Addr{}}
}

// run accepts until ctx ends, and hands each connection on to the server of its
// first command.
func (g *gate) run(ctx context.Context, in map[string]*queue) error {
	defer g.wg.Wait()
	for {
		raw, err := g.ln.Accept()
		switch {
		case err == nil:
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return nil
		default: // out of file descriptors, or the client was gone at once
			g.opt.Log.Warn("no connection could be accepted", "error", err)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(time.Second):
			}
			continue
		}
		c, ok := g.admit(raw)
		if !ok {
			continue
		}
		if !g.opt.LMTP {
			in[""].hand(c)
			continue
		}
		g.wg.Go(func() {
			word, err := c.first(g.opt.Domain)
			if err != nil {
				_ = c.Close() // it said nothing, or too much
				return
			}
			if in[word] == nil {
				word = ""
			}
			in[word].hand(c)
		})
	}
}

// admit counts a connection, or turns it away.
func (g *gate) admit(raw net.Conn) (*conn, bool) {
	c := &conn{Conn: raw, gate: g}
	if g.opt.Lifetime > 0 {
		c.until = time.Now().Add(g.opt.Lifetime)
	}
	from := addrOf(raw)
	g.mu.Lock()
	defer g.mu.Unlock()
	same := 0
	for _, a := range g.open {
		if a == from {
			same++
		}
	}
	full := g.opt.Connections > 0 && len(g.open) >= g.opt.Connections
	if full || g.opt.PerAddress > 0 && same >= g.opt.PerAddress && !from.IsLoopback() {
		// Best effort: whoever does not read it sees the connection close.
		_ = raw.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = fmt.Fprintf(raw, "421 4.3.2 %s too many connections, try again later\r\n", g.opt.Domain)
		_ = raw.Close()
		return nil, false
	}
	g.open[c] = from
	return c, true
}

func addrOf(c net.Conn) netip.Addr {
	a, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.IPv6Loopback() // a socket of this machine
	}
	return a.Addr().Unmap()
}

func (g *gate) closeAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		_ = c.Conn.Close() // it was told nothing: it will come again
	}
}

// A conn is a connection whose time is bounded, and whose first command may
// have been read already.
type conn struct {
	net.Conn
	gate    *gate
	until   time.Time
	read    []byte // read ahead, not yet given
	greeted bool   // the server's own greeting is left out
}

// maxFirst bounds what is read ahead (RFC 5321 §4.5.3.1.4: a command line has at
// most 512 bytes).
const maxFirst = 512

// first greets, and reads the first command's word in upper case.
func (c *conn) first(domain string) (string, error) {
	idle := c.gate.opt.Idle
	if idle > 0 {
		if err := errors.Join(c.SetReadDeadline(time.Now().Add(idle)), c.SetWriteDeadline(time.Now().Add(idle))); err != nil {
			return "", err
		}
	}
	if _, err := fmt.Fprintf(c.Conn, "220 %s ESMTP and LMTP\r\n", domain); err != nil {
		return "", err
	}
	c.greeted = true
	buf := make([]byte, maxFirst)
	for !bytes.ContainsRune(c.read, '\n') {
		n, err := c.Conn.Read(buf[:maxFirst-len(c.read)])
		c.read = append(c.read, buf[:n]...)
		if err != nil && !(errors.Is(err, io.EOF) && len(c.read) > 0) {
			return "", err
		}
		if err != nil || len(c.read) == maxFirst {
			break
		}
	}
	line, _, _ := bytes.Cut(c.read, []byte("\n"))
	word, _, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	return strings.ToUpper(word), nil
}

func (c *conn) Read(b []byte) (int, error) {
	if len(c.read) > 0 {
		n := copy(b, c.read)
		c.read = c.read[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// Write leaves out the greeting of the server, which is one write and one line.
func (c *conn) Write(b []byte) (int, error) {
	if c.greeted {
		c.greeted = false
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// SetReadDeadline ends the connection when its time is over, however busy it is.
func (c *conn) SetReadDeadline(t time.Time) error {
	if !c.until.IsZero() && (t.IsZero() || t.After(c.until)) {
		t = c.until
	}
	return c.Conn.SetReadDeadline(t)
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.gate.mu.Lock()
	delete(c.gate.open, c)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}
