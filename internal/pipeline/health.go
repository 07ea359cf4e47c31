package pipeline

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// hung is how long a running sender may show no sign of life: it looks for work
// each few seconds, rests a minute after a fault, and renews its lease while it
// sends.
const hung = 3 * time.Minute

// A pulse is when the sender last showed a sign of life, by the monotonic clock.
type pulse struct{ last atomic.Pointer[time.Time] }

func (p *pulse) beat() { now := time.Now(); p.last.Store(&now) }

// Health is nil while Run acts, else says since when it does not.
func (p *Pipeline) Health() error {
	last := p.pulse.last.Load()
	if last == nil {
		return nil // it has not begun
	}
	if still := time.Since(*last); still > hung {
		return fmt.Errorf("the sender has shown no sign of life for %s", still.Round(time.Second))
	}
	return nil
}

// beatingLeases take a renewal for a sign of life.
type beatingLeases struct {
	delivery.Leases
	pulse *pulse
}

func (l beatingLeases) Renew(ctx context.Context, s delivery.Sender, until time.Time) error {
	err := l.Leases.Renew(ctx, s, until)
	if err == nil {
		l.pulse.beat()
	}
	return err
}
