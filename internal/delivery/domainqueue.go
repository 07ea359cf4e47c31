package delivery

import "time"

const rateDebt = 50 * time.Millisecond // how far a domain may catch up with its rate

// A domainQueue holds back the recipients of one domain that is limited or
// throttled.
type domainQueue struct {
	limit    DomainLimit // as it is set, for all senders
	part     DomainLimit // of it this run's, now
	class    string      // the domain, if it has a limit of its own
	inHand   int         // admitted and not done
	turn     int         // grows with each slowing: whoever was admitted before it is checked again
	next     time.Time   // when the limit's rate lets the next one go
	throttle throttle    // by the domain's own replies
	putOff   tally       // readers, since the domain last took a message
	parked   []Recipient // wait here, in order
}

// admit reserves a place, if there is one now.
func (q *domainQueue) admit(now time.Time) bool {
	if q.limit.AtOnce > 0 && q.inHand >= q.part.AtOnce || q.limit.Rate > 0 && (q.part.Rate <= 0 || now.Before(q.next)) {
		return false
	}
	if !q.throttle.admits(now, q.inHand) {
		return false
	}
	q.throttle.begin(now)
	if q.limit.Rate > 0 {
		if earliest := now.Add(-rateDebt); q.next.Before(earliest) {
			q.next = earliest
		}
		q.next = q.next.Add(time.Duration(float64(time.Second) / q.part.Rate))
	}
	q.inHand++
	return true
}

// wake is when time alone lets the next one go; zero when it does not.
func (q *domainQueue) wake() time.Time {
	if q.throttle.next.After(q.next) {
		return q.throttle.next
	}
	return q.next
}

// answered applies an answer to the domain's throttle. It reports whether the
// domain is newly throttled.
func (q *domainQueue) answered(r Recipient, a answer, now time.Time, most int) (slowed bool) {
	q.throttle.answered()
	switch a {
	case took:
		q.putOff.reset()
		q.throttle.took(most)
	case putOff, later, busy:
		if a == busy && r.Attempts == 0 {
			return false // greylisting has no code of its own
		}
		again := r.Attempts > 0 || !q.throttle.open()
		if q.putOff.note(r.Email) < a.domainMost() && (a != putOff || !again) {
			return false
		}
		q.putOff.reset()
		was := q.throttle
		q.throttle.slow(now, q.inHand+1)
		slowed = was.open() && !q.throttle.open()
		q.turn++
	}
	return slowed
}

// idle reports whether the queue can be forgotten.
func (q *domainQueue) idle(now time.Time) bool {
	return q.inHand == 0 && len(q.parked) == 0 && q.throttle.open() && q.putOff.empty() && !now.Before(q.next)
}
