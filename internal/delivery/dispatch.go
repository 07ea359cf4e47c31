package delivery

import (
	"sync"
	"time"
)

// Bounds of what is in memory, in recipients.
const (
	readyLow   = 512  // claim more below this
	claimSize  = 1024 // a claim's size
	parkedMost = 4096 // over all lanes
	laneFull   = 64   // a lane with so many gets no more claimed
)

// A dispatcher hands claimed recipients to workers, and holds back those whose
// domain wants it, without holding up the others.
type dispatcher struct {
	pacing Pacing
	now    func() time.Time
	more   chan struct{} // tells the feeder that something changed

	mu     sync.Mutex
	cond   *sync.Cond
	ready  []Recipient
	head   int
	lanes  map[string]*lane // of limited and resting domains only
	parked int
	inHand int
	closed bool
}

func newDispatcher(p Pacing, now func() time.Time) *dispatcher {
	d := &dispatcher{pacing: p, now: now, more: make(chan struct{}, 1), lanes: map[string]*lane{}}
	d.cond = sync.NewCond(&d.mu)
	return d
}

// take waits for a recipient; ok is false when the dispatcher was closed. The
// caller gives it to done or giveBack.
func (d *dispatcher) take() (r Recipient, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if r, ok = d.pop(0); ok || d.closed {
			return r, ok
		}
		d.cond.Wait()
	}
}

// takeSpare takes a recipient when more than so many are ready; ok is false
// otherwise.
func (d *dispatcher) takeSpare(left int) (r Recipient, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pop(left)
}

// pop takes the first that is ready and whose domain does not rest, unless no
// more than so many are ready.
func (d *dispatcher) pop(left int) (r Recipient, ok bool) {
	for !d.closed && len(d.ready)-d.head > left {
		r = d.ready[d.head]
		d.ready[d.head] = Recipient{}
		d.head++
		if n := len(d.ready) - d.head; n == readyLow-1 || n == 0 {
			d.tell()
		}
		if !d.hold(r) {
			d.inHand++
			return r, true
		}
	}
	return Recipient{}, false
}

// open says whether recipients may go; see close.
func (d *dispatcher) open() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.closed
}

// hold parks a ready recipient again when its domain began to rest meanwhile.
func (d *dispatcher) hold(r Recipient) bool {
	if len(d.lanes) == 0 {
		return false
	}
	l := d.lanes[r.Domain()]
	if l == nil || !d.now().Before(l.until) {
		return false
	}
	l.inHand = max(l.inHand-1, 0)
	d.park(l, r)
	return true
}

func (d *dispatcher) park(l *lane, r Recipient) {
	l.parked = append(l.parked, r)
	d.parked++
}

// add takes claimed recipients in.
func (d *dispatcher) add(list []Recipient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = append(d.ready[:0:0], d.ready[d.head:]...)
	d.head = 0
	now := d.now()
	for _, r := range list {
		l := d.lane(r.Domain(), false)
		if l == nil || len(l.parked) == 0 && l.admit(now) {
			d.ready = append(d.ready, r)
		} else {
			d.park(l, r)
		}
	}
	d.cond.Broadcast()
}

// lane finds a domain's lane; nil when it needs none.
func (d *dispatcher) lane(domain string, need bool) *lane {
	l := d.lanes[domain]
	if l == nil && (need || d.pacing.limited()) {
		limit := d.pacing.limit(domain)
		if need || limit != (DomainLimit{}) {
			l = &lane{limit: limit}
			d.lanes[domain] = l
		}
	}
	return l
}

// giveBack takes a recipient back whom a worker could not try.
func (d *dispatcher) giveBack(r Recipient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inHand--
	d.front(r)
	d.cond.Signal()
}

// front puts r before all others.
func (d *dispatcher) front(r Recipient) {
	if d.head == 0 {
		d.ready = append(make([]Recipient, 16, 16+len(d.ready)+1), d.ready...)
		d.head = 16
	}
	d.head--
	d.ready[d.head] = r
}

// done ends a recipient's turn and lets the next one of its domain go.
func (d *dispatcher) done(r Recipient, slow, accepted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inHand--
	if d.inHand == 0 {
		d.tell()
	}
	if len(d.lanes) == 0 && !slow {
		return
	}
	l := d.lane(r.Domain(), slow)
	if l == nil {
		return
	}
	l.inHand = max(l.inHand-1, 0)
	now := d.now()
	if slow {
		l.rest(now)
	}
	if accepted {
		l.slow = 0
	}
	d.promote(l, now)
	if l.idle(now) {
		delete(d.lanes, r.Domain())
	}
}

// promote lets parked recipients of a lane go.
func (d *dispatcher) promote(l *lane, now time.Time) {
	for len(l.parked) > 0 && l.admit(now) {
		d.front(l.parked[0])
		l.parked = l.parked[1:]
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
