package schedule_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/storetest"
)

// memory is a ledger for synctest's bubbles, where a database's locks cannot
// be waited for. It passes the suite that the SQLite ledger passes.
type memory struct {
	mu          sync.Mutex
	first, last time.Time
	slots       map[key]*entry
	open        map[edition.Week]time.Time // the sends among them that are not settled
	through     time.Time                  // the latest send
}

type key struct {
	kind schedule.Kind
	week edition.Week
}

type entry struct {
	until   time.Time
	owner   string
	outcome schedule.Outcome // "" while open
}

func newMemory() *memory { return &memory{slots: map[key]*entry{}, open: map[edition.Week]time.Time{}} }

var _ schedule.Ledger = (*memory)(nil)

func TestMemory(t *testing.T) {
	t.Parallel()
	storetest.RunLedger(t, func(*testing.T) storetest.Ledger { return storetest.Ledger{Ledger: newMemory()} })
}

func (m *memory) Observe(_ context.Context, now time.Time) (schedule.Observed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first.IsZero() {
		m.first, m.last = now, now
	}
	seen := schedule.Observed{First: m.first, Last: m.last}
	if now.After(m.last) {
		m.last = now
	}
	seen.Through = m.through
	for _, at := range m.open {
		if before := at.Add(-time.Millisecond); before.Before(seen.Through) {
			seen.Through = before
		}
	}
	return seen, nil
}

func (m *memory) Claim(_ context.Context, s schedule.Slot, owner string, now, until time.Time) (schedule.Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.slots[key{s.Kind, s.Week}]
	switch {
	case e == nil:
		e = &entry{}
		m.slots[key{s.Kind, s.Week}] = e
	case e.outcome != "":
		return schedule.Settled, nil
	case e.owner != "" && e.owner != owner && e.until.After(now):
		return schedule.Busy, nil
	}
	e.owner, e.until = owner, until
	if s.Kind == schedule.Send {
		m.open[s.Week] = s.At
		if s.At.After(m.through) {
			m.through = s.At
		}
	}
	return schedule.Won, nil
}

func (m *memory) Release(_ context.Context, s schedule.Slot, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.slots[key{s.Kind, s.Week}]; e != nil && e.owner == owner && e.outcome == "" {
		e.owner = ""
	}
	return nil
}

func (m *memory) Settle(_ context.Context, s schedule.Slot, owner string, o schedule.Outcome, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.slots[key{s.Kind, s.Week}]; e != nil && e.owner == owner && e.outcome == "" {
		e.outcome, e.owner = o, ""
		if s.Kind == schedule.Send {
			delete(m.open, s.Week)
		}
	}
	return nil
}
