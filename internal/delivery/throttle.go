package delivery

import "time"

// A throttle slows a domain or the relay down when it asks for that, and opens it
// again: first it halves the messages in hand at once, then the rate, and each
// message that is taken lets them grow. One message at a time, the probe, always
// goes; in the end one in probeLast.
const (
	probeOpen   = 50 * time.Millisecond // a rate above one in this is none
	probeFirst  = 2 * probeOpen
	probeAgain  = time.Second // the rate at which what was closed is asked again once it has opened
	probeLast   = 30 * time.Minute
	growth      = 32          // messages that are taken for a rate to double
	longBackoff = time.Minute // a run does not wait longer for the next probe
)

// The zero value is open.
type throttle struct {
	window float64 // messages in hand at once, below 1 never; 0: open
	gap    time.Duration
	safe   float64   // messages a second: half the rate that was taken for a while and then refused; 0: not known
	taken  bool      // something, since the last slowing
	next   time.Time // when the next may begin
	streak int       // messages that were taken since the last slowing
	echo   int       // messages in hand at the last slowing: their refusals count once
	own    bool      // by refusals of this sender's own; else by another's word
}

func (t *throttle) open() bool { return t.window == 0 }

// slow halves the pace; inHand includes the message that was refused.
func (t *throttle) slow(now time.Time, inHand int) {
	if t.echo > 0 {
		return
	}
	t.echo, t.own = max(inHand-1, 0), true
	switch {
	case t.open():
		t.window = max(float64(inHand)/2, 1)
	case t.window >= 2:
		t.window /= 2
	default: // one at a time is too many
		t.window = 1
		if t.gap == 0 && t.safe > 0 { // as what was known to go
			t.gap = time.Duration(float64(time.Second) / t.safe / 2)
		}
		t.gap = min(max(2*t.gap, probeFirst), probeLast)
		if t.taken {
			t.safe = 1 / t.gap.Seconds()
		}
	}
	t.taken, t.streak = false, 0
	if t.gap > 0 {
		t.next = now.Add(jitter(t.gap))
	}
}

// heed waits as another of n senders does that was refused, unless this one knows
// by refusals of its own how fast it may go; ok is false when none waits any more.
// It reports whether that changed anything.
func (t *throttle) heed(r Rest, ok bool, n int, now time.Time) bool {
	switch {
	case t.own || !ok && t.open():
		return false
	case !ok:
		*t = throttle{}
		return true
	case !t.open():
		return false // heeded before; what is taken since has opened it a little
	}
	gap := min(time.Duration(n)*r.Gap, probeLast)
	*t = throttle{window: 1, gap: gap, next: now.Add(r.For + jitter(gap))}
	return true
}

// answered notes that a message in hand has its answer.
func (t *throttle) answered() { t.echo = max(t.echo-1, 0) }

// took grows what goes after a message that was taken, up to most at once.
func (t *throttle) took(most int) {
	t.streak++
	switch {
	case t.open():
	case t.gap > 0:
		rate := 1 / t.gap.Seconds()
		switch {
		case t.safe == 0:
			rate = max(2*rate, 1/probeAgain.Seconds())
		case rate < t.safe:
			rate *= 2
		default:
			rate += max(t.safe, rate) / growth * max(1, float64(t.streak)/growth) // long without a refusal: the limit is far
		}
		if t.gap = time.Duration(float64(time.Second) / rate); t.gap <= probeOpen {
			t.gap = 0
		}
		t.taken = true
	default:
		t.taken = true
		if t.window += 1 / (growth * t.window); t.window >= float64(most) {
			*t = throttle{}
		}
	}
}

// admits reports whether one more message may begin now.
func (t *throttle) admits(now time.Time, inHand int) bool {
	return t.open() || !now.Before(t.next) && float64(inHand+1) <= t.window
}

// begin notes that one begins.
func (t *throttle) begin(now time.Time) {
	if t.gap > 0 {
		t.next = now.Add(t.gap)
	}
}

// backsOff reports whether the next probe is too far away to wait for.
func (t *throttle) backsOff(now time.Time) bool { return t.next.Sub(now) > longBackoff }

// A tally tells one reader's refusal from a domain's, or the relay's: it counts
// how many different ones are refused with no acceptance between.
type tally struct{ seen map[string]bool }

// note notes one and gives how many different ones there are.
func (t *tally) note(who string) int {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	t.seen[who] = true
	return len(t.seen)
}

func (t *tally) empty() bool { return len(t.seen) == 0 }
func (t *tally) reset()      { clear(t.seen) }
