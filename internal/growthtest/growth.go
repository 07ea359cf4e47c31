// Package growthtest tells in tests whether work grows with its input, or with the
// square of it.
//
// It promises not to say "square" because a machine is slow or busy: sizes are
// compared with each other and not with a clock, the least of several measurements
// counts, and what looks like a square is measured again and again before it is
// called one.
package growthtest

import (
	"testing"
	"time"
)

const (
	times  = 4                      // how much larger the large input is; its square is 16
	most   = 10                     // how many times as long the large one may take
	noise  = 100 * time.Millisecond // what it may take in any case
	rounds = 20                     // how often work is measured that looks like a square
)

// Linear fails the test when work on 4n takes more than 10 times as long as work on
// n. prepare makes the work for a size; making it is not measured.
func Linear(t testing.TB, n int, prepare func(n int) (work func())) {
	t.Helper()
	small, large := least{work: prepare(n)}, least{work: prepare(times * n)}
	for range rounds {
		small.measure()
		if large.measure(); large.took <= most*small.took+noise {
			return
		}
	}
	t.Errorf("got %s for %d and %s for %d, want at most %d times as long", small.took, n, large.took, times*n, most)
}

// least is the shortest that work has taken.
type least struct {
	work func()
	took time.Duration // 0: not measured yet
}

func (l *least) measure() {
	start := time.Now()
	l.work()
	if took := time.Since(start); l.took == 0 || took < l.took {
		l.took = max(took, 1)
	}
}
