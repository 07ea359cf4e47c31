package delivery

import (
	"sync"
	"time"
)

// Bounds of what is in memory, in recipients.
const (
	readyLow   = 512  // claim more below this
	claimSize  = 1024 // a claim's size
	parkedMost = 4096 // over all domains
	queueFull  = 64   // no more is claimed for a domain with this many parked

	roomInFront = 64 // of those that are ready, for those that come back
)

// An answer is what the outcome of a message means for the pace of the others.
type answer int

const (
	nothing answer = iota // it says nothing about that
	took                  // the server took a message
	putOff                // a domain, or the relay, asks to wait
	later                 // a server on the way asks to wait
	busy                  // a mailbox asks to wait
)

// A refusal is the domain's, not one reader's, when this many different readers
// are refused with no acceptance between, and the relay's when this many domains
// are.
const (
	enough     = 5
	enoughSoft = 20 // where it may well be each one's own
)

func (a answer) domainMost() int {
	if a == putOff {
		return enough
	}
	return enoughSoft
}

func (a answer) relayMost() int {
	if a == busy {
		return enoughSoft
	}
	return enough
}

// A dispatcher hands claimed recipients to workers, and holds back those whose
// domain wants it, without holding up the others.
type dispatcher struct {
	pacing Pacing
	now    func() time.Time
	more   chan struct{} // tells the feeder that something changed
	slowed func(who string)

	mu     sync.Mutex
	cond   *sync.Cond
	ready  []Recipient
	head   int
	queues map[string]*domainQueue // of limited and slowed domains only
	parts  map[string]DomainLimit  // this run's of the limits, by class
	parked int
	inHand int
	relay  throttle
	putOff tally // domains, since any took a message
	quiet  bool  // nothing to send for a while
	closed bool
}

func newDispatcher(p Pacing, now func() time.Time) *dispatcher {
	d := &dispatcher{
		pacing: p, now: now, more: make(chan struct{}, 1),
		queues: map[string]*domainQueue{}, parts: map[string]DomainLimit{}, slowed: func(string) {},
	}
	d.cond = sync.NewCond(&d.mu)
	return d
}

// dequeue waits for a recipient; ok is false when the dispatcher was closed. The
// caller passes it to done or giveBack. Before each wait idle is called, and told
// whether it will be long.
func (d *dispatcher) dequeue(idle func(long bool)) (r Recipient, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for told := false; ; told = !told {
		if r, ok = d.pop(0); ok || d.closed {
			return r, ok
		}
		if told {
			d.cond.Wait()
			continue
		}
		long := d.quiet
		d.mu.Unlock()
		idle(long)
		d.mu.Lock()
	}
}

// wake has those who wait look again whether they are idle.
func (d *dispatcher) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cond.Broadcast()
}

// expectLull notes that there will be nothing to send for a while, so that other
// sends may have the connections.
func (d *dispatcher) expectLull() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.quiet = true
	d.cond.Broadcast()
}

// dequeueSpare returns a recipient when more than left are ready and nothing is
// throttled; ok is false otherwise.
func (d *dispatcher) dequeueSpare(left int) (r Recipient, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.relay.open() {
		return Recipient{}, false
	}
	return d.pop(left)
}

// pop takes the first that is ready and may go, unless at most left are ready.
func (d *dispatcher) pop(left int) (r Recipient, ok bool) {
	for !d.closed && len(d.ready)-d.head > left {
		if !d.relay.admits(d.now(), d.inHand) {
			return Recipient{}, false // the feeder wakes the workers when it is time
		}
		r = d.ready[d.head]
		d.ready[d.head] = Recipient{}
		d.head++
		if n := len(d.ready) - d.head; n == readyLow-1 || n == 0 {
			d.tell()
		}
		if !d.hold(&r) {
			d.relay.begin(d.now())
			d.inHand++
			return r, true
		}
	}
	return Recipient{}, false
}

// isOpen reports whether recipients may go; see close.
func (d *dispatcher) isOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.closed
}

// hold parks a ready recipient again when its domain was slowed meanwhile.
func (d *dispatcher) hold(r *Recipient) bool {
	if len(d.queues) == 0 {
		return false
	}
	q := d.queues[r.Domain()]
	if q == nil || q.throttle.open() || r.turn == q.turn {
		return false
	}
	if r.turn > 0 {
		q.inHand--
	}
	r.turn = 0
	if len(q.parked) == 0 && q.admit(d.now()) {
		r.turn = q.turn
		return false
	}
	d.park(q, *r)
	return true
}

func (d *dispatcher) park(q *domainQueue, r Recipient) {
	q.parked = append(q.parked, r)
	d.parked++
}

// enqueue adds claimed recipients.
func (d *dispatcher) enqueue(list []Recipient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.quiet = d.quiet && len(list) == 0
	d.makeRoom(len(list))
	now := d.now()
	for _, r := range list {
		q := d.queue(r.Domain(), false)
		switch {
		case q == nil:
			d.ready = append(d.ready, r)
		case len(q.parked) == 0 && q.admit(now):
			r.turn = q.turn
			d.ready = append(d.ready, r)
		default:
			d.park(q, r)
		}
	}
	d.cond.Broadcast()
}

