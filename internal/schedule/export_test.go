package schedule

import (
	"context"
	"time"
)

// Every makes the scheduler tick at another interval than a minute, so that
// years pass quickly.
func (s *Scheduler) Every(d time.Duration) { s.every = d }

// Tick does what is due now, once.
func (s *Scheduler) Tick(ctx context.Context) { s.tick(ctx) }
