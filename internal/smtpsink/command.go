package smtpsink

import (
	"encoding/base64"
	"strconv"
	"strings"
)

const (
	badSequence = "503 5.5.1 bad sequence of commands\r\n"
	needAuth    = "530 5.7.0 authentication required\r\n"
)

func (c *conn) doSTARTTLS() error {
	if c.s.opt.TLS == nil || c.tls {
		return c.reply("502 5.5.1 not offered\r\n")
	}
	ok := false
	if err := c.answer(STARTTLS, "220 2.0.0 go ahead\r\n", func() { ok = true }); err != nil || !ok {
		return err
	}
	if err := c.flush(); err != nil {
		return err
	}
	return c.startTLS()
}

func (c *conn) doAUTH(args string) error {
	if c.s.opt.Auth == nil {
		return c.reply("502 5.5.1 not offered\r\n")
	}
	mech, initial, _ := strings.Cut(args, " ")
	var user, pass string
	var err error
	switch strings.ToUpper(mech) {
	case "PLAIN":
		if initial == "" {
			if initial, err = c.ask(""); err != nil {
				return err
			}
		}
		b, _ := base64.StdEncoding.DecodeString(initial)
		if parts := strings.Split(string(b), "\x00"); len(parts) == 3 {
			user, pass = parts[1], parts[2]
		}
	case "LOGIN":
		if user, err = c.askText("Username:"); err != nil {
			return err
		}
		if pass, err = c.askText("Password:"); err != nil {
			return err
		}
	default:
		return c.reply("504 5.5.4 unknown mechanism\r\n")
	}
	if !c.s.opt.Auth(user, pass) {
		return c.answer(AUTH, "535 5.7.8 authentication failed\r\n", nil)
	}
	return c.answer(AUTH, "235 2.7.0 authenticated\r\n", func() { c.user = user })
}

// ask sends a SASL challenge and reads the line that answers it.
func (c *conn) ask(challenge string) (string, error) {
	if err := c.reply("334 " + base64.StdEncoding.EncodeToString([]byte(challenge)) + "\r\n"); err != nil {
		return "", err
	}
	line, err := c.line()
	return string(line), err
}

func (c *conn) askText(challenge string) (string, error) {
	line, err := c.ask(challenge)
	b, _ := base64.StdEncoding.DecodeString(line)
	return string(b), err
}

// parsePath takes the address out of "FROM:<a@b> SIZE=1".
func parsePath(args, keyword string) (addr, params string, ok bool) {
	if len(args) < len(keyword) || !strings.EqualFold(args[:len(keyword)], keyword) {
		return "", "", false
	}
	rest := strings.TrimLeft(args[len(keyword):], " ")
	if !strings.HasPrefix(rest, "<") {
		return "", "", false
	}
	addr, params, ok = strings.Cut(rest[1:], ">")
	return addr, strings.TrimSpace(params), ok
}

func (c *conn) doMAIL(args string) error {
	addr, params, ok := parsePath(args, "FROM:")
	switch {
	case !ok:
		return c.reply("501 5.5.4 syntax: MAIL FROM:<address>\r\n")
	case c.inMail, c.bdat: // after a BDAT, a refused one too, only RSET helps (RFC 3030 §2)
		return c.reply("503 5.5.1 nested MAIL command\r\n")
	case c.s.opt.Auth != nil && c.user == "":
		return c.reply(needAuth)
	case c.s.opt.MaxPerConn > 0 && c.taken >= c.s.opt.MaxPerConn:
		_ = c.reply("421 4.7.0 sink.test too many messages in this connection\r\n")
		return errDrop
	case c.s.opt.Size > 0 && declared(params) > c.s.opt.Size:
		return c.reply("552 5.3.4 message exceeds the size limit\r\n")
	}
	c.from, c.to = addr, ""
	return c.answer(MAIL, "250 2.1.0 Ok\r\n", func() { c.reset(); c.inMail, c.from = true, addr })
}

// declared is the SIZE= parameter of MAIL (RFC 1870), 0 without one.
func declared(params string) int64 {
	for f := range strings.FieldsSeq(params) {
		if v, ok := strings.CutPrefix(strings.ToUpper(f), "SIZE="); ok {
			n, _ := strconv.ParseInt(v, 10, 64)
			return n
		}
	}
	return 0
}

func (c *conn) doRCPT(args string) error {
	addr, _, ok := parsePath(args, "TO:")
	switch {
	case !ok:
		return c.reply("501 5.5.4 syntax: RCPT TO:<address>\r\n")
	case !c.inMail:
		return c.reply(badSequence)
	}
	before := c.to
	c.to = addr // so that faults match it
	accepted := false
	err := c.answer(RCPT, "250 2.1.5 Ok\r\n", func() { accepted = true })
	if !accepted {
		c.to = before
	}
	return err
}

// reset ends the transaction and forgets its message.
func (c *conn) reset() {
	c.inMail, c.bdat, c.over = false, false, false
	c.from, c.to = "", ""
	c.msg, c.n, c.fault = nil, 0, nil
}