// makeRoom makes room behind what is ready for n more, in place where it can.
func (d *dispatcher) makeRoom(n int) {
	if len(d.ready)+n > cap(d.ready) {
		d.shift(n)
	}
}

// shift moves what is ready to the front of its array, or of a longer one, where
// n more fit behind it and some in front of it.
func (d *dispatcher) shift(n int) {
	ready, all := d.ready[d.head:], d.ready[:cap(d.ready)]
	if need := roomInFront + len(ready) + n; need > len(all) {
		all = make([]Recipient, max(need, 2*claimSize+readyLow))
	}
	end := roomInFront + copy(all[roomInFront:], ready)
	clear(all[:roomInFront])
	clear(all[end:])
	d.ready, d.head = all[:end], roomInFront
}

// queue finds a domain's queue; nil when it needs none.
func (d *dispatcher) queue(domain string, need bool) *domainQueue {
	q := d.queues[domain]
	if q == nil && (need || d.pacing.limited()) {
		limit := d.pacing.limit(domain)
		if need || limit != (DomainLimit{}) {
			class := d.pacing.class(domain)
			q = &domainQueue{limit: limit, part: d.parts[class], class: class, turn: 1}
			d.queues[domain] = q
		}
	}
	return q
}

// A place is where a recipient goes whom a worker could not try.
type place uint8

const (
	foremost  place = iota // before all others
	lastOfAll              // behind all that are ready
	// lastOfDomain is for one whom a domain refused for its own sake: behind its others,
	// if it is throttled, which the refusal slows further.
	lastOfDomain
)

// giveBack takes a recipient back whom a worker could not try. false: its domain is not
// throttled, and it was to be behind its others.
func (d *dispatcher) giveBack(r Recipient, at place) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch at {
	case lastOfDomain:
		return d.putLast(r)
	case lastOfAll:
		d.makeRoom(1)
		d.ready = append(d.ready, r)
	case foremost:
		d.front(r)
	}
	d.inHand--
	d.cond.Signal()
	return true
}

func (d *dispatcher) putLast(r Recipient) bool {
	q := d.queues[r.Domain()]
	if q == nil || q.throttle.open() {
		return false
	}
	now := d.now()
	d.inHand--
	if r.turn > 0 {
		q.inHand--
	}
	d.relayAnswered(r, putOff, now)
	q.answered(r, putOff, now, d.pacing.connections())
	r.turn = 0
	d.park(q, r)
	d.promote(q, now)
	d.tell()
	return true
}

// front puts r before all others.
func (d *dispatcher) front(r Recipient) {
	if d.head == 0 {
		d.shift(0)
	}
	d.head--
	d.ready[d.head] = r
}

// done ends a recipient's turn and lets the next one of its domain go.
func (d *dispatcher) done(r Recipient, a answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inHand--
	if d.inHand == 0 {
		d.tell()
	}
	now := d.now()
	d.relayAnswered(r, a, now)
	if len(d.queues) == 0 && a <= took {
		return
	}
	q := d.queue(r.Domain(), a > took)
	if q == nil {
		return
	}
	if r.turn > 0 {
		q.inHand--
	}
	if q.answered(r, a, now, d.pacing.connections()) {
		d.slowed(r.Domain())
		d.tell()
	}
	d.promote(q, now)
	if q.idle(now) {
		delete(d.queues, r.Domain())
	}
}

// relayAnswered applies an answer to the relay's throttle: what several domains
// say in a row, with no acceptance between, is the relay's doing.
func (d *dispatcher) relayAnswered(r Recipient, a answer, now time.Time) {
	if !d.relay.open() {
		d.relay.answered()
		d.cond.Broadcast()
	}
	switch {
	case a == took:
		d.putOff.reset()
		d.relay.took(d.pacing.connections())
	case a != nothing && d.putOff.note(r.Domain()) >= a.relayMost():
		d.putOff.reset()
		d.slowRelay(now)
	}
}

// slowRelay throttles the whole send.
func (d *dispatcher) slowRelay(now time.Time) {
	was := d.relay.open()
	d.relay.slow(now, d.inHand+1)
	if was {
		d.slowed("")
	}
	d.tell()
}

// tooMany notes that the server takes fewer connections; one is always tried.
func (d *dispatcher) tooMany() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.relay.window != 1 {
		d.slowRelay(d.now())
	}
}

// promote lets parked recipients of a domain go.
func (d *dispatcher) promote(q *domainQueue, now time.Time) {
	for len(q.parked) > 0 && q.admit(now) {
		r := q.parked[0]
		r.turn = q.turn
		d.front(r)
		q.parked = q.parked[1:]
		d.parked--
		d.cond.Signal()
	}
}

// tell wakes the feeder.
func (d *dispatcher) tell() {
	select {
	case d.more <- struct{}{}:
	default:
	}
}

// close lets no further recipient go.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.cond.Broadcast()
}
