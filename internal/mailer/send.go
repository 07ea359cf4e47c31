package mailer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"verdicts.example/digest/internal/delivery"
)

const (
	// lastWords is how long a server's explanation is waited for after a write
	// failed.
	lastWords = 2 * time.Second
	// ticketWait is how long a record that arrived on an idle TLS connection may
	// take to prove to be no data (a session ticket, RFC 8446 §4.6.1).
	ticketWait = 20 * time.Millisecond
	// noopWait is how long an idle connection may take to answer NOOP.
	noopWait = 15 * time.Second
	// block is how much of a body is written under one deadline.
	block = 1 << 20
)

// Send runs one transaction, as delivery.Session says. Beyond that:
//
// A connection found dead, or ended by the server, before MAIL is PhaseConnect:
// it concerns no reader. So is the server's limit of messages on a connection,
// which later sessions keep to. A refusal that needs no server (an address that
// SMTP can't carry, SMTPUTF8 needed and not offered) has its code as the server
// would have said it. After the limit's last message the session says QUIT and
// is Broken.
func (s *session) Send(ctx context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	res := s.transact(ctx, m, intend)
	res.Carried, res.Relay = s.carried, s.d.cfg.Name
	if res.Code != 0 && res.Phase >= delivery.PhaseMail {
		s.carried++
	}
	return res
}

// Relay names the server.
func (s *session) Relay() string { return s.d.cfg.Name }

func (s *session) transact(ctx context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	if s.gone() {
		return delivery.Result{Phase: delivery.PhaseConnect, Err: ErrClosed, Broken: true}
	}
	if ctx.Err() != nil {
		return delivery.Result{Phase: delivery.PhaseConnect, Err: context.Cause(ctx)}
	}
	s.begin(ctx, active)
	defer s.end()
	written, res, ok := s.open(ctx, m)
	if !ok {
		return res
	}
	if res, ok := s.envelope(ctx, written); !ok {
		return s.after(res)
	}
	if !s.ext.chunking {
		s.buf = s.buf[:0]
		if err := s.writeBody(s.cmd.head); err != nil {
			return s.cutShort(ctx, err)
		}
	}
	if res, ok := s.quiet(ctx, delivery.PhaseBody); !ok {
		return res
	}
	follow, err := intend()
	if err != nil {
		s.drop()
		return delivery.Result{Phase: delivery.PhaseIntent, Err: err, Broken: true}
	}
	return s.after(s.dot(ctx, follow))
}

// open prepares the transaction; written is how many of its steps have left
// already, with the end of the message before it.
func (s *session) open(ctx context.Context, m delivery.Mail) (written int, res delivery.Result, ok bool) {
	if s.begun > 0 {
		return s.resume(m)
	}
	if res, ok := s.prepare(s.cmd, m); !ok {
		return 0, res, false
	}
	res, ok = s.awake(ctx)
	return 0, res, ok
}

// writeBody writes buf and then the body, a block a deadline.
func (s *session) writeBody(body [][]byte) error {
	for {
		group, rest := cutBlock(s.block[:0], body)
		s.block = group
		if len(group) > 0 {
			s.within(s.d.cfg.Timeouts.Block)
		}
		if _, err := s.write(group); err != nil {
			return err
		}
		if body = rest; len(body) == 0 {
			return nil
		}
		s.buf = s.buf[:0]
	}
}

// cutBlock moves pieces of one block's size at most from body to group. A piece
// that does not fit is cut.
func cutBlock(group, body [][]byte) (_, rest [][]byte) {
	for room := block; len(body) > 0 && room > 0; body = body[1:] {
		p := body[0]
		if len(p) > room {
			return append(group, p[:room]), append([][]byte{p[room:]}, body[1:]...)
		}
		group, room = append(group, p), room-len(p)
	}
	return group, body
}

// cutShort is for a body that could not be written: the server may have said
// why. The message was not ended, so a refusal is only about its bytes.
func (s *session) cutShort(ctx context.Context, werr error) delivery.Result {
	if ctx.Err() == nil {
		s.within(lastWords)
		if s.read() == nil && s.reply.refused() {
			res := s.result(delivery.PhaseBody)
			res.Broken = true
			s.drop()
			return res
		}
	}
	return s.brokenResult(ctx, delivery.PhaseBody, werr)
}

// dot ends the message, begins the one that follows, and waits for the answer
// to the end. From here on, silence means that the outcome is unknown.
func (s *session) dot(ctx context.Context, follow *delivery.Mail) delivery.Result {
	s.buf = s.appendEnd(s.buf[:0])
	end := len(s.buf)
	body := s.beginNext(follow)
	s.toDot()
	n, werr := s.write(body)
	switch {
	case werr != nil:
		s.within(lastWords)
	case s.waited():
		s.within(s.d.cfg.Timeouts.Dot)
	}
	err := s.read()
	switch {
	case err == nil && s.reply.refused():
	case werr != nil && n < end: // a 2xx can't be the answer to what did not leave
		return s.brokenResult(ctx, delivery.PhaseDot, werr)
	case err == nil && !s.reply.positive():
		return s.brokenResult(ctx, delivery.PhaseDot, fmt.Errorf("%w: %d after the end of the message", ErrProtocol, s.reply.code))
	case err != nil:
		return s.brokenResult(ctx, delivery.PhaseDot, err)
	}
	s.sent++
	res := s.result(delivery.PhaseDot)
	switch {
	case werr != nil || res.Code == 421 || s.begun == 0 && s.r.Buffered() > 0:
		res.Broken = true
		s.leave()
	case s.ext.chunking && s.reply.refused(): // RFC 3030 §2
		s.begin(ctx, active) // nothing is owed any more
		res.Broken = !s.takeBack(ctx) || !s.reset(ctx)
	}
	return res
}

