package mailer

import (
	"context"
	"errors"
	"os"

	"verdicts.example/digest/internal/delivery"
)

// The end of one message and the beginning of the next may leave in one write:
// "the actual transfer of message content is explicitly allowed to be the first
// command in a group" (RFC 2920 §3.1). That spares a round trip and two system
// calls a message. What is begun so is nothing yet: its end needs an intent of
// its own, and whatever happens to it before is told by the Send for it.
//
// Not every server that offers PIPELINING bears it: chasquid up to 1.11 reads
// the message through a buffer of its own and loses what it holds beyond the
// dot. So one session tries it first, and when anything goes wrong then, nothing
// is begun early with this server any more: that costs speed at the most.

// What is known of the server; Dialer.follow.
const (
	followUntried int32 = iota
	followTrying        // one session is about to know
	followWorks
	followOff
)

// beginNext appends the first steps of the mail that follows to buf and gives
// what of its body goes with them. It begins nothing where the server does not
// offer PIPELINING or does not bear it, where this message is the connection's
// last, and when the mail cannot be sent as it is (Send will say why).
func (s *session) beginNext(follow *delivery.Mail) (body [][]byte) {
	if follow == nil || !s.ext.pipelining || s.sent+1 >= int(s.d.limit.Load()) {
		return nil
	}
	if s.d.follow.Load() != followWorks {
		if !s.d.follow.CompareAndSwap(followUntried, followTrying) {
			return nil
		}
		s.trial = true
	}
	if _, ok := s.prepare(s.next, *follow); !ok {
		s.endTrial(followUntried)
		return nil
	}
	s.begun = s.group(s.next, stepMail)
	return s.appendSteps(s.next, stepMail, s.begun)
}

// endTrial says what this session's trial came to, if it has one.
func (s *session) endTrial(came int32) {
	if s.trial {
		s.trial = false
		s.d.follow.CompareAndSwap(followTrying, came)
	}
}

// arrived reads the replies to the steps that left with the end of the message
// before, and tells what a trial came to.
func (s *session) arrived(ctx context.Context, written int) (delivery.Result, bool) {
	s.early = true
	res, ok := s.replies(ctx, stepMail, written, nil)
	s.early = false
	if ok || res.Code != 0 && res.Phase > delivery.PhaseMail { // MAIL was heard
		s.endTrial(followWorks)
	}
	s.endTrial(followUntried)
	return res, ok
}

// lost reports whether the answer to an early MAIL, or err in its place, shows that
// the server lost some of what was begun early: silence, or that a command was
// not understood or out of order (500 to 503). A trial believes no refusal.
func (s *session) lost(ctx context.Context, err error) bool {
	if !s.early || err != nil {
		return s.early && errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil
	}
	c := s.reply.code
	return c >= 500 && c <= 503 || s.trial && c/100 == 5
}

// swallowed ends the connection, which concerns no reader.
func (s *session) swallowed(ctx context.Context) delivery.Result {
	s.d.log.InfoContext(ctx, "smtp server loses what is pipelined after a message; messages wait for each other from now on")
	s.d.follow.Store(followOff)
	s.abandon()
	return delivery.Result{Phase: delivery.PhaseConnect, Err: ErrSwallowed, Broken: true}
}

// resume goes on with the mail that was begun; written is how many of its steps
// have left. Another mail can't be sent instead.
func (s *session) resume(m delivery.Mail) (written int, res delivery.Result, ok bool) {
	if s.next.env != m.Envelope {
		s.abandon()
		return 0, delivery.Result{Phase: delivery.PhaseConnect, Err: ErrOtherBegun, Broken: true}, false
	}
	written, s.begun = s.begun, 0
	s.cmd, s.next = s.next, s.cmd
	return written, delivery.Result{}, true
}

// takeBack reads the replies to the mail that was begun, whatever they are,
// behind a refused BDAT: it is begun again after RSET. False means that the
// connection was dropped.
func (s *session) takeBack(ctx context.Context) bool {
	n := s.begun
	s.begun = 0
	s.endTrial(followUntried)
	for range n {
		s.within(s.d.cfg.Timeouts.Command)
		if err := s.read(); err != nil || s.reply.code == 421 {
			s.d.log.DebugContext(ctx, "smtp connection lost after a refused message", "code", s.reply.code, "err", err)
			s.drop()
			return false
		}
	}
	return true
}

// abandon drops the connection with a reset: what was begun must not look like
// a message that ended.
func (s *session) abandon() {
	s.begun = 0
	s.mu.Lock()
	s.stage = active
	s.mu.Unlock()
	s.drop()
}
