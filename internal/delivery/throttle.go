package delivery

import "time"

// A throttle slows down what asks for less, a domain or the relay, and opens it
// again: first the messages in hand at once are halved, then the rate, and each
// message that is taken lets it grow. One message at a time, the probe, always
// goes; in the end it goes once in probeLast, which is a full rest.
const (
	probeFirst = time.Second
	probeLast  = 30 * time.Minute
	probeOpen  = 50 * time.Millisecond // a rate above one in this is none
	growth     = 8                     // messages that are taken for the rate to grow by what it was when it was last refused
	longRest   = time.Minute           // a longer wait for the next probe is not waited for
)

// The zero value is open.
type throttle struct {
	window float64 // messages in hand at once, below 1 never; 0: open
	gap    time.Duration
	safe   float64   // messages a second that were half of what was refused
	next   time.Time // when the next may begin
	echo   int       // messages in hand at the last slowing: their refusals count once
}

func (t *throttle) open() bool { return t.window == 0 }

// slow halves what goes, with so many messages in hand (the refused among them).
func (t *throttle) slow(now time.Time, inHand int) {
	if t.echo > 0 {
		return
	}
	t.echo = max(inHand-1, 0)
	switch {
	case t.open():
		t.window = max(float64(inHand)/2, 1)
	case t.window > 1:
		t.window = max(t.window/2, 1)
	default:
		t.gap = min(max(2*t.gap, probeFirst), probeLast)
		t.safe = 1 / t.gap.Seconds()
	}
	if t.gap > 0 {
		t.next = now.Add(jitter(t.gap))
	}
}

// answered notes that a message in hand has its answer.
func (t *throttle) answered() { t.echo = max(t.echo-1, 0) }

// took grows what goes after a message that was taken, up to most at once.
func (t *throttle) took(most int) {
	switch {
	case t.open():
	case t.gap > 0:
		rate := 1 / t.gap.Seconds()
		if rate < t.safe {
			rate *= 2
		} else {
			rate += t.safe / growth
		}
		if t.gap = time.Duration(float64(time.Second) / rate); t.gap <= probeOpen {
			t.gap, t.safe = 0, 0
		}
	default:
		if t.window += 1 / t.window; t.window >= float64(most) {
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

// rests reports whether the next probe is so far away that nobody waits for it.
func (t *throttle) rests(now time.Time) bool { return t.next.Sub(now) > longRest }

// A tally tells one reader's refusal from a domain's, or the relay's: so many
// different ones say it, with no acceptance between.
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
