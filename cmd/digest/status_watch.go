package main

import (
	"context"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/desk"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/meter"
	"verdicts.example/digest/internal/sendview"
)

const (
	watchEvery = time.Second
	watchStill = 20 * time.Second // without a record before it is said
)

// watchStatus follows a send by its records, whichever process does it, until
// it ends or is paused, or the operator has seen enough.
func (a *app) watchStatus(ctx context.Context, d *desk.Desk, w edition.Week) error {
	watch := sendview.NewWatcher(d.Records(), a.now)
	m := meter.New(a.stderr, a.now, a.quiet, true) // at once: the send may be long under way
	still := false
	for {
		e, err := d.Edition(ctx, w)
		if err == nil && e.State == edition.Sending && e.PauseReason == "" {
			still, err = a.watchOnce(ctx, watch, e, m, still)
		} else if err == nil {
			m.End()
			return a.status(ctx, d, w, statusFlags{})
		}
		if err != nil {
			m.End()
			if ctx.Err() != nil {
				return nil // Ctrl-C is how watching ends
			}
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(watchEvery):
		}
	}
}

// watchOnce draws how the send stands, and says once when nothing moves.
func (a *app) watchOnce(ctx context.Context, watch *sendview.Watcher, e edition.Edition, m *meter.Meter, said bool) (still bool, err error) {
	look, err := watch.Look(ctx, e.ID)
	if err != nil {
		return said, err
	}
	s := delivery.Snapshot{Counts: look.Counts, Rate: look.Rate, Left: look.Left}
	if s.Domains, _, err = watch.Domains(ctx, e.ID, meter.TopHosts); err != nil {
		return said, err
	}
	m.Draw(s)
	c := look.Counts
	still = look.Still >= watchStill && c[delivery.Queued]+c.Sending() > 0
	if still && !said {
		a.say("nothing was recorded for %s; if no sender is at work, 'digest send --week %s' goes on", look.Still.Round(time.Second), e.Week)
	}
	return still, nil
}
