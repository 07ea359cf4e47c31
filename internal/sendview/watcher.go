package sendview

import (
	"context"
	"sync"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// A Look is how a send stood at an instant.
type Look struct {
	At       time.Time
	Counts   delivery.Counts
	Rate     float64       // messages a second; see Measured
	Measured bool          // the rate is known: it needs two looks
	Left     time.Duration // for what is queued, at that rate; 0: not known, or nothing is queued
	Still    time.Duration // for how long nothing was recorded, as far as was looked
}

// A Watcher looks at sends through their records, whichever process sends, and
// asks the database no more often than is cheap. It is safe for concurrent use.
type Watcher struct {
	records Records
	looks   *kepts[int64, Look]
	domains *kepts[domainKey, []delivery.DomainCounts]
	relays  *kepts[int64, []delivery.RelayCounts]

	mu     sync.Mutex
	meters map[int64]*Meter
}

type domainKey struct {
	edition int64
	limit   int
}

// NewWatcher makes a watcher that has not seen anything yet.
func NewWatcher(records Records, now func() time.Time) *Watcher {
	return &Watcher{
		records: records, meters: map[int64]*Meter{},
		looks: newKepts[int64, Look](now, false), domains: newKepts[domainKey, []delivery.DomainCounts](now, true), relays: newKepts[int64, []delivery.RelayCounts](now, true),
	}
}

// Look tells how the send of an edition stands.
func (w *Watcher) Look(ctx context.Context, edition int64) (Look, error) {
	l, _, err := w.looks.get(edition, func() (Look, error) {
		c, err := w.records.Counts(ctx, edition)
		if err != nil {
			return Look{}, err
		}
		return w.measure(edition, w.looks.now(), c), nil
	})
	return l, err
}

func (w *Watcher) measure(edition int64, at time.Time, c delivery.Counts) Look {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.meters[edition]
	if m == nil {
		m = &Meter{}
		w.meters[edition] = m
	}
	m.Add(at, c)
	l := Look{At: at, Counts: c, Still: m.Still()}
	l.Rate, l.Measured = m.Rate()
	if l.Rate > 0 {
		l.Left = time.Duration(float64(c[delivery.Queued]+c.Sending()) / l.Rate * float64(time.Second))
	}
	return l
}

// Domains gives the limit domains with the most readers, and when they were
// counted.
func (w *Watcher) Domains(ctx context.Context, edition int64, limit int) ([]delivery.DomainCounts, time.Time, error) {
	return w.domains.get(domainKey{edition, limit}, func() ([]delivery.DomainCounts, error) {
		return w.records.Domains(ctx, edition, limit)
	})
}
