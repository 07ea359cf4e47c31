package delivery

import (
	"context"
	"time"
)

// Pacing is how fast a send may go. The zero value is 8 connections and no
// limit.
type Pacing struct {
	// Connections is how many sessions are open at once; 0 is 8.
	Connections int
	// Rate is messages a second, over all connections of all senders that share
	// Options.Quotas; 0 is no limit. Domain and Domains are limits of all too.
	Rate float64
	// Domain limits every recipient domain that Domains does not name.
	Domain DomainLimit
	// Domains limits single recipient domains, by their name in lower case.
	Domains map[string]DomainLimit
	// Relays are the rates through single relays by name, in messages a second, of all
	// senders that share Options.Quotas; a relay that is not here has no limit.
	Relays map[string]float64
	// Warmup limits the day; its zero value does not.
	Warmup Warmup
	// Canary is the first part of a send that begins.
	Canary Canary
	// GiveUp ends the send with ErrUnreachable when no server has answered a
	// transaction for this long; 0 is never.
	GiveUp time.Duration
}

// A Rate lets messages begin at a pace.
type Rate interface {
	// Wait waits for one message's turn.
	Wait(ctx context.Context) error
}

// A DomainLimit is how fast one recipient domain is mailed; 0 is no limit.
type DomainLimit struct {
	AtOnce int     // messages in hand at once
	Rate   float64 // messages a second
}

const defaultConnections = 8

func (p Pacing) connections() int {
	if p.Connections > 0 {
		return p.Connections
	}
	return defaultConnections
}

// limit is the limit of one domain.
func (p Pacing) limit(domain string) DomainLimit {
	if l, ok := p.Domains[domain]; ok {
		return l
	}
	return p.Domain
}

// class names the limit of a domain among domainLimits.
func (p Pacing) class(domain string) string {
	if _, ok := p.Domains[domain]; ok {
		return domain
	}
	return ""
}

// domainLimits are the limits by domain; that of the domains which Domains does not
// name is "".
func (p Pacing) domainLimits() map[string]DomainLimit {
	out := map[string]DomainLimit{}
	for domain, l := range p.Domains {
		out[domain] = l
	}
	if p.Domain != (DomainLimit{}) {
		out[""] = p.Domain
	}
	return out
}

// limited reports whether any domain has a limit.
func (p Pacing) limited() bool { return p.Domain != (DomainLimit{}) || len(p.Domains) > 0 }
