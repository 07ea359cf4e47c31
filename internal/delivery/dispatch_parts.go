package delivery

import "time"

// What a dispatcher shares with those of other senders: its part of the domains'
// limits, and which domains have asked to wait.

// busy reports whether there is something to send.
func (d *dispatcher) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.quiet && !d.closed
}

// wants is what this run could use of a class of domains' limit: all that there is,
// or nothing.
func (d *dispatcher) wants(class string) float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, q := range d.queues {
		if q.class == class && (q.inHand > 0 || len(q.parked) > 0) {
			return wantAll
		}
	}
	return 0
}

// inHandAt is how many messages are in hand at the busiest domain of a class.
func (d *dispatcher) inHandAt(class string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	most := 0
	for _, q := range d.queues {
		if q.class == class {
			most = max(most, q.inHand)
		}
	}
	return most
}

// allot keeps a class of domains to a part of their limit; lower: only where that
// is less than it was.
func (d *dispatcher) allot(class string, part DomainLimit, lower bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.parts[class]
	if lower {
		part = DomainLimit{AtOnce: min(part.AtOnce, was.AtOnce), Rate: min(part.Rate, was.Rate)}
	}
	if part == was {
		return
	}
	d.parts[class] = part
	for _, q := range d.queues {
		if q.class == class {
			q.part = part
		}
	}
	d.tell()
}

// restLeast is the gap from which on a domain's wish concerns the other senders.
const restLeast = time.Second

// rests are the domains, and the relay, that have asked this run to wait.
func (d *dispatcher) rests(s Sender) []Rest {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	var out []Rest
	if t := &d.relay; t.own && t.gap >= restLeast {
		out = append(out, Rest{Sender: s, Gap: t.gap, For: max(t.next.Sub(now), 0)})
	}
	for domain, q := range d.queues {
		if t := &q.throttle; t.own && t.gap >= restLeast {
			out = append(out, Rest{Sender: s, Domain: domain, Gap: t.gap, For: max(t.next.Sub(now), 0)})
		}
	}
	return out
}

// heed has this run wait where other senders were asked to, if it knows no better
// by itself: n senders together ask a domain as often as the one would that found
// it closed. What no sender waits for any more is open again.
func (d *dispatcher) heed(rests []Rest, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, longest := d.now(), map[string]Rest{}
	for _, r := range rests {
		if r.Gap > longest[r.Domain].Gap {
			longest[r.Domain] = r
		}
	}
	if r, ok := longest[""]; d.relay.heed(r, ok, n, now) {
		d.tell()
	}
	for domain, q := range d.queues {
		r, ok := longest[domain]
		if q.throttle.heed(r, ok, n, now) {
			q.turn++
			d.tell()
		}
		delete(longest, domain)
	}
	delete(longest, "")
	for domain, r := range longest {
		d.queue(domain, true).throttle.heed(r, true, n, now)
	}
}
