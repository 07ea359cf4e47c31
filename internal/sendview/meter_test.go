package sendview

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// at notes n tried after so many seconds.
func at(m *Meter, seconds float64, n int64) {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m.Add(start.Add(time.Duration(seconds*float64(time.Second))), delivery.Counts{delivery.Accepted: n})
}

func TestMeter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		looks func(m *Meter)
		rate  float64
		ok    bool
		still time.Duration
	}{
		{"none", func(*Meter) {}, 0, false, 0},
		{"one", func(m *Meter) { at(m, 0, 100) }, 0, false, 0},
		{"two", func(m *Meter) { at(m, 0, 100); at(m, 2, 300) }, 100, true, 0},
		{"too close", func(m *Meter) { at(m, 0, 100); at(m, 0.1, 300) }, 0, false, 0},
		{"the same instant", func(m *Meter) { at(m, 0, 100); at(m, 0, 300) }, 0, false, 0},
		{"unequal steps", func(m *Meter) { at(m, 0, 0); at(m, 1, 500); at(m, 10, 1000) }, 100, true, 0},
		{"the last seconds count", func(m *Meter) {
			for i := range 101 { // 1000/s, then 10/s
				at(m, float64(i), int64(min(i, 50)*1000+max(i-50, 0)*10))
			}
		}, 10, true, 0},
		{"looks every ten seconds", func(m *Meter) { at(m, 0, 0); at(m, 10, 1000); at(m, 20, 1500); at(m, 30, 2000) }, 50, true, 0},
		{"still", func(m *Meter) { at(m, 0, 100); at(m, 5, 200); at(m, 25, 200); at(m, 45, 200) }, 0, true, 40 * time.Second},
		{"looked away", func(m *Meter) { at(m, 0, 100); at(m, 5, 600); at(m, 3600, 50_000) }, 0, false, 0},
		{"after having looked away", func(m *Meter) { at(m, 0, 100); at(m, 3600, 50_000); at(m, 3601, 50_100) }, 100, true, 0},
		{"settled as to be sent again", func(m *Meter) { at(m, 0, 100); at(m, 1, 200); at(m, 2, 150) }, 0, false, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var m Meter
			tc.looks(&m)
			if rate, ok := m.Rate(); rate != tc.rate || ok != tc.ok {
				t.Errorf("rate: got %v, %t, want %v, %t", rate, ok, tc.rate, tc.ok)
			}
			if got := m.Still(); got != tc.still {
				t.Errorf("still: got %v, want %v", got, tc.still)
			}
		})
	}
}

// A deferred message that is retried is no new message.
func TestMeterIgnoresRetries(t *testing.T) {
	t.Parallel()
	var m Meter
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m.Add(start, delivery.Counts{delivery.Deferred: 10, delivery.Accepted: 5})
	m.Add(start.Add(time.Second), delivery.Counts{delivery.Deferred: 2, delivery.Accepted: 13})
	if rate, ok := m.Rate(); rate != 0 || !ok {
		t.Errorf("got %v, %t, want 0, true", rate, ok)
	}
}
