package delivery

import "time"

// A domain that asks for fewer messages rests for slowFirst, then twice as
// long, up to slowLongest; a message that it takes ends that.
const (
	slowFirst   = time.Minute
	slowLongest = 30 * time.Minute
	rateDebt    = 50 * time.Millisecond // how far a lane may catch up with its rate
)

// A lane holds back the recipients of one domain.
type lane struct {
	limit  DomainLimit
	inHand int         // admitted and not done
	next   time.Time   // when the rate lets the next one go
	until  time.Time   // the domain rests until then
	slow   int         // how often in a row it asked
	parked []Recipient // wait here, in order
}

// admit reserves a place, if there is one now.
func (l *lane) admit(now time.Time) bool {
	if now.Before(l.until) || l.limit.AtOnce > 0 && l.inHand >= l.limit.AtOnce {
		return false
	}
	if l.limit.Rate > 0 {
		if now.Before(l.next) {
			return false
		}
		if earliest := now.Add(-rateDebt); l.next.Before(earliest) {
			l.next = earliest
		}
		l.next = l.next.Add(time.Duration(float64(time.Second) / l.limit.Rate))
	}
	l.inHand++
	return true
}

// rest makes the domain wait; answers of messages that were in hand together
// count once.
func (l *lane) rest(now time.Time) {
	if now.Before(l.until) {
		return
	}
	l.until = now.Add(jitter(doubled(slowFirst, slowLongest, l.slow)))
	l.slow++
}

// idle reports whether the lane can be forgotten.
func (l *lane) idle(now time.Time) bool {
	return l.inHand == 0 && len(l.parked) == 0 && !now.Before(l.until) && l.slow == 0 && !now.Before(l.next)
}
