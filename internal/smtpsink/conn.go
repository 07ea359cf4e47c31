package smtpsink

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// errDrop ends a connection on purpose.
var errDrop = errors.New("dropped on purpose")

const (
	bufferSize = 512 << 10
	maxLine    = 4 << 10
)

// conn is one client. Replies gather in out until the next read that would
// block, so a pipelined group is answered in one write.
type conn struct {
	s   *Sink
	id  int
	raw net.Conn
	c   net.Conn // raw, or TLS over it

	in   []byte
	r, w int // unread bytes are in[r:w]
	most int // how much is read at once
	out  []byte

	drain *drain // nil when chunks are read

	tls    bool
	user   string
	taken  int
	inMail bool
	from   string
	to     string
	msg    []byte // of the current transaction, dots unstuffed
	n      int    // its bytes so far, counted in discard mode too
	bdat   bool   // the transaction has begun with BDAT
	over   bool   // longer than the SIZE limit
	fault  *Fault // waits for its offset in the body
}

func (s *Sink) serve(raw net.Conn, id int) {
	c := &conn{s: s, id: id, raw: raw, c: raw, in: make([]byte, bufferSize), most: bufferSize}
	if s.opt.RTT > 0 {
		d := delay(raw, s.opt.RTT/2)
		defer d.wait()
		c.raw, c.c = d, d
	}
	if s.opt.Discard && s.opt.Chunking {
		c.drain = newDrain(c.c)
	}
	if c.drain != nil { // the chunks themselves are not read
		c.most = maxLine
	}
	if s.opt.Implicit {
		if err := c.startTLS(); err != nil {
			return
		}
	}
	err := c.answer(Greeting, "220 sink.test ESMTP\r\n", nil)
	for err == nil {
		err = c.command()
	}
	if c.n > 0 || c.inMail && len(c.msg) > 0 {
		c.record(false)
	}
	if errors.Is(err, errDrop) {
		c.flush()
	}
	c.c.Close()
}

func (c *conn) startTLS() error {
	t := tls.Server(c.raw, c.s.opt.TLS)
	if err := t.HandshakeContext(c.s.ctx); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	c.c, c.tls, c.drain, c.most = t, true, nil, bufferSize
	c.r, c.w = 0, 0 // what came before the handshake is not to be trusted
	return nil
}

// command reads and does one command.
func (c *conn) command() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	verb, args, _ := strings.Cut(string(line), " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return c.answer(EHLO, c.offer(), nil)
	case "HELO":
		return c.answer(EHLO, "250 sink.test\r\n", nil)
	case "STARTTLS":
		return c.doSTARTTLS()
	case "AUTH":
		return c.doAUTH(args)
	case "MAIL":
		return c.doMAIL(args)
	case "RCPT":
		return c.doRCPT(args)
	case "DATA":
		return c.doDATA()
	case "BDAT":
		return c.doBDAT(args)
	case "RSET":
		return c.answer(RSET, "250 2.0.0 Ok\r\n", c.reset)
	case "NOOP":
		return c.answer(NOOP, "250 2.0.0 Ok\r\n", nil)
	case "QUIT":
		return errors.Join(c.answer(QUIT, "221 2.0.0 Bye\r\n", nil), errDrop)
	}
	return c.reply("500 5.5.2 unknown command\r\n")
}

func (c *conn) offer() string {
	o := &c.s.opt
	lines := []string{"sink.test", "8BITMIME", "ENHANCEDSTATUSCODES"}
	add := func(on bool, what string) {
		if on {
			lines = append(lines, what)
		}
	}
	add(o.Pipelining, "PIPELINING")
	add(o.Chunking, "CHUNKING")
	add(o.SMTPUTF8, "SMTPUTF8")
	add(o.Size > 0, fmt.Sprintf("SIZE %d", o.Size))
	add(o.TLS != nil && !c.tls, "STARTTLS")
	add(o.Auth != nil, "AUTH PLAIN LOGIN")
	return "250-" + strings.Join(lines[:len(lines)-1], "\r\n250-") + "\r\n250 " + lines[len(lines)-1] + "\r\n"
}

// answer does a command and replies, unless a fault of its stage says
// otherwise. do may be nil.
func (c *conn) answer(st Stage, reply string, do func()) error {
	f := c.s.faults.at(st, c.from, c.to)
	if f == nil {
		if do != nil {
			do()
		}
		return c.reply(reply)
	}
	if f.Do == DropBefore {
		return errDrop
	}
	if f.Do == Reply {
		return c.replyFault(f, do)
	}
	if do != nil {
		do()
	}
	return c.spoil(f, reply)
}

// replyFault sends a fault's own reply; a refusal leaves the command undone.
func (c *conn) replyFault(f *Fault, do func()) error {
	refused := strings.HasPrefix(f.Reply, "4") || strings.HasPrefix(f.Reply, "5")
	if !refused && do != nil {
		do()
	}
	err := c.reply(strings.ReplaceAll(f.Reply, "\n", "\r\n") + "\r\n")
	if strings.HasPrefix(f.Reply, "421") {
		return errors.Join(err, errDrop)
	}
	return err
}

// spoil sends a reply in the way of the fault.
func (c *conn) spoil(f *Fault, reply string) error {
	switch f.Do {
	case DropSilent:
		return errDrop
	case DropAfter:
		return errors.Join(c.reply(reply), errDrop)
	case Half:
		return errors.Join(c.reply(reply[:len(reply)/2]), errDrop)
	case Garbage:
		return c.reply("\x00\xff\x1b[31mzzz\r\n")
	case Slow:
		return c.drip(reply, f.Delay)
	default: // Stall
		if err := c.flush(); err != nil {
			return err
		}
		if err := c.pause(f.Delay); err != nil {
			return err
		}
		return c.reply(reply)
	}
}

func (c *conn) drip(reply string, d time.Duration) error {
	for i := range len(reply) {
		c.out = append(c.out, reply[i])
		if err := errors.Join(c.flush(), c.pause(d)); err != nil {
			return err
		}
	}
	return nil
}

// pause waits d, or for the sink's end when d is 0.
func (c *conn) pause(d time.Duration) error {
	if d == 0 {
		<-c.s.ctx.Done()
		return ErrClosed
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.s.ctx.Done():
		return ErrClosed
	}
}

func (c *conn) reply(s string) error {
	c.out = append(c.out, s...)
	return nil
}

func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.c.Write(c.out)
	c.out = c.out[:0]
	return err
}

// fill reads more, after the replies that the client may be waiting for.
func (c *conn) fill() error {
	if err := c.flush(); err != nil {
		return err
	}
	if c.r == c.w {
		c.r, c.w = 0, 0
	}
	if c.w == len(c.in) {
		c.w = copy(c.in, c.in[c.r:c.w])
		c.r = 0
	}
	n, err := c.c.Read(c.in[c.w:min(len(c.in), c.w+c.most)])
	c.w += n
	if n > 0 {
		return nil
	}
	return err
}

// line reads one command line without its line end.
func (c *conn) line() ([]byte, error) {
	for {
		if i := bytes.IndexByte(c.in[c.r:c.w], '\n'); i >= 0 {
			line := c.in[c.r : c.r+i]
			c.r += i + 1
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		if c.w-c.r > maxLine {
			return nil, errors.New("command line too long")
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}
