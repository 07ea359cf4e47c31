package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"verdicts.example/digest/internal/delivery"
)

// The steps before a message's body is accepted. With CHUNKING the third is
// BDAT and carries the body but for its tail.
const (
	stepMail = iota
	stepRcpt
	stepData
	steps
)

var stepPhase = [steps]delivery.Phase{delivery.PhaseMail, delivery.PhaseRcpt, delivery.PhaseData}

// commands are one transaction's, built before anything is written.
type commands struct {
	env  delivery.Envelope
	line [steps][]byte
	head [][]byte // the body up to the tail
	size int      // bytes of head
	tail []byte   // what the message is not complete without
}

// maxPipelinedBody is up to how many bytes a body follows its envelope blindly:
// more is too much to throw away when the recipient is refused.
const maxPipelinedBody = 256 << 10

// tailSize is how many bytes of a body wait for the intent, so that a server
// that takes a lost connection for the end has no whole message either.
const tailSize = 64

// prepare builds the commands. A refusal is one that needs no server.
func (s *session) prepare(c *commands, m delivery.Mail) (delivery.Result, bool) {
	pieces := m.Pieces
	if !s.ext.chunking && !m.DotSafe {
		pieces = [][]byte{stuff(bytes.Join(pieces, nil))}
	}
	c.split(pieces)
	c.env = m.Envelope

	rcpt, utf8, err := appendPath(append(c.line[stepRcpt][:0], "RCPT TO:"...), m.To)
	if err != nil || m.To == "" {
		return refuse(delivery.PhaseRcpt, 501, "5.1.3", "not an address that SMTP can carry"), false
	}
	mail, own, err := appendPath(append(c.line[stepMail][:0], "MAIL FROM:"...), m.From)
	if err != nil {
		return refuse(delivery.PhaseMail, 501, "5.1.7", "the envelope sender is not an address that SMTP can carry"), false
	}
	if (utf8 || own) && !s.ext.smtputf8 { // RFC 6531 §3.2
		return refuse(delivery.PhaseRcpt, 553, "5.6.7", "the address needs SMTPUTF8, which the server does not offer"), false
	}
	if s.ext.size { // RFC 1870
		mail = strconv.AppendInt(append(mail, " SIZE="...), int64(m.Len()), 10)
	}
	if utf8 || own {
		mail = append(mail, " SMTPUTF8"...)
	}
	c.line[stepMail], c.line[stepRcpt] = append(mail, crlf...), append(rcpt, crlf...)
	c.line[stepData] = s.appendData(c.line[stepData][:0], c.size)
	return delivery.Result{}, true
}

// split cuts the tail off the last piece.
func (c *commands) split(pieces [][]byte) {
	c.head, c.size, c.tail = append(c.head[:0], pieces...), 0, nil
	if n := len(c.head); n > 0 {
		last := c.head[n-1]
		cut := len(last) - min(tailSize, (len(last)+1)/2)
		c.head[n-1], c.tail = last[:cut], last[cut:]
	}
	for _, p := range c.head {
		c.size += len(p)
	}
}

func (s *session) appendData(buf []byte, n int) []byte {
	if !s.ext.chunking {
		return append(buf, "DATA\r\n"...)
	}
	return append(strconv.AppendInt(append(buf, "BDAT "...), int64(n), 10), crlf...)
}

// refuse is a refusal of our own, in the server's form.
func refuse(p delivery.Phase, code int, enhanced, text string) delivery.Result {
	return delivery.Result{Phase: p, Code: code, Enhanced: enhanced, Text: text}
}

// group is how many of c's steps, from the given one, are written at once.
func (s *session) group(c *commands, step int) int {
	tooBig := s.ext.maxSize > 0 && c.size > s.ext.maxSize
	if !s.ext.pipelining || tooBig {
		return 1
	}
	blind := c.size <= maxPipelinedBody
	if !s.ext.chunking {
		blind = !s.d.holdData.Load()
	}
	if step == stepMail && !blind {
		return 2
	}
	return steps - step
}

// envelope runs the steps up to the one that accepts the body. The first ones
// may have been written already.
func (s *session) envelope(ctx context.Context, written int) (delivery.Result, bool) {
	if written > 0 {
		if res, ok := s.arrived(ctx, written); !ok {
			return res, false
		}
	}
	for step := written; step < steps; {
		n := s.group(s.cmd, step)
		s.buf = s.buf[:0]
		body := s.appendSteps(s.cmd, step, step+n)
		s.within(s.d.cfg.Timeouts.Command)
		werr := s.writeBody(body)
		if res, ok := s.replies(ctx, step, step+n, werr); !ok {
			return res, false
		}
		step += n
	}
	return delivery.Result{}, true
}

// appendSteps appends c's steps from first to before end to buf, and gives what
// of the body goes with them.
func (s *session) appendSteps(c *commands, first, end int) (body [][]byte) {
	for step := first; step < end; step++ {
		s.buf = append(s.buf, c.line[step]...)
	}
	if end == steps && s.ext.chunking {
		return c.head
	}
	return nil
}

