package sendview

import (
	"time"

	"verdicts.example/digest/internal/delivery"
)

const (
	rateWindow = 15 * time.Second // the rate is measured over this window
	rateGap    = time.Minute      // after so long without a look the rate is measured anew
	rateLeast  = 500 * time.Millisecond
)

// A Meter tells how fast a send goes from its counts, looked up now and then.
// Its zero value is ready. It is for one goroutine.
type Meter struct {
	samples []sample // the oldest first
	moved   time.Time
}

type sample struct {
	at    time.Time
	tried int64
}

// tried is how many readers a verdict was sought for. A retry that succeeds
// leaves it as it is: the rate is of first attempts, as what is left is.
func tried(c delivery.Counts) int64 {
	return c[delivery.Accepted] + c[delivery.Failed] + c[delivery.Unknown] + c[delivery.Deferred]
}

// Add notes the counts of an instant.
func (m *Meter) Add(at time.Time, c delivery.Counts) {
	next := sample{at, tried(c)}
	if n := len(m.samples); n > 0 {
		last := m.samples[n-1]
		if !at.After(last.at) {
			return
		}
		if next.tried != last.tried {
			m.moved = at
		}
		if next.tried < last.tried || at.Sub(last.at) > rateGap { // settled as to be sent again; looked away
			m.samples = m.samples[:0]
		}
	} else {
		m.moved = at
	}
	m.samples = append(m.samples, next)
	for len(m.samples) > 2 && at.Sub(m.samples[1].at) >= rateWindow {
		m.samples = m.samples[1:]
	}
}

// Rate is in messages a second; ok is false while it is not known.
func (m *Meter) Rate() (rate float64, ok bool) {
	n := len(m.samples)
	if n < 2 {
		return 0, false
	}
	first, last := m.samples[0], m.samples[n-1]
	took := last.at.Sub(first.at)
	if took < rateLeast {
		return 0, false
	}
	return float64(last.tried-first.tried) / took.Seconds(), true
}

// Still is for how long nothing was recorded, as far as was looked.
func (m *Meter) Still() time.Duration {
	n := len(m.samples)
	if n == 0 {
		return 0
	}
	return m.samples[n-1].at.Sub(m.moved)
}
