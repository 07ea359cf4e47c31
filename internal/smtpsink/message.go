package smtpsink

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const tooBig = "552 5.3.4 message exceeds the size limit\r\n"

// end is how a message ends in DATA mode, after the line end of its last line.
var end = []byte("\r\n.\r\n")

func (c *conn) doDATA() error {
	if !c.inMail || c.bdat {
		return c.reply(badSequence)
	}
	if c.to == "" {
		return c.reply("554 5.5.1 no valid recipients\r\n")
	}
	ok := false
	if err := c.answer(Data, "354 go ahead\r\n", func() { ok = true }); err != nil || !ok {
		return err
	}
	c.fault = c.s.faults.at(Body, c.from, c.to)
	if err := c.readBody(); err != nil {
		return err
	}
	return c.finish()
}

// readBody reads a message up to its final dot.
func (c *conn) readBody() error {
	if c.w-c.r < 3 || !bytes.HasPrefix(c.in[c.r:c.w], end[2:]) {
		if err := c.findDot(); err != nil {
			return err
		}
	} else {
		c.r += 3 // an empty message
	}
	if !c.s.opt.Discard {
		c.msg = unstuff(c.msg)
		c.n = len(c.msg)
	}
	return nil
}

// findDot scans the input for the end, keeping back the bytes that may be the
// first part of it.
func (c *conn) findDot() error {
	scanned := c.r
	for {
		if i := bytes.Index(c.in[scanned:c.w], end); i >= 0 {
			err := c.body(c.in[c.r : scanned+i+2])
			c.r = scanned + i + len(end)
			return err
		}
		if keep := len(end) - 1; c.w-c.r > keep {
			if err := c.body(c.in[c.r : c.w-keep]); err != nil {
				return err
			}
			c.r = c.w - keep
		}
		if c.r > bufferSize/2 {
			c.w = copy(c.in, c.in[c.r:c.w])
			c.r = 0
		}
		if err := c.fill(); err != nil {
			return err
		}
		scanned = c.r
		if c.n == 0 && bytes.HasPrefix(c.in[c.r:c.w], end[2:]) {
			c.r += 3
			return nil
		}
	}
}

// body takes some of the message's bytes, and makes the fault happen when its
// offset is reached.
func (c *conn) body(p []byte) error {
	if f := c.fault; f != nil && c.n+len(p) >= f.Offset {
		c.fault = nil
		before := max(0, f.Offset-c.n)
		c.keep(p[:before])
		p = p[before:]
		if err := c.failBody(f); err != nil {
			return err
		}
	}
	c.keep(p)
	return nil
}

func (c *conn) keep(p []byte) {
	if c.count(len(p)); !c.over && !c.s.opt.Discard {
		c.msg = append(c.msg, p...)
	}
}

// count counts n more bytes of the message.
func (c *conn) count(n int) {
	c.n += n
	c.over = c.over || c.s.opt.Size > 0 && int64(c.n) > c.s.opt.Size
}

// failBody does a fault in mid-message: a stall goes on afterwards, everything
// else ends the connection, after a reply when there is one.
func (c *conn) failBody(f *Fault) error {
	switch f.Do {
	case Stall:
		return c.pause(f.Delay)
	case Slow:
		return c.pause(max(f.Delay, time.Millisecond))
	case Reply:
		_ = c.reply(strings.ReplaceAll(f.Reply, "\n", "\r\n") + "\r\n")
	}
	return errDrop
}

// finish answers the end of a message, which was taken when the answer is a
// 250.
func (c *conn) finish() error {
	if c.over {
		c.reset()
		return c.reply(tooBig)
	}
	var err error
	taken := false
	reply := fmt.Sprintf("250 2.0.0 Ok: queued as %X-%d\r\n", c.id, c.taken+1)
	aerr := c.answer(Dot, reply, func() { taken, err = true, c.record(true) })
	if taken {
		c.taken++
	}
	if err != nil { // not in the ledger: not taken
		return err
	}
	undone := c.bdat && !taken
	c.reset()
	c.bdat = undone // until RSET (RFC 3030 §2)
	return aerr
}

func (c *conn) doBDAT(args string) error {
	count, last, _ := strings.Cut(strings.TrimSpace(args), " ")
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || last != "" && !strings.EqualFold(last, "LAST") {
		_ = c.reply("501 5.5.4 syntax: BDAT length [LAST]\r\n")
		return errDrop // the chunk's length is unknown
	}
	bad := !c.inMail || c.to == ""
	if !bad && !c.bdat {
		c.fault = c.s.faults.at(Body, c.from, c.to)
	}
	c.bdat = true
	if err := c.chunk(n, bad); err != nil {
		return err
	}
	if bad {
		return c.reply(badSequence)
	}
	if last != "" {
		return c.finish()
	}
	return c.answer(Data, "250 2.0.0 chunk received\r\n", nil)
}

// chunk reads the n bytes of a BDAT, which are thrown away when the command
// came at a wrong time (RFC 3030 §2).
func (c *conn) chunk(n int, bad bool) error {
	for n > 0 {
		if c.r == c.w {
			if m := c.discard(n); m > 0 {
				n -= m
				continue
			}
			if err := c.fill(); err != nil {
				return err
			}
		}
		p := c.in[c.r:min(c.w, c.r+n)]
		c.r += len(p)
		n -= len(p)
		if bad {
			continue
		}
		if err := c.body(p); err != nil {
			return err
		}
	}
	return nil
}

// discard lets the kernel throw away up to n bytes of a chunk that has arrived,
// which nobody would look at.
func (c *conn) discard(n int) int {
	if c.drain == nil || c.fault != nil {
		return 0
	}
	m := c.drain.discard(n)
	c.count(m)
	return m
}

// record hands the message to the sink, durably when there is a ledger.
func (c *conn) record(complete bool) error {
	m := Message{Data: c.msg, User: c.user, TLS: c.tls}
	m.Record = Record{
		Time: time.Now().UTC(), Conn: c.id, From: c.from, To: c.to, Size: c.n, Complete: complete,
	}
	if !c.s.opt.Discard {
		sum := sha256.Sum256(c.msg)
		m.SHA256, m.MessageID = hex.EncodeToString(sum[:]), messageID(c.msg)
	}
	return c.s.record(m)
}

// messageID finds the Message-ID field; "" without one.
func messageID(msg []byte) string {
	head, _, _ := bytes.Cut(msg, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(name, []byte("Message-ID")) {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}

// unstuff removes the dot that a client puts before a line that starts with
// one (RFC 5321 §4.5.2), in place.
func unstuff(msg []byte) []byte {
	if !bytes.Contains(msg, []byte("\r\n.")) && !bytes.HasPrefix(msg, []byte(".")) {
		return msg
	}
	msg = bytes.TrimPrefix(msg, []byte("."))
	return bytes.ReplaceAll(msg, []byte("\r\n."), []byte("\r\n"))
}
