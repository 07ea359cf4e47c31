package growthtest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// said keeps what a test is told.
type said struct {
	testing.TB
	errors []string
}

func (s *said) Helper() {}

func (s *said) Errorf(format string, args ...any) {
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

// Only a square is called one, also where each third measurement takes ten times as
// long as it should.
func TestLinear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes func(n int) time.Duration
		fails bool
	}{
		"linear":  {func(n int) time.Duration { return time.Duration(n) * time.Millisecond }, false},
		"n log n": {func(n int) time.Duration { return time.Duration(n*len(fmt.Sprintf("%b", n))) * time.Millisecond }, false},
		"square":  {func(n int) time.Duration { return time.Duration(n*n) * time.Millisecond }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, measured := &said{TB: t}, 0
				Linear(got, 100, func(n int) func() {
					return func() {
						if measured++; measured%3 == 0 {
							time.Sleep(9 * c.takes(n))
						}
						time.Sleep(c.takes(n))
					}
				})
				if fails := len(got.errors) > 0; fails != c.fails {
					t.Errorf("got %q after %d measurements, want a failure: %t", got.errors, measured, c.fails)
				}
				if c.fails && !strings.Contains(got.errors[0], "10s for 100 and 2m40s for 400") {
					t.Errorf("got %q, want the least of both sizes", got.errors)
				}
			})
		})
	}
}
