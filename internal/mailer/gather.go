package mailer

import "net"

// gatherMost is how many bytes one write takes to the connection.
const gatherMost = 64 << 10

// A gatherer is a TCP connection under TLS. TLS writes a record of 16 KiB at a
// time; between hold and release those of one message share a system call.
type gatherer struct {
	net.Conn
	held bool
	buf  []byte
	sent int // since hold, in bytes
}

func (g *gatherer) Write(p []byte) (int, error) {
	if !g.held {
		return g.Conn.Write(p)
	}
	if len(g.buf)+len(p) > gatherMost {
		if err := g.flush(); err != nil {
			return 0, err
		}
	}
	g.buf = append(g.buf, p...)
	return len(p), nil
}

func (g *gatherer) hold() { g.held, g.sent = true, 0 }

// taken is how many bytes came since hold.
func (g *gatherer) taken() int { return g.sent + len(g.buf) }

// release writes what was held.
func (g *gatherer) release() error {
	g.held = false
	return g.flush()
}

func (g *gatherer) flush() error {
	if len(g.buf) == 0 {
		return nil
	}
	n, err := g.Conn.Write(g.buf)
	g.sent += n
	g.buf = g.buf[:0]
	return err
}
