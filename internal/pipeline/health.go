package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// hung is how long a running sender may show no sign of life: it looks for work
// each few seconds, and renews the lease of each edition that it sends.
const hung = 3 * time.Minute

// A signs is when the sender last showed a sign of life, by the monotonic clock:
// in its search for work, and in each edition that it holds the lease of.
type signs struct {
	mu       sync.Mutex
	looked   time.Time // zero: it has not begun
	editions map[int64]time.Time
}

func (s *signs) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = time.Now()
}

func (s *signs) hold(edition int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.editions[edition] = time.Now()
}

func (s *signs) release(edition int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.editions, edition)
}

// oldest is the sign that has waited longest for the next; zero before Run.
func (s *signs) oldest() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := s.looked
	for _, at := range s.editions {
		if at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// Health is nil while Run acts, else says since when it does not.
func (p *Pipeline) Health() error {
	oldest := p.signs.oldest()
	if oldest.IsZero() {
		return nil
	}
	if still := time.Since(oldest); still > hung {
		return fmt.Errorf("the sender has shown no sign of life for %s", still.Round(time.Second))
	}
	return nil
}

// watchedLeases take what is done with a lease for a sign of life.
type watchedLeases struct {
	delivery.Leases
	signs *signs
}

func (l watchedLeases) Acquire(ctx context.Context, lease delivery.Lease, sameHostDead bool, at time.Time) (delivery.Sender, error) {
	s, err := l.Leases.Acquire(ctx, lease, sameHostDead, at)
	if err == nil {
		l.signs.hold(s.Edition)
	}
	return s, err
}

func (l watchedLeases) Renew(ctx context.Context, s delivery.Sender, until time.Time) error {
	err := l.Leases.Renew(ctx, s, until)
	if err == nil {
		l.signs.hold(s.Edition)
	}
	return err
}

func (l watchedLeases) Release(ctx context.Context, s delivery.Sender) error {
	l.signs.release(s.Edition)
	return l.Leases.Release(ctx, s)
}
