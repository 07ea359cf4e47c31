package delivery

import (
	"context"
	"errors"
	"log/slog"
	"runtime"

	"verdicts.example/digest/internal/refusal"
)

// A worker sends one message after another over one session.
type worker struct {
	crew
	session Session
	carried int // messages that the session's server has given a verdict on
	fails   int // connections in a row that failed
	jobs    [2]job
	ahead   *job // taken while the message before it waited for its commit
	intent  intent
	engaged bool // its next intent will come by itself
	begun   bool // the session has begun the next message already

	// Of the message in hand, for intend.
	ctx      context.Context
	current  *job
	intended bool // its end may have been written
	ask      func() (*Mail, error)
}

// A crew is what the workers of a run share: what each of them is handed.
type crew struct {
	dialer   Dialer
	room     sharing
	supply   supply
	intents  intents
	verdicts verdicts
	link     *link
	limiter  Rate            // nil: no limit
	relays   map[string]Rate // those of single relays
	workers  int
	log      *slog.Logger
	began    func() uint64 // numbers the beginnings of messages
	tooMany  func()        // the server has refused a connection for the number of them
	end      func(error)   // ends the run
}

// A sharing says when sessions had better end for others' sake; see seats.
type sharing interface {
	crowded(idle bool) bool
	makesWay(idle bool) bool
}

// A supply hands out readers, and is told what became of each.
type supply interface {
	isOpen() bool
	// dequeue waits for a reader, and calls idle before, with whether it will be long;
	// false: there is none to come.
	dequeue(idle func(long bool)) (r Recipient, ok bool)
	// dequeueSpare gives a reader when more than left wait.
	dequeueSpare(left int) (r Recipient, ok bool)
	// giveBack takes a reader back who could not be tried. false: the reader's domain is
	// not throttled, and it was to be after its others.
	giveBack(r Recipient, at place) bool
	done(r Recipient, a answer)
}

// An intents records that a message is about to be ended, and answers when it may
// be. Between begin and end a worker's intent comes by itself.
type intents interface {
	begin()
	submit(in *intent)
	end()
}

// A verdicts records what servers said of readers, and of us.
type verdicts interface {
	settle(r Recipient, res Result, v Verdict, ended bool)
	keep(r Recipient, res Result)
	withdrawn(r Recipient)
	unsendable(r Recipient, err error)
	refusedUs(err error)
}

var (
	_ supply   = (*dispatcher)(nil)
	_ intents  = (*recorder)(nil)
	_ verdicts = (*judge)(nil)
)

// A job is one recipient in a worker's hand.
type job struct {
	r      Recipient
	mail   Mail
	err    error  // of composing the mail
	writer Writer // the mail is in its buffers
}

func newWorker(c crew, composer Composer) *worker {
	w := &worker{crew: c, intent: intent{answer: make(chan error, 1)}}
	w.ask = w.intend
	for i := range w.jobs {
		w.jobs[i].writer = composer.Writer()
	}
	return w
}

// work works until the dispatcher is closed or the work ends. sendCtx is for what
// is in flight.
func (w *worker) work(ctx, sendCtx context.Context) {
	defer w.hangUp()
	defer w.disengage()
	for {
		j := w.next(ctx)
		if j == nil {
			return
		}
		if err := w.connect(ctx); err != nil {
			w.supply.giveBack(j.r, foremost)
			if errors.Is(err, ErrNoRoom) {
				w.forget()
				pauseFor(ctx, jitter(noRoomPause))
				continue
			}
			w.dialFailed(ctx, err)
			continue
		}
		if err := w.waitTurn(ctx); err != nil {
			w.supply.giveBack(j.r, foremost)
			return
		}
		w.engage()
		w.send(ctx, sendCtx, j)
	}
}

// engage says that the next intent will come by itself, from now until disengage:
// it does while one message follows another, and not while the worker waits for a
// reader, a connection or its share of the rate.
func (w *worker) engage() {
	if !w.engaged {
		w.engaged = true
		w.intents.begin()
	}
}

func (w *worker) disengage() {
	if w.engaged {
		w.engaged = false
		w.intents.end()
	}
}

// next gives the next job, waiting for it; nil when there is none to come.
func (w *worker) next(ctx context.Context) *job {
	if ctx.Err() != nil || !w.supply.isOpen() {
		w.forget()
		return nil
	}
	if j := w.ahead; j != nil {
		w.ahead = nil
		return j
	}
	r, ok := w.supply.dequeueSpare(0)
	if !ok {
		w.disengage()
		if r, ok = w.supply.dequeue(w.idle); !ok {
			return nil
		}
	}
	w.jobs[0].compose(r)
	return &w.jobs[0]
}

// lookAhead takes the job after j already, where there are enough for all, so
// that the session can begin it together with the end of j's message.
func (w *worker) lookAhead(ctx context.Context, j *job) *Mail {
	if w.limited() || ctx.Err() != nil || w.room.crowded(false) {
		return nil // each message waits for its share of the rate, or the session is to end
	}
	r, ok := w.supply.dequeueSpare(w.workers)
	if !ok {
		return nil
	}
	w.ahead = &w.jobs[0]
	if j == w.ahead {
		w.ahead = &w.jobs[1]
	}
	w.ahead.compose(r)
	w.begun = w.ahead.err == nil
	if !w.begun {
		return nil
	}
	return &w.ahead.mail
}

