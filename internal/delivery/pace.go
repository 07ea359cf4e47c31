package delivery

import (
	"context"
	"sync"
	"time"
)

const paceDebt = 50 * time.Millisecond // how far a pace may be caught up with

// A pace lets one message after another begin. It can be changed while messages
// wait: whoever waits goes by the new one.
type pace struct {
	most float64 // of all senders
	now  func() time.Time
	turn chan struct{} // one waits for the time, the others for their turn

	mu      sync.Mutex
	rate    float64   // messages a second; 0: none now
	until   time.Time // the rate holds until then; zero: for good
	next    time.Time
	changed chan struct{} // closed when the rate changes
	held    bool          // somebody waited for the time since wants was asked
	begun   float64       // since then
	asked   time.Time
}

var _ Rate = (*pace)(nil)

func newPace(most float64, now func() time.Time) *pace {
	return &pace{most: most, now: now, turn: make(chan struct{}, 1), changed: make(chan struct{}), asked: now()}
}

// Wait waits for one message's turn.
func (p *pace) Wait(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.turn }()
	for {
		wait, changed := p.begin()
		if wait <= 0 {
			return nil
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-changed:
		case <-ctx.Done():
		}
		t.Stop()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// begin begins a message if it is time, and else says how long that is.
func (p *pace) begin() (wait time.Duration, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.rate <= 0 || !p.until.IsZero() && !now.Before(p.until) {
		p.held = true
		return time.Hour, p.changed
	}
	if wait = p.next.Sub(now); wait > 0 {
		p.held = true
		return wait, p.changed
	}
	if earliest := now.Add(-paceDebt); p.next.Before(earliest) {
		p.next = earliest
	}
	p.next = p.next.Add(time.Duration(float64(time.Second) / p.rate))
	p.begun++
	return 0, nil
}

// set changes the rate; lower: only to a lower one. What was to begin next keeps to
// it from now on.
func (p *pace) set(rate float64, lower bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if rate == p.rate || lower && rate > p.rate {
		return
	}
	if soon := p.now().Add(time.Duration(float64(time.Second) / max(rate, 1e-3))); rate > 0 && p.next.After(soon) {
		p.next = soon
	}
	p.rate = rate
	close(p.changed)
	p.changed = make(chan struct{})
}

// keepUntil says until when the rate holds.
func (p *pace) keepUntil(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.until.IsZero() && !p.now().Before(p.until) { // whoever waits since is to look again
		close(p.changed)
		p.changed = make(chan struct{})
	}
	p.until = t
}

// wants is the rate that could be used: twice what was, or all that there is where
// the rate held a message back. busy: there are messages.
func (p *pace) wants(busy bool) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	passed := now.Sub(p.asked).Seconds()
	used, held := p.begun/max(passed, 0.1), p.held || p.rate <= 0
	p.begun, p.held, p.asked = 0, false, now
	switch {
	case !busy:
		return 0
	case held:
		return wantAll
	default:
		return max(2*used, 1)
	}
}
