package desk

import (
	"context"
	"fmt"
	"io"

	"verdicts.example/digest/internal/inbound"
)

// A Settled is what a relay's log settled.
type Settled struct {
	Unknown int   // before
	Settled int64 // are accepted now
}

// Settle settles deliveries of unknown outcome from a relay's log.
func (d *Desk) Settle(ctx context.Context, log io.Reader) (s Settled, err error) {
	if d.in.Settler == nil {
		return s, ErrNoDatabase
	}
	unknown, err := d.in.Settler.Unknown(ctx)
	if err != nil {
		return s, err
	}
	s.Unknown = len(unknown)
	list, err := inbound.ReadRelayLog(log, d.in.Tags, func(x inbound.Delivery) bool { return unknown[x] })
	if err != nil {
		return s, fmt.Errorf("read the relay's log: %w", err)
	}
	s.Settled, err = d.in.Settler.Settle(ctx, list, d.in.Now())
	return s, err
}