// forget gives back who was taken ahead.
func (w *worker) forget() {
	if w.ahead != nil {
		w.supply.giveBack(w.ahead.r, foremost)
		w.ahead = nil
	}
}

func (j *job) compose(r Recipient) {
	j.r = r
	j.mail.Message, j.mail.Envelope, j.err = j.writer.Compose(&j.r)
}

// limited reports whether each message of the session waits for its share of a rate.
func (w *worker) limited() bool { return w.limiter != nil || w.relays[w.session.Relay()] != nil }

// waitTurn takes a message's share of the rates: of the relay's, then of the send's.
func (w *worker) waitTurn(ctx context.Context) error {
	if !w.limited() {
		return nil
	}
	w.disengage()
	for _, l := range []Rate{w.relays[w.session.Relay()], w.limiter} {
		if l == nil {
			continue
		}
		if err := l.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) send(ctx, sendCtx context.Context, j *job) {
	r := &j.r
	r.began = w.began()
	if j.err != nil {
		w.log.Error("a message could not be composed", "subscriber", r.ID, "error", j.err)
		w.verdicts.unsendable(*r, j.err)
		w.supply.done(*r, nothing)
		return
	}
	w.ctx, w.current, w.intended, w.begun = ctx, j, false, false
	res := w.session.Send(sendCtx, j.mail, w.ask)
	if res.Broken {
		w.session = nil
	}
	w.settle(ctx, *r, res, w.intended)
}

// intend asks for the intent to end the message in hand, and looks meanwhile for
// the one after it.
func (w *worker) intend() (follow *Mail, err error) {
	j := w.current
	w.intent.Intent, w.intent.again = Intent{ID: j.r.ID, Relay: w.session.Relay()}, j.r.Dots > 0
	w.intents.submit(&w.intent)
	runtime.Gosched() // what others have to send comes before the next message, for which the commit leaves time
	follow = w.lookAhead(w.ctx, j)
	err = <-w.intent.answer
	w.intended = err == nil
	return follow, err
}

// How often a delivery is retried without counting as an attempt, when a session
// ends or a server refuses MAIL or DATA, before it is deferred.
const askAgain = 5

// settle acts on the result of a transaction.
func (w *worker) settle(ctx context.Context, r Recipient, res Result, intended bool) {
	if res.Phase == PhaseIntent {
		if !errors.Is(res.Err, ErrWithdrawn) { // the run ends: the claim is released with the others
			w.supply.giveBack(r, foremost)
			return
		}
		w.verdicts.withdrawn(r)
		w.supply.done(r, nothing)
		return
	}
	v := Classify(res)
	if v.Fault == SessionFault && r.asked > 0 && !(res.Elsewhere && r.asked < askAgain) {
		v = ClassifyAgain(res)
	}
	if intended && v.Reconnect() {
		v = Verdict{State: Unknown, Fault: UnknownFault} // the session may have written the end
	}
	switch {
	case v.Fault == SessionFault:
		w.askAnew(r, res, intended)
	case v.Reconnect() && w.triesOn(ctx, &r, res):
		w.linkFailed(ctx, resultError(res))
	default:
		if v.Reconnect() {
			v.State = Deferred
		}
		if res.Code != 0 || v.State != Deferred { // what was lost was not answered
			w.fails = 0
			w.carried++
			w.link.works()
		}
		if w.parked(r, res, v, intended) {
			return
		}
		w.verdicts.settle(r, res, v, intended)
		w.supply.done(r, v.answer(res))
	}
}

// parked gives a reader back whom a throttled domain refused for the domain's sake:
// a few times, and at no cost, because it is not the reader who is to wait.
func (w *worker) parked(r Recipient, res Result, v Verdict, intended bool) bool {
	if v.State != Deferred || intended || r.parked >= askAgain || v.answer(res) != putOff {
		return false
	}
	if row, ok := Explain(res); ok && row.Then != refusal.Nothing {
		return false // the operators are to know
	}
	r.parked++
	return w.supply.giveBack(r, lastOfDomain)
}

// askAnew returns a reader to the queue whose refusal may be the session's, and
// ends the session.
func (w *worker) askAnew(r Recipient, res Result, intended bool) {
	w.log.Debug("a session is at its limit", "error", resultError(res))
	w.hangUp()
	r.asked++
	if intended {
		w.verdicts.keep(r, res)
		r.Dots++
	}
	w.supply.giveBack(r, foremost)
}

// answer is what a verdict says about how fast to go.
func (v Verdict) answer(res Result) answer {
	switch {
	case v.State == Accepted:
		return took
	case v.State != Deferred || greylisted(res):
		return nothing
	case v.Fault == DomainFault:
		return putOff
	case v.Fault == SoftFault, enhanced(res) == "":
		return busy
	default:
		return later
	}
}

// resultError is the error of a result, or its reply as one.
func resultError(res Result) error {
	if res.Err != nil {
		return res.Err
	}
	return &SMTPError{Result: res}
}
