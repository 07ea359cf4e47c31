package delivery

import "time"

// A view is what the feeder needs to know to decide what comes next.
type view struct {
	held    int       // recipients in memory: ready, parked and in hand
	working int       // ready and in hand
	room    bool      // more should be claimed
	skip    []string  // domains of which none should be claimed now
	resting bool      // every domain in skip rests
	until   time.Time // when the first of them has rested
	waiting bool      // something is parked or resting: look again soon
}

// look lets go whom the time has freed, forgets idle lanes, and tells how
// things stand.
func (d *dispatcher) look() view {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	v := view{resting: true}
	for domain, l := range d.lanes {
		d.promote(l, now)
		if l.idle(now) {
			delete(d.lanes, domain)
			continue
		}
		rests := now.Before(l.until)
		if !rests && len(l.parked) < laneFull {
			v.waiting = v.waiting || len(l.parked) > 0
			v.resting = v.resting && len(l.parked) == 0
			continue
		}
		v.waiting = true
		v.skip = append(v.skip, domain)
		v.resting = v.resting && rests
		if rests && (v.until.IsZero() || l.until.Before(v.until)) {
			v.until = l.until
		}
	}
	ready := len(d.ready) - d.head
	v.working = ready + d.inHand
	v.held = v.working + d.parked
	v.room = ready < readyLow && d.parked < parkedMost
	return v
}
