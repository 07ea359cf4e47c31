package mailer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// A Relay is one of several servers that take a list's mail.
type Relay struct {
	Name        string // names it in logs and metrics
	Dialer      delivery.Dialer
	Weight      int     // its share of the sessions beside the others'; 0: 1
	Connections int     // sessions at once, at most
	Rate        float64 // messages a second, at most; 0: no limit
	Auto        bool    // Connections is what it may grow to
}

// A relay that fails is left alone for a while, twice as long each time. One that
// refuses the login or the account needs somebody to change something.
const (
	restFirst   = time.Second
	restLongest = time.Minute
	restAccount = 5 * time.Minute
	restHours   = time.Hour
)

// A Pool spreads sessions over relays, by weight. A session stays with its relay.
//
// A relay that cannot be reached, refuses the login, or refuses one reader after
// another while others accept, is taken out: its sessions end, the readers in their
// hands go to the others, and one session at a time asks whether it serves again. One
// that says 421 or that there are too many connections gets as many as it bears, and
// one more a round of messages that it takes. When none serves, the pool is as one
// relay that does not. It is safe for concurrent use.
type Pool struct {
	relays []*relay
	log    *slog.Logger
	now    func() time.Time

	mu      sync.Mutex
	changed chan struct{} // closed when a relay may have room
	waiting int           // who waits for it
}

var (
	_ delivery.Dialer = (*Pool)(nil)
	_ delivery.Relays = (*Pool)(nil)
)

// NewPool makes a pool of at least one relay.
func NewPool(relays []Relay, log *slog.Logger, now func() time.Time) *Pool {
	p := &Pool{log: log, now: now, changed: make(chan struct{})}
	for _, r := range relays {
		p.relays = append(p.relays, newRelay(r, now))
	}
	return p
}

// Dial opens a session with the relay that has the most room for its weight, or the
// next one where that fails. It waits while all that serve are full (or fails with
// delivery.ErrNoRoom, see delivery.WithoutWaiting), and else fails only when none serves.
func (p *Pool) Dial(ctx context.Context) (delivery.Session, error) {
	for {
		r, err := p.place(ctx)
		if err != nil {
			return nil, err
		}
		session, err := r.Dialer.Dial(ctx)
		if err == nil {
			return &poolSession{Session: session, pool: p, relay: r, since: p.opened(r)}, nil
		}
		p.failed(ctx, r, err)
		if ctx.Err() != nil {
			return nil, err
		}
	}
}

// place takes a place at a relay, and waits for it if need be.
func (p *Pool) place(ctx context.Context) (*relay, error) {
	waits := delivery.MayWait(ctx)
	for waiting := false; ; waiting = true {
		r, wait, changed, err := p.choose(waits, waiting)
		if r != nil || err != nil {
			return r, err
		}
		if !waits {
			return nil, delivery.ErrNoRoom
		}
		if err := pauseUntil(ctx, wait, changed); err != nil {
			p.gaveUp()
			return nil, err
		}
	}
}

// choose takes a place at a relay. Where all that serve are full, it says for how long
// to wait at most; where none serves, it fails with the reason. Who does not wait takes
// no place while others wait for one: a send that fills all would never let a
// confirmation through.
func (p *Pool) choose(waits, waiting bool) (_ *relay, wait time.Duration, changed <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if waiting {
		p.waiting--
	}
	now := p.now()
	var best *relay
	behind, full := !waits && p.waiting > 0, false
	for _, r := range p.relays {
		switch {
		case !r.serves(now):
			wait = sooner(wait, r.until.Sub(now))
		case behind, r.open >= r.most():
			full = true
		case best == nil || r.load() < best.load():
			best = r
		}
	}
	if best == nil && !full {
		if best = p.again(now); best == nil {
			return nil, 0, nil, p.reason()
		}
	}
	if best != nil {
		best.open++
		best.tried = now
	} else if waits {
		p.waiting++
	}
	return best, wait, p.changed, nil
}

// again is a relay that is asked though it rests, because none serves: the one that
// has waited longest.
func (p *Pool) again(now time.Time) (r *relay) {
	for _, x := range p.relays {
		if x.open == 0 && now.Sub(x.tried) >= restFirst && (r == nil || x.tried.Before(r.tried)) {
			r = x
		}
	}
	return r
}

// reason is why no relay serves: rather one that waiting may change.
func (p *Pool) reason() error {
	var out error
	for _, r := range p.relays {
		if out == nil || delivery.ClassifyDial(out).Fault == delivery.OperatorFault {
			out = r.reason
		}
	}
	return out
}

func (p *Pool) opened(r *relay) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return r.rests
}

// closed gives a session's place back.
func (p *Pool) closed(r *relay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.open--
	p.tell()
}

// tell wakes who waits for room.
func (p *Pool) tell() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// failed notes that a relay took no session. One that has others open is only asked
// for fewer.
func (p *Pool) failed(ctx context.Context, r *relay, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.open--
	if ctx.Err() == nil {
		r.reason = fmt.Errorf("relay %s: %w", r.Name, err)
		if refused := (*delivery.SMTPError)(nil); errors.As(err, &refused) && refused.Code/100 == 4 && r.open > 0 {
			r.narrow(r.open)
		} else {
			p.takeOut(r, err.Error(), delivery.ClassifyDial(err).Fault == delivery.OperatorFault)
		}
	}
	p.tell()
}

// takeOut leaves a relay alone for a while; account: until somebody has changed
// something, probably.
func (p *Pool) takeOut(r *relay, why string, account bool) {
	now := p.now()
	first := r.serves(now) && r.fails == 0
	r.rest(now, account)
	if first && len(p.relays) > 1 {
		p.log.Warn("a relay takes nothing for now; the others go on", "relay", r.Name, "again_in", r.until.Sub(now).Round(time.Second).String(),
			"reason", delivery.WithoutAddresses(why))
	}
}

// another reports whether a relay besides r serves.
func (p *Pool) another(r *relay, now time.Time) bool {
	for _, x := range p.relays {
		if x != r && x.serves(now) && x.fails == 0 {
			return true
		}
	}
	return false
}

// gaveUp is for who waited and does no more.
func (p *Pool) gaveUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
}

// Stands says how each relay stands; see delivery.Relays.
func (p *Pool) Stands() []delivery.RelayStand {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	out := make([]delivery.RelayStand, 0, len(p.relays))
	for _, r := range p.relays {
		out = append(out, r.stand(now))
	}
	return out
}

// Waits reports whether somebody waits for room.
func (p *Pool) Waits() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting > 0
}

// Room is how many sessions the relays that serve bear now.
func (p *Pool) Room() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for _, r := range p.relays {
		if r.serves(now) {
			n += r.most()
		}
	}
	return n
}

func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b < a {
		return b
	}
	return a
}

// pauseUntil waits for room; 0: for as long as it takes.
func pauseUntil(ctx context.Context, wait time.Duration, changed <-chan struct{}) error {
	var timeout <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timeout = t.C
	}
	select {
	case <-timeout:
	case <-changed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// SendOne sends a single message as Dialer.SendOne does, through the relays one after
// the other while each one's refusal is its own.
func (p *Pool) SendOne(ctx context.Context, env delivery.Envelope, msg []byte) (res delivery.Result) {
	for range p.relays {
		if res = sendOne(ctx, p, env, msg); !res.Elsewhere {
			break
		}
	}
	return res
}
