package smtpsink

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// delayed is a connection whose bytes arrive later in both directions, as over
// a long line: many may be under way at once.
type delayed struct {
	net.Conn
	d      time.Duration
	in     chan packet
	out    chan packet
	rest   []byte
	inErr  error
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
}

type packet struct {
	due  time.Time
	data []byte
	err  error
}

// delay delays c by d in each direction.
func delay(c net.Conn, d time.Duration) *delayed {
	dc := &delayed{Conn: c, d: d, in: make(chan packet, 256), out: make(chan packet, 256)}
	dc.ctx, dc.cancel = context.WithCancel(context.Background())
	dc.wg.Go(dc.readLoop)
	dc.wg.Go(dc.writeLoop)
	return dc
}

func (c *delayed) readLoop() {
	for {
		buf := make([]byte, 64<<10)
		n, err := c.Conn.Read(buf)
		select {
		case c.in <- packet{time.Now().Add(c.d), buf[:n], err}:
		case <-c.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// writeLoop writes until Close and then what is under way.
func (c *delayed) writeLoop() {
	for p := range c.out {
		time.Sleep(time.Until(p.due))
		if _, err := c.Conn.Write(p.data); err != nil {
			break
		}
	}
	c.Conn.Close()
	for range c.out { // until Close, so that no Write blocks
	}
}

func (c *delayed) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.inErr != nil {
			return 0, c.inErr
		}
		select {
		case pk := <-c.in:
			time.Sleep(time.Until(pk.due))
			c.rest, c.inErr = pk.data, pk.err
		case <-c.ctx.Done():
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *delayed) Write(p []byte) (int, error) {
	c.out <- packet{due: time.Now().Add(c.d), data: append([]byte(nil), p...)}
	return len(p), nil
}

// Close lets what was written arrive and then closes. Not to be called while a
// Write runs.
func (c *delayed) Close() error {
	c.once.Do(func() { c.cancel(); close(c.out) })
	return nil
}

// wait closes and waits for both directions.
func (c *delayed) wait() {
	c.Close()
	c.wg.Wait()
}
