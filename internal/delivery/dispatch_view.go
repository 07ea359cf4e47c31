package delivery

import "time"

// A view is what the feeder needs to know to decide what comes next.
type view struct {
	held       int       // recipients in memory: ready, parked and in hand
	working    int       // ready and in hand
	room       bool      // more should be claimed
	skip       []string  // domains of which none should be claimed now
	backingOff bool      // every domain in skip is backing off, or everything is
	until      time.Time // when the first of them is tried again
	wake       time.Time // when the next parked one may go; zero: not by time alone
	waiting    bool      // something is parked or backing off
}

// look promotes whom it is time for, drops idle queues, and returns how things
// stand.
func (d *dispatcher) look() view {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	v := view{backingOff: true}
	for domain, q := range d.queues {
		d.promote(q, now)
		if q.idle(now) {
			delete(d.queues, domain)
			continue
		}
		d.lookAt(&v, domain, q, now)
	}
	ready := len(d.ready) - d.head
	v.working = ready + d.inHand
	v.held = v.working + d.parked
	v.room = ready < readyLow && d.parked < parkedMost
	if !d.relay.open() && ready > 0 {
		d.cond.Broadcast() // it may be time
		v.waiting = true
		v.wakeAt(d.relay.next, now)
		if d.inHand == 0 && d.relay.backsOff(now) {
			v.working, v.backingOff, v.until = 0, true, d.relay.next
		}
	}
	return v
}

func (d *dispatcher) lookAt(v *view, domain string, q *domainQueue, now time.Time) {
	if len(q.parked) > 0 {
		v.waiting = true
		v.wakeAt(q.wake(), now)
	}
	backsOff := q.throttle.backsOff(now)
	if !backsOff && len(q.parked) < queueFull {
		v.backingOff = v.backingOff && len(q.parked) == 0
		return
	}
	v.waiting = true
	v.skip = append(v.skip, domain)
	v.backingOff = v.backingOff && backsOff
	if backsOff {
		v.until = earlier(v.until, q.throttle.next)
	}
}

// wakeAt notes that time lets something go at t; what is past waits for another
// message's end.
func (v *view) wakeAt(t, now time.Time) {
	if t.After(now) {
		v.wake = earlier(v.wake, t)
	}
}

// earlier is the earlier of two times; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