// leave ends the connection after the message's answer.
func (s *session) leave() {
	if s.begun > 0 {
		s.abandon()
		return
	}
	s.drop()
}

// appendEnd appends what completes the message.
func (s *session) appendEnd(buf []byte) []byte {
	if s.ext.chunking {
		buf = strconv.AppendInt(append(buf, "BDAT "...), int64(len(s.cmd.tail)), 10)
		return append(append(buf, " LAST\r\n"...), s.cmd.tail...)
	}
	return append(append(buf, s.cmd.tail...), ".\r\n"...)
}

// waited reports whether the write took its time: the server reads on only when it
// is done with the message, and its answer has the whole time from then on.
func (s *session) waited() bool {
	return time.Until(s.deadline) < s.d.cfg.Timeouts.Dot-time.Second
}

// after notes the time and renews the connection in time.
func (s *session) after(res delivery.Result) delivery.Result {
	s.used = time.Now()
	if !res.Broken && s.sent > 0 && s.sent >= int(s.d.limit.Load()) {
		_ = s.Close() // a goodbye that was not heard changes nothing
		res.Broken = true
	}
	return res
}

// awake makes sure that an idle connection still lives before a transaction
// is begun on it.
func (s *session) awake(ctx context.Context) (delivery.Result, bool) {
	if res, ok := s.quiet(ctx, delivery.PhaseConnect); !ok {
		return res, false
	}
	if time.Since(s.used) < s.d.cfg.Timeouts.Idle {
		return delivery.Result{}, true
	}
	s.buf = append(s.buf[:0], "NOOP\r\n"...)
	s.within(min(noopWait, s.d.cfg.Timeouts.Command))
	_, err := s.write(nil)
	if err == nil {
		err = s.read()
	}
	if err != nil {
		return s.brokenResult(ctx, delivery.PhaseConnect, fmt.Errorf("%w: %w", ErrStale, err)), false
	}
	if s.reply.code == 421 {
		return s.unasked(delivery.PhaseConnect), false
	}
	return delivery.Result{}, true // an answer is life, even a 502
}

// quiet makes sure that the server says nothing unasked: a reply read too
// early would be taken for the answer to something else. What it does say is
// the end: a timeout's 421, a refusal in mid-message, a closed connection.
func (s *session) quiet(ctx context.Context, p delivery.Phase) (delivery.Result, bool) {
	if s.r.Buffered() == 0 {
		s.within(lastWords) // an old deadline would look like news
		if ctx.Err() == nil && !s.probe.Pending() {
			return delivery.Result{}, true
		}
		if s.tls {
			s.within(ticketWait)
		}
		_, err := s.r.Peek(1)
		var timeout net.Error
		if ctx.Err() == nil && errors.As(err, &timeout) && timeout.Timeout() {
			return delivery.Result{}, true
		}
		if err != nil {
			if p == delivery.PhaseConnect {
				err = fmt.Errorf("%w: %w", ErrStale, err)
			}
			return s.brokenResult(ctx, p, err), false
		}
	}
	s.within(lastWords)
	if err := s.read(); err != nil {
		return s.brokenResult(ctx, p, err), false
	}
	return s.unasked(p), false
}

// unasked is the result of a reply that nothing asked for.
func (s *session) unasked(p delivery.Phase) delivery.Result {
	s.drop()
	if !s.reply.refused() {
		err := fmt.Errorf("%w: an unsolicited %d", ErrProtocol, s.reply.code)
		return delivery.Result{Phase: p, Err: err, Broken: true}
	}
	res := s.result(p)
	res.Broken = true
	return res
}

// SendOne sends a single message on a connection of its own: for mail outside
// editions, where a repeated attempt is harmless. Line ends are made CRLF.
// Result.Accepted reports whether it was taken.
func (d *Dialer) SendOne(ctx context.Context, env delivery.Envelope, msg []byte) delivery.Result {
	return sendOne(ctx, d, env, msg)
}

func sendOne(ctx context.Context, d delivery.Dialer, env delivery.Envelope, msg []byte) delivery.Result {
	s, err := d.Dial(ctx)
	if err != nil {
		var refused *delivery.SMTPError
		if errors.As(err, &refused) {
			res := refused.Result
			if res.Code == 0 {
				res.Err = err
			}
			return res
		}
		return delivery.Result{Phase: delivery.PhaseConnect, Err: err, Broken: true}
	}
	m := delivery.Mail{Envelope: env, Message: delivery.Whole(normalise(msg))}
	res := s.Send(ctx, m, func() (*delivery.Mail, error) { return nil, nil })
	_ = s.Close() // the message's fate is known by now
	res.Broken = true
	return res
}
