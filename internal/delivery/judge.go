package delivery

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/refusal"
)

// When rejections of the sender, the message, the account or by a policy pause
// the edition: when none of the first readers was accepted, or when this many
// domains or readers in a row are rejected with no acceptance between. Vague
// rejections need more: dead mailboxes are rejected like that too.
const (
	firstReaders   = 5
	rowDomains     = 3
	rowReaders     = 20
	rowVague       = 10 // readers, of rowDomains domains
	rowPathDomains = 5  // of readers who were deferred for RetryFor
	rowUnknown     = 10
)

// A judge turns verdicts into outcomes, and pauses the edition when going on
// would do harm. A rejection that says little about the reader is held until it
// is decided: a pause queues it again, an acceptance makes it final.
type judge struct {
	record   func(Outcome)
	pause    func(Pause)
	alarm    func(Alarm)
	progress *Progress
	now      func() time.Time
	readers  int64 // of the edition

	canary atomic.Bool   // only the first part of the list is mailed
	ticks  atomic.Uint64 // orders refusals and the beginnings of messages

	mu       sync.Mutex
	breaker  breaker
	accepted int64 // of the edition so far
	first    int64 // readers with a final verdict while nobody was accepted
	held     []heldRefusal
	put      int             // readers in a row who were deferred for too long
	putFrom  map[string]bool // their domains
	unknown  int             // in a row
	warned   map[string]bool // readers who were refused for what the operator must change
	account  map[string]bool // readers in a row who were refused for what the account may not do
	told     map[string]bool // kinds of refusals that the operators were told of
	paused   bool
}

// A heldRefusal is held: its delivery stays claimed.
type heldRefusal struct {
	r     Recipient
	fault Fault // once an acceptance decides
	vague bool
	reply string
	relay string
	at    uint64
}

func newJudge(c Counts) *judge {
	return &judge{
		readers: c.Total(), accepted: c[Accepted],
		putFrom: map[string]bool{}, warned: map[string]bool{}, told: map[string]bool{}, account: map[string]bool{}, alarm: func(Alarm) {},
	}
}

// settle decides the outcome of a transaction. ended: the message's end was
// written.
func (j *judge) settle(r Recipient, res Result, v Verdict, ended bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	o := Outcome{ID: r.ID, State: v.State, Dotted: ended, Attempt: v.State != Queued, Fault: v.Fault, Reply: reply(res), Relay: res.Relay}
	switch {
	case v.Fault == OperatorFault:
		j.operator(r, res, o)
	case v.State == Deferred:
		j.deferred(r, res, o)
	case v.State == Failed:
		j.refused(r, v, o)
		j.heed(r, res, o.Reply)
	default:
		j.outcome(r, o)
	}
}

// operator queues a reader again after a fault of the operator's.
func (j *judge) operator(r Recipient, res Result, o Outcome) {
	if res.Phase != PhaseRcpt && res.Phase < PhaseDot {
		o.Reply = "" // it says nothing of this reader
	}
	j.outcome(r, o)
	j.stop(Pause{Reason: reply(res)})
}

// deferred gives a reader's next attempt, or ends it after RetryFor. Only what
// the mailbox itself said is a bounce then.
func (j *judge) deferred(r Recipient, res Result, o Outcome) {
	o.NextAttempt = retryAt(j.now(), r.Since, r.Attempts+1)
	if o.NextAttempt.IsZero() {
		o.State = Failed
		if greylisted(res) {
			o.Fault = PathFault
		}
	}
	if o.State == Failed && o.Fault != SoftFault {
		j.put++
		j.putFrom[r.Domain()] = true
	}
	j.outcome(r, o)
	if j.put >= rowReaders && len(j.putFrom) >= rowPathDomains {
		j.stop(Pause{Reason: fmt.Sprintf("%d readers in a row, at %d domains, were deferred for %.0f hours; the last reply: %s",
			j.put, len(j.putFrom), RetryFor.Hours(), o.Reply)})
	}
	j.heed(r, res, o.Reply)
}

// heed has the operators told at once of a refusal that only they can do something
// about, once a kind, and pauses when it repeats: no waiting changes it. What the
// relay's account may not do is told by the pause alone, because one server that
// does not relay may be a reader's own.
func (j *judge) heed(r Recipient, res Result, reply string) {
	row, ok := Explain(res)
	if !ok || row.Then == refusal.Nothing {
		return
	}
	if j.canary.Load() && row.Then == refusal.Pause && !r.Refused {
		j.stop(Pause{Reason: "the first part of the list was refused for a reason that waiting will not change: " + reply})
		return
	}
	if row.Fault == refusal.Account {
		if j.account[r.Email] = true; len(j.account) >= firstReaders && res.Code/100 == 4 {
			j.stop(Pause{Reason: fmt.Sprintf("%d readers in a row were refused for what the account may not do: %s", len(j.account), reply)})
		}
		return
	}
	if !j.told[row.Key()] {
		j.told[row.Key()] = true
		j.alarm(Alarm{Key: row.Key(), Reply: WithoutAddresses(reply)})
	}
	if row.Then != refusal.Pause || r.Refused || res.Code/100 == 5 && row.Fault != refusal.Setup {
		return
	}
	j.warned[r.Email] = true
	if len(j.warned) >= firstReaders || r.Attempts > 0 && res.Code/100 == 4 {
		j.stop(Pause{Reason: "the recipients' server refuses for a reason that waiting will not change: " + reply})
	}
}

