package delivery

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// How often a sender divides the limits anew with the others, and for how long it
// may use its part: a sender that cannot reach the database uses none after that,
// and one that died holds nothing.
const (
	quotaEvery = time.Second
	quotaIdle  = 5 * time.Second // while it has nothing to send
	quotaLasts = 12 * time.Second
)

// The limits that senders share; of domains that have their own it is followed by
// the domain.
const (
	limitRate       = "rate"                // messages a second
	limitRelay      = "rate through "       // messages a second; followed by the relay's name
	limitAtOnce     = "at once to a domain" // messages in hand
	limitDomainRate = "rate to a domain"    // messages a second
	limitPresent    = "present"             // no limit: it counts who sends
)

// An allotter keeps a run within its part of the limits that senders share.
type allotter struct {
	quotas   Quotas
	sender   Sender
	pacing   Pacing
	paces    map[string]*pace // of the limits that are rates of the send, or of a relay
	dispatch *dispatcher
	waits    func() bool // somebody waits for a session; see Relays
	now      func() time.Time
	log      *slog.Logger

	until time.Time // the part is this run's own until then
	down  bool      // it could not be settled
}

// newPaces makes the paces of a send's rate and of its relays', by their limits.
func newPaces(p Pacing, now func() time.Time) map[string]*pace {
	paces := map[string]*pace{}
	if p.Rate > 0 {
		paces[limitRate] = newPace(p.Rate, now)
	}
	for relay, rate := range p.Relays {
		if rate > 0 {
			paces[limitRelay+relay] = newPace(rate, now)
		}
	}
	return paces
}

// rates are the paces as workers go by them: the send's, and those of relays by name.
func (a *allotter) rates() (all Rate, relays map[string]Rate) {
	relays = map[string]Rate{}
	for name, p := range a.paces {
		if relay, ok := strings.CutPrefix(name, limitRelay); ok {
			relays[relay] = p
		} else {
			all = p
		}
	}
	return all, relays
}

// keep divides the limits anew, again and again, until the context ends.
func (a *allotter) keep(ctx context.Context) {
	for ctx.Err() == nil {
		a.settle(ctx)
		if a.waits() {
			a.dispatch.wake() // whoever has a session and no reader ends it
		}
		every := quotaIdle
		if a.dispatch.busy() || a.down {
			every = quotaEvery
		}
		pauseFor(ctx, every)
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), quotaLasts)
	defer cancel()
	if err := a.quotas.Leave(late, a.sender); err != nil {
		a.log.Debug("can't give back a sender's share of the limits; it lapses by itself", "error", err)
	}
}

// settle divides the limits once. What this run gives up it does not use from
// before the others see it; what it gets it uses from after.
func (a *allotter) settle(ctx context.Context) {
	began := a.now()
	var due, others Standing
	soon, cancel := context.WithTimeout(ctx, quotaLasts/2)
	defer cancel()
	err := a.quotas.Settle(soon, a.sender, quotaLasts, func(now Standing) Standing {
		others, due = now, a.divide(now)
		a.use(due, true)
		return Standing{Quotas: a.inUse(due), Rests: a.dispatch.rests(a.sender)}
	})
	if err != nil {
		a.failed(ctx, err)
		return
	}
	a.down, a.until = false, began.Add(quotaLasts)
	for _, p := range a.paces {
		p.keepUntil(a.until)
	}
	a.use(due, false)
	a.dispatch.heed(others.Rests, 1+senders(others))
}

// failed uses nothing any more once the part that was settled last has lapsed.
func (a *allotter) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if !a.down {
		a.log.Warn("can't divide the shared limits among the senders; limited deliveries wait", "error", err)
	}
	a.down = true
	if !a.now().Before(a.until) {
		a.use(Standing{}, false)
	}
}

// claimants are the limits that the settings set, and what this run wants of each.
func (a *allotter) claimants() map[string]claimant {
	busy := 0.0
	if a.dispatch.busy() {
		busy = 1
	}
	out := map[string]claimant{limitPresent: {sender: a.sender, want: busy}}
	for name, p := range a.paces {
		out[name] = claimant{sender: a.sender, limit: p.most, want: p.wants(busy > 0)}
	}
	for domain, l := range a.pacing.domainLimits() {
		want := a.dispatch.wants(domain)
		if l.AtOnce > 0 {
			out[limitAtOnce+domain] = claimant{sender: a.sender, limit: float64(l.AtOnce), want: want, units: true}
		}
		if l.Rate > 0 {
			out[limitDomainRate+domain] = claimant{sender: a.sender, limit: l.Rate, want: want}
		}
	}
	return out
}

// divide is what this run may have.
func (a *allotter) divide(others Standing) Standing {
	var own Standing
	for name, c := range a.claimants() {
		own.Quotas = append(own.Quotas, c.divide(name, others))
	}
	return own
}

// inUse is due with what this run cannot give up yet: messages in hand.
func (a *allotter) inUse(due Standing) []Quota {
	out := slices.Clone(due.Quotas)
	for i := range out {
		if domain, ok := strings.CutPrefix(out[i].Limit, limitAtOnce); ok {
			out[i].Held = max(out[i].Held, float64(a.dispatch.inHandAt(domain)))
		}
	}
	return out
}

// use keeps the run to its part; lower: only where that is less than it had.
func (a *allotter) use(own Standing, lower bool) {
	held := map[string]float64{}
	for _, q := range own.Quotas {
		held[q.Limit] = q.Held
	}
	for name, p := range a.paces {
		p.set(held[name], lower)
	}
	for domain := range a.pacing.domainLimits() {
		a.dispatch.allot(domain, DomainLimit{AtOnce: int(held[limitAtOnce+domain]), Rate: held[limitDomainRate+domain]}, lower)
	}
}

// senders counts who has something to send.
func senders(s Standing) int {
	n := 0
	for _, q := range s.Quotas {
		if q.Limit == limitPresent && q.Want > 0 {
			n++
		}
	}
	return n
}
