package delivery

import (
	"context"
	"time"
)

// A RelayStand is how a relay stands with one sender's process, for people.
type RelayStand struct {
	Node       string // the sender's
	Relay      string
	Open       int       // sessions, and those on their way
	May        int       // how many there may be now, as far as is known
	Most       int       // and at most, by the settings
	RestsUntil time.Time // zero: it serves
	Reason     string    // why it rests, without addresses
	At         time.Time // when it stood so
}

// Relays are several servers, or one whose number of sessions is found by trying.
type Relays interface {
	// Stands says how each of them stands.
	Stands() []RelayStand
	// Room is how many sessions they bear now, together.
	Room() int
	// Waits reports whether somebody waits for one of them, as a single mail does.
	Waits() bool
}

// RelayStands keep how relays stand with the senders at work.
type RelayStands interface {
	// KeepRelays keeps those of s in place of what it had before; none: it has ended.
	KeepRelays(ctx context.Context, s Sender, list []RelayStand, at time.Time) error
	// RelayStands gives those of an edition's senders whose leases run at a time, by
	// relay and node.
	RelayStands(ctx context.Context, edition int64, at time.Time) ([]RelayStand, error)
}

// Tried is how many deliveries the relay was asked for.
func (r RelayCounts) Tried() int64 {
	return r.Counts[Accepted] + r.Counts[Failed] + r.Counts[Deferred] + r.Counts[Unknown]
}

// tellRelays has the database say how the relays stand. It is for people: a send does
// not end because they cannot be told.
func (s *sender) tellRelays(ctx context.Context) {
	if s.opt.Relays != nil {
		s.keepRelays(ctx, s.opt.Relays.Stands())
	}
}

// forgetRelays ends that.
func (s *sender) forgetRelays(ctx context.Context) {
	if s.opt.Relays == nil {
		return
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), quotaLasts)
	defer cancel()
	s.keepRelays(soon, nil)
}

func (s *sender) keepRelays(ctx context.Context, list []RelayStand) {
	if err := s.opt.Store.KeepRelays(ctx, s.Sender, list, s.opt.Now()); err != nil && ctx.Err() == nil {
		s.opt.Log.Debug("can't record how the relays stand", "error", err)
	}
}