// refused holds a rejection that may be about the whole edition. When a reader
// whom a pause had queued again is rejected again by a policy or without a
// reason, while other servers took the edition, that is this server's policy and
// no bounce.
func (j *judge) refused(r Recipient, v Verdict, o Outcome) {
	again := r.Refused && j.accepted > 0
	switch {
	case again && (v.Vague || v.Fault == PolicyFault):
		o.Fault = PolicyFault
		j.outcome(r, o)
	case v.Vague || v.Fault.Undecided():
		j.hold(r, v, o)
	default:
		j.outcome(r, o)
	}
}

func (j *judge) hold(r Recipient, v Verdict, o Outcome) {
	if o.Dotted { // so that a crash does not make it unknown
		j.record(Outcome{ID: o.ID, State: Claimed, Dotted: true, Reply: o.Reply, Relay: o.Relay})
	}
	j.held = append(j.held, heldRefusal{r: r, fault: v.Fault, vague: v.Vague, reply: o.Reply, relay: o.Relay, at: j.ticks.Add(1)})
	j.first++
	j.decide()
}

// decide pauses when the held rejections are about the whole edition.
func (j *judge) decide() {
	if len(j.held) == 0 {
		return
	}
	last := j.held[len(j.held)-1]
	all, ours := map[string]bool{}, map[string]bool{} // domains
	for _, h := range j.held {
		all[h.r.Domain()] = true
		if !h.vague {
			ours[h.r.Domain()] = true
		}
	}
	inRow := len(ours) >= rowDomains || len(j.held) >= rowReaders || len(j.held) >= rowVague && len(all) >= rowDomains
	switch {
	case j.accepted == 0 && j.first >= min(firstReaders, j.readers):
		j.stop(Pause{Reason: fmt.Sprintf("none of the first %d readers was accepted: %s", j.first, last.reply)})
	case j.accepted > 0 && inRow:
		j.stop(Pause{Reason: fmt.Sprintf("%d readers in a row, at %d domains, were permanently rejected: %s", len(j.held), len(all), last.reply)})
	}
}

// outcome records what is decided.
func (j *judge) outcome(r Recipient, o Outcome) {
	j.record(o)
	j.progress.end(r.Domain(), o.State)
	j.note(r, o)
}

func (j *judge) note(r Recipient, o Outcome) {
	switch o.State {
	case Accepted:
		j.accepted++
		j.unknown, j.put = 0, 0
		clear(j.putFrom)
		clear(j.account)
		j.release(r.began)
	case Unknown:
		if j.unknown++; j.unknown >= rowUnknown {
			j.stop(Pause{Reason: fmt.Sprintf("the server did not confirm %d messages in a row; the last: %s", j.unknown, o.Reply)})
		}
		return
	case Failed:
		if j.accepted == 0 {
			j.first++
		}
		j.decide()
	}
	if o.State == Accepted || o.State == Failed && o.Fault != PathFault && o.Fault != DomainFault {
		if reason := j.breaker.note(o.State == Failed, o.Reply); reason != "" {
			j.stop(Pause{Reason: reason, Breaker: true})
		}
	}
}

// release makes the rejections final that came before the start of a message
// that was accepted.
func (j *judge) release(began uint64) {
	held := j.held
	j.held = nil
	for _, h := range held {
		if h.at > began {
			j.held = append(j.held, h)
			continue
		}
		j.outcome(h.r, Outcome{ID: h.r.ID, State: Failed, Attempt: true, Fault: h.fault, Reply: h.reply, Relay: h.relay})
	}
}

// stop pauses the edition and queues what is held again, last in line.
func (j *judge) stop(p Pause) {
	if !j.paused {
		j.paused = true
		p.Reason = withMeaning(p.Reason)
		j.pause(p)
	}
	j.putBack()
}

func (j *judge) putBack() {
	for _, h := range j.held {
		j.outcome(h.r, Outcome{ID: h.r.ID, State: Queued, Fault: h.fault, Reply: h.reply, Relay: h.relay})
	}
	j.held = nil
}

// close decides what is still held at the end of a run. regular: there was
// nothing more to send.
func (j *judge) close(regular bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case len(j.held) == 0:
	case regular && j.accepted > 0:
		j.release(j.ticks.Add(1))
	case regular:
		j.stop(Pause{Reason: fmt.Sprintf("none of %d readers was accepted: %s", j.first, j.held[len(j.held)-1].reply)})
	default:
		j.putBack()
	}
}

// keep records that a message stays in hand whose end was refused because the
// session had reached its limit.
func (j *judge) keep(r Recipient, res Result) {
	j.record(Outcome{ID: r.ID, State: Claimed, Dotted: true, Reply: reply(res), Relay: res.Relay})
}

// began numbers the beginning of a message.
func (j *judge) began() uint64 { return j.ticks.Add(1) }

// withdrawn notes a reader who left before the message's end.
func (j *judge) withdrawn(r Recipient) { j.progress.end(r.Domain(), Suppressed) }

// unsendable fails the delivery of a message that cannot be made.
func (j *judge) unsendable(r Recipient, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.outcome(r, Outcome{ID: r.ID, State: Failed, Attempt: true, Fault: MessageFault, Reply: clip("not sent: "+err.Error(), refusedReply)})
}

// refusedUs pauses the edition because a server takes no connection of ours.
func (j *judge) refusedUs(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stop(Pause{Reason: err.Error()})
}