// replies reads the replies to the steps from first to before end, which were
// written, but for werr. The first refusal is the result; the replies after it
// are read all the same, so that the session stays in step.
func (s *session) replies(ctx context.Context, first, end int, werr error) (delivery.Result, bool) {
	var res delivery.Result
	// A refused MAIL opens nothing, but a BDAT behind it must be undone all the
	// same: Postfix answers the next MAIL with 503 "MAIL after BDAT".
	refused, open := false, first > stepMail || end == steps && s.ext.chunking && s.cmd.size > 0
	for step := first; step < end; step++ {
		err := s.await(ctx, step, werr)
		if step == stepMail && s.lost(ctx, err) {
			return s.swallowed(ctx), false
		}
		if err != nil {
			if refused {
				return s.dropWith(res), false
			}
			return s.brokenResult(ctx, stepPhase[step], err), false
		}
		switch {
		case s.reply.refused() && !refused:
			refused, res = true, s.result(stepPhase[step])
		case !s.reply.refused():
			open = true
		}
		if s.reply.code == 421 {
			return s.renewal(s.dropWith(res)), false
		}
		if refused && s.reply.code == 354 { // RFC 2920 §3.1 would have us end it
			s.d.holdData.Store(true)
			return s.dropWith(res), false
		}
	}
	if !refused && werr == nil {
		return res, true
	}
	if !refused {
		return s.brokenResult(ctx, delivery.PhaseBody, werr), false
	}
	switch {
	case werr != nil: // in mid-chunk there is no RSET
		res = s.dropWith(res)
	case open:
		res.Broken = !s.reset(ctx)
	}
	return s.renewal(res), false
}

// dropWith drops the connection and says so in a result.
func (s *session) dropWith(res delivery.Result) delivery.Result {
	s.drop()
	res.Broken = true
	return res
}

// await reads the reply to a step. After a failed write only what the server
// had said before is waited for, shortly, and the write's error is the one
// that counts.
func (s *session) await(ctx context.Context, step int, werr error) error {
	switch {
	case werr != nil:
		s.within(lastWords)
	case s.trial && step == stepMail:
		s.within(min(s.d.cfg.Timeouts.Follow, s.d.cfg.Timeouts.Command))
	case step == stepData && !s.ext.chunking:
		s.within(s.d.cfg.Timeouts.Data)
	default:
		s.within(s.d.cfg.Timeouts.Command)
	}
	err := s.read()
	if err != nil && werr != nil && ctx.Err() == nil {
		return werr
	}
	if err != nil {
		return err
	}
	if s.reply.refused() || s.expected(step) {
		return nil
	}
	return fmt.Errorf("%w: %d in answer to %s", ErrProtocol, s.reply.code, [steps]string{"MAIL", "RCPT", "DATA"}[step])
}

// expected reports whether the reply is one that lets the transaction go on.
func (s *session) expected(step int) bool {
	if step == stepData && !s.ext.chunking {
		return s.reply.code == 354
	}
	return s.reply.positive()
}

// reset ends a transaction that was refused; it reports whether the session can
// be used on. A 451 to DATA, for one, leaves the transaction open.
func (s *session) reset(ctx context.Context) bool {
	s.buf = append(s.buf[:0], "RSET\r\n"...)
	s.within(s.d.cfg.Timeouts.Command)
	_, err := s.write(nil)
	if err == nil {
		err = s.read()
	}
	if err != nil || !s.reply.positive() {
		s.d.log.DebugContext(ctx, "smtp RSET failed, connection dropped", "code", s.reply.code, "err", err)
		s.drop()
		return false
	}
	return true
}

// renewal recognises the server's limit of messages on a connection: that is
// the connection's end (PhaseConnect), not the reader's fault. It is learnt.
func (s *session) renewal(res delivery.Result) delivery.Result {
	if res.Phase != delivery.PhaseMail || s.sent == 0 || res.Code/100 != 4 || !perConnection(res) {
		return res
	}
	s.d.learnLimit(s.sent)
	s.drop()
	res.Phase, res.Broken = delivery.PhaseConnect, true
	return res
}

// perConnection recognises the words of common servers: Exim ("too many
// messages in this connection"), OpenSMTPD (452 4.5.3 "Too many messages
// sent"), Postfix and others ("... per session").
func perConnection(res delivery.Result) bool {
	t := strings.ToLower(res.Text)
	many := strings.Contains(t, "too many messages") || strings.Contains(t, "too many mails") ||
		strings.Contains(t, "message limit") || strings.Contains(t, "maximum number of messages") ||
		strings.Contains(t, "too many transactions")
	where := strings.Contains(t, "connection") || strings.Contains(t, "session") || res.Enhanced == "4.5.3"
	return many && where
}

// brokenResult drops the connection and says why.
func (s *session) brokenResult(ctx context.Context, p delivery.Phase, err error) delivery.Result {
	if ctx.Err() == nil {
		s.endTrial(followOff)
	}
	s.drop()
	if !errors.Is(err, ErrProtocol) || ctx.Err() != nil {
		err = s.ioError(ctx, err)
	}
	return delivery.Result{Phase: p, Err: err, Broken: true}
}

// result makes the last reply a Result.
func (s *session) result(p delivery.Phase) delivery.Result {
	return delivery.Result{
		Phase: p, Code: s.reply.code, Enhanced: s.reply.enhanced, Text: clean(string(s.reply.text)),
	}
}
