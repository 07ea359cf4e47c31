package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/time/rate"
)

// A worker sends one message after another over one session.
type worker struct {
	s       *sender
	session Session
	carried int // messages that the session's server has given a verdict on
	fails   int // connections in a row that failed
	jobs    [2]job
	ahead   *job // taken while the message before it waited for its commit
	intent  intent
}

// A job is one recipient in a worker's hand.
type job struct {
	r      Recipient
	mail   Mail
	err    error  // of composing the mail
	writer Writer // the mail is in its buffers
}

func newWorker(s *sender) *worker {
	w := &worker{s: s, intent: intent{answer: make(chan error, 1)}}
	for i := range w.jobs {
		w.jobs[i].writer = s.opt.Composer.Writer()
	}
	return w
}

// run works until the dispatcher is closed or the run ends. sendCtx is for what
// is in flight.
func (w *worker) run(ctx, sendCtx context.Context) {
	defer w.hangUp()
	for {
		j := w.next(ctx)
		if j == nil {
			return
		}
		if err := w.connect(ctx); err != nil {
			w.s.dispatch.giveBack(j.r)
			w.linkFailed(ctx, err, ClassifyDial(err))
			continue
		}
		if err := wait(ctx, w.s.limiter); err != nil {
			w.s.dispatch.giveBack(j.r)
			return
		}
		w.s.recorder.busy.Add(1)
		w.send(ctx, sendCtx, j)
		w.s.recorder.busy.Add(-1)
	}
}

// next gives the next job, waiting for it; nil when there is none to come.
func (w *worker) next(ctx context.Context) *job {
	if ctx.Err() != nil || !w.s.dispatch.open() {
		w.forget()
		return nil
	}
	if j := w.ahead; j != nil {
		w.ahead = nil
		return j
	}
	r, ok := w.s.dispatch.take()
	if !ok {
		return nil
	}
	w.jobs[0].take(r)
	return &w.jobs[0]
}

// lookAhead takes the job after j already, where there are enough for all, so
// that the session can begin it together with the end of j's message.
func (w *worker) lookAhead(ctx context.Context, j *job) *Mail {
	if w.s.limiter != nil || ctx.Err() != nil {
		return nil // each message waits for its share of the rate
	}
	r, ok := w.s.dispatch.takeSpare(w.s.opt.Pacing.connections())
	if !ok {
		return nil
	}
	w.ahead = &w.jobs[0]
	if j == w.ahead {
		w.ahead = &w.jobs[1]
	}
	w.ahead.take(r)
	if w.ahead.err != nil {
		return nil
	}
	return &w.ahead.mail
}

// forget gives back who was taken ahead.
func (w *worker) forget() {
	if w.ahead != nil {
		w.s.dispatch.giveBack(w.ahead.r)
		w.ahead = nil
	}
}

func (j *job) take(r Recipient) {
	j.r = r
	j.mail.Message, j.mail.Envelope, j.err = j.writer.Compose(&j.r)
}

// wait takes a message's share of the rate.
func wait(ctx context.Context, l *rate.Limiter) error {
	if l == nil {
		return nil
	}
	return l.Wait(ctx)
}

// connect makes sure that there is a session.
func (w *worker) connect(ctx context.Context) error {
	if w.session != nil {
		return nil
	}
	session, err := w.s.opt.Dialer.Dial(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	w.session, w.carried = session, 0
	return nil
}

// hangUp ends the session politely. What it answers no longer matters.
func (w *worker) hangUp() {
	if w.session == nil {
		return
	}
	if err := w.session.Close(); err != nil {
		w.s.opt.Log.Debug("a session did not end politely", "error", err)
	}
	w.session = nil
}

// linkFailed waits before the next connection, ends the run when no server has
// answered for too long, and pauses the edition when it is the operator's turn.
func (w *worker) linkFailed(ctx context.Context, err error, v Verdict) {
	if ctx.Err() != nil {
		return
	}
	if v.Operator {
		w.s.pause(err.Error())
		return
	}
	if gone := w.s.link.failed(err); gone != nil {
		w.s.end(gone)
		return
	}
	if w.carried > 0 { // servers end sessions that have carried enough: no wait for the next
		w.s.opt.Log.Debug("a connection ended", "error", err)
		w.carried = 0
		return
	}
	level := slog.LevelDebug
	if w.s.link.breaks() { // once an outage: who waits is told what for
		level = slog.LevelWarn
	}
	w.forget() // others need not wait as long
	w.s.opt.Log.Log(ctx, level, "no connection to the mail server, trying again", "error", err)
	pauseFor(ctx, jitter(doubled(linkFirst, linkLongest, w.fails)))
	w.fails++
}

func (w *worker) send(ctx, sendCtx context.Context, j *job) {
	r := j.r
	if j.err != nil {
		w.s.opt.Log.Error("a message could not be composed", "subscriber", r.ID, "error", j.err)
		w.s.outcome(r, Outcome{ID: r.ID, State: Failed, Attempt: true, Reply: clip("not sent: "+j.err.Error(), refusedReply)})
		w.s.dispatch.done(r, false, false)
		return
	}
	intended := false
	res := w.session.Send(sendCtx, j.mail, func() (*Mail, error) {
		w.intent.id, w.intent.again = r.ID, r.Dots > 0
		w.s.recorder.submit(&w.intent)
		follow := w.lookAhead(ctx, j)
		err := <-w.intent.answer
		intended = err == nil
		return follow, err
	})
	if res.Broken {
		w.session = nil
	}
	w.settle(ctx, r, res, intended)
}

// settle records what a transaction came to.
func (w *worker) settle(ctx context.Context, r Recipient, res Result, intended bool) {
	if res.Phase == PhaseIntent {
		if !errors.Is(res.Err, ErrWithdrawn) { // the run ends: the claim is released with the others
			w.s.dispatch.giveBack(r)
			return
		}
		w.s.opt.Progress.end(r.Domain(), Suppressed)
		w.s.dispatch.done(r, false, false)
		return
	}
	v := Classify(res)
	if intended && v.Link {
		v = Verdict{State: Unknown} // the session may have written the end
	}
	if v.Link {
		if res.Code == 503 { // out of step: never speak on
			w.hangUp()
		}
		w.s.dispatch.giveBack(r)
		w.linkFailed(ctx, resultError(res), v)
		return
	}
	w.fails = 0
	w.carried++
	w.s.link.works()
	w.s.verdict(r, res, v, intended)
	w.s.dispatch.done(r, v.SlowDomain, v.State == Accepted)
}

// resultError is the error of a result, or its reply as one.
func resultError(res Result) error {
	if res.Err != nil {
		return res.Err
	}
	return &SMTPError{Result: res}
}
