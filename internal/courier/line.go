package courier

import (
	"context"
	"errors"
	"log/slog"

	"verdicts.example/digest/internal/delivery"
)

// A line is one worker's session with the server, kept from mail to mail.
type line struct {
	dialer  delivery.Dialer
	log     *slog.Logger
	session delivery.Session // nil: none
}

// send sends one mail and says what the outcome means. What may be the limit of
// a session that has carried something is asked once more over a fresh one.
func (l *line) send(ctx context.Context, m delivery.Mail) (delivery.Result, delivery.Verdict) {
	res, v := l.try(ctx, m, delivery.Classify)
	if maySessions(res, v) && ctx.Err() == nil {
		l.hangUp()
		res, v = l.try(ctx, m, delivery.ClassifyAgain)
	}
	return res, v
}

// maySessions reports whether an outcome may concern the session and not the
// mail: the server says so, or a session that has carried something was lost
// before the end of the mail.
func maySessions(res delivery.Result, v delivery.Verdict) bool {
	return v.Fault == delivery.SessionFault || res.Carried > 0 && v.Reconnect()
}

func (l *line) try(ctx context.Context, m delivery.Mail, classify func(delivery.Result) delivery.Verdict) (delivery.Result, delivery.Verdict) {
	if l.session == nil {
		session, err := l.dialer.Dial(ctx)
		if err != nil {
			return dialResult(err), delivery.ClassifyDial(err)
		}
		l.session = session
	}
	res := l.session.Send(ctx, m, func() (*delivery.Mail, error) { return nil, nil })
	if res.Broken {
		l.session = nil
	}
	return res, classify(res)
}

// dialResult is a failed connection as a result.
func dialResult(err error) delivery.Result {
	var refused *delivery.SMTPError
	if errors.As(err, &refused) && refused.Code != 0 {
		return refused.Result
	}
	return delivery.Result{Phase: delivery.PhaseConnect, Err: err, Broken: true}
}

// hangUp ends the session politely. What it answers no longer matters.
func (l *line) hangUp() {
	if l.session == nil {
		return
	}
	if err := l.session.Close(); err != nil {
		l.log.Debug("smtp session ended without QUIT", "error", err)
	}
	l.session = nil
}
