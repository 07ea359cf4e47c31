package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// connect makes sure that there is a session.
func (w *worker) connect(ctx context.Context) error {
	if w.session != nil && !w.begun && w.room.makesWay(false) {
		w.hangUp()
	}
	if w.session != nil {
		return nil
	}
	w.disengage()
	session, err := w.dialer.Dial(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	w.session, w.carried = session, 0
	return nil
}

// idle ends the session when it waits for a reader: for long, or while another run has
// readers and no session.
func (w *worker) idle(long bool) {
	if w.session != nil && (long || w.room.makesWay(true)) {
		w.hangUp()
	}
}

// hangUp ends the session politely. What it answers no longer matters.
func (w *worker) hangUp() {
	if w.session == nil {
		return
	}
	if err := w.session.Close(); err != nil {
		w.log.Debug("smtp session ended without QUIT", "error", err)
	}
	w.session = nil
}

// dialFailed pauses the edition when a failed connection is the operator's
// fault, and else waits before the next.
func (w *worker) dialFailed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if ClassifyDial(err).Fault == OperatorFault {
		w.verdicts.refusedUs(err)
		return
	}
	var refused *SMTPError
	if errors.As(err, &refused) && refused.Code == 421 {
		w.tooMany()
	}
	w.linkFailed(ctx, err)
}

// linkFailed waits before the next connection, and ends the run when no server
// has answered for too long.
func (w *worker) linkFailed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if gone := w.link.failed(err); gone != nil {
		w.end(gone)
		return
	}
	if w.carried > 0 { // servers end sessions that have carried enough: no wait for the next
		w.log.Debug("a connection ended", "error", err)
		w.carried = 0
		return
	}
	level := slog.LevelDebug
	if w.link.breaks() { // once an outage: who waits is told what for
		level = slog.LevelWarn
	}
	w.forget() // others need not wait as long
	w.disengage()
	what := "no connection to the mail server, trying again"
	if answered(err) {
		what = "the mail server takes no message for now, trying again"
	}
	w.log.Log(ctx, level, what, "error", err)
	pauseFor(ctx, jitter(doubled(linkFirst, linkLongest, w.fails)))
	w.fails++
}
