package desk

import (
	"context"
	"fmt"
	"io"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/inbound"
)

// A Settled is what a relay's log settled.
type Settled struct {
	Settled int64 // are accepted now
	Unknown int   // after it
}

// Settle settles deliveries from a relay's log: those of unknown outcome, and, of a
// send that is open, those that a database which was put back or failed over has
// forgotten and has queued still.
func (d *Desk) Settle(ctx context.Context, log io.Reader) (s Settled, err error) {
	if d.in.Settler == nil {
		return s, ErrNoDatabase
	}
	unknown, err := d.in.Settler.Unknown(ctx)
	if err != nil {
		return s, err
	}
	open, err := d.sending(ctx)
	if err != nil {
		return s, err
	}
	list, err := inbound.ReadRelayLog(log, d.in.Tags, func(x inbound.Delivery) bool { return unknown[x] || open[x.Week] })
	if err != nil {
		return s, fmt.Errorf("read the relay's log: %w", err)
	}
	if s.Settled, err = d.in.Settler.Settle(ctx, list, d.in.Now()); err != nil {
		return s, err
	}
	unknown, err = d.in.Settler.Unknown(ctx)
	s.Unknown = len(unknown)
	return s, err
}

// sending are the weeks whose send is open.
func (d *Desk) sending(ctx context.Context) (map[string]bool, error) {
	list, err := d.in.Editions.List(ctx)
	open := map[string]bool{}
	for _, e := range list {
		if e.State == edition.Sending {
			open[e.Week.String()] = true
		}
	}
	return open, err
}
