package delivery

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Pacing is how fast a send may go. The zero value is 8 connections and no
// limit.
type Pacing struct {
	// Connections is how many sessions are open at once; 0 is 8.
	Connections int
	// Rate is messages a second over all connections; 0 is no limit.
	Rate float64
	// Domain limits every recipient domain that Domains does not name.
	Domain DomainLimit
	// Domains limits single recipient domains, by their name in lower case.
	Domains map[string]DomainLimit
	// Warmup limits the day; its zero value does not.
	Warmup Warmup
	// Canary is the first part of a send that begins.
	Canary Canary
	// GiveUp ends the send with ErrUnreachable when no server has answered a
	// transaction for this long; 0 is never.
	GiveUp time.Duration
}

// A Rate lets messages begin at the pace that all who share it keep to: the
// editions that a process sends side by side.
type Rate interface {
	// Wait waits for one message's turn.
	Wait(ctx context.Context) error
}

// NewRate limits to perSecond messages a second; nil for no limit.
func NewRate(perSecond float64) Rate {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/20)))
}

// A DomainLimit is how fast one recipient domain is mailed; 0 is no limit.
type DomainLimit struct {
	AtOnce int     // messages in hand at once
	Rate   float64 // messages a second
}

// A Warmup raises a new sending address's volume day by day (in the zone of
// Start): PerDay[0] messages on Start's day, PerDay[1] on the next; after the
// last there is no limit.
type Warmup struct {
	Start  time.Time
	PerDay []int64
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

// limited reports whether any domain has a limit.
func (p Pacing) limited() bool { return p.Domain != (DomainLimit{}) || len(p.Domains) > 0 }

// day numbers t's calendar day in the warm-up's zone: days since 1970-01-01.
func (w Warmup) day(t time.Time) int64 {
	y, m, d := t.In(w.Start.Location()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// allowed is how many messages may leave on t's day; ok is false for no limit.
// Before Start's day nothing is limited.
func (w Warmup) allowed(t time.Time) (n int64, ok bool) {
	i := w.day(t) - w.day(w.Start)
	if i < 0 || i >= int64(len(w.PerDay)) {
		return 0, false
	}
	return w.PerDay[i], true
}

// nextDay is the first instant of the day after t's.
func (w Warmup) nextDay(t time.Time) time.Time {
	y, m, d := t.In(w.Start.Location()).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, w.Start.Location())
}
