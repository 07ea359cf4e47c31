package schedule_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
)

// The proof: over ten years, in zones with all kinds of clocks, with programs
// that stop, crash and run twice, and with desks that fail, every week has
// exactly one edition, sent at its slot or caught up with, or missed when
// nobody was there. With a clock that jumps, still exactly one.

const (
	proofTick  = 20 * time.Minute // a minute in life; the rest is the same
	proofCatch = 36 * time.Hour
	proofLong  = 8 * time.Hour // long enough to succeed with a desk that fails three times in ten
)

// proofs are sends at the most awkward time that each zone has: one that the
// clocks skip or repeat every year.
func proofs() []struct{ zone, send string } {
	return []struct{ zone, send string }{
		{"America/New_York", "30 1 * * SUN"},
		{"Europe/Berlin", "30 2 * * SUN"},
		{"America/Sao_Paulo", "0 0 * * SUN"},
		{"Asia/Kathmandu", "0 9 * * MON"},
		{"Australia/Lord_Howe", "15 2 * * SUN"},
	}
}

func TestOneEditionAWeek(t *testing.T) {
	t.Parallel()
	for i, p := range proofs() {
		t.Run(p.zone, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, p.send, p.zone, uint64(i))
				m.run(false)
				m.checkWeeks()
				m.checkAttendance()
			})
		})
	}
}

func TestOneEditionAWeekWithJumpingClock(t *testing.T) {
	t.Parallel()
	for i, p := range proofs() {
		t.Run(p.zone, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, p.send, p.zone, uint64(100+i))
				m.run(true)
				m.checkWeeks()
			})
		})
	}
}

// A machine is a clock, a database, and two programs that somebody starts and
// stops without care.
type machine struct {
	t        *testing.T
	schedule *schedule.Schedule
	ledger   *memory
	seed     uint64
	offset   atomic.Int64 // how far the clock is wrong

	mu      sync.Mutex
	book    map[edition.Week]record // the editions' unique key
	repeats int                     // sends of a week that the book had
	crashes int                     // between a send and its being settled
	up      []span
}

type record struct {
	sent     bool
	slot, at time.Time
}

type span struct{ from, to time.Time }

func newMachine(t *testing.T, send, zone string, seed uint64) *machine {
	return &machine{
		t: t, seed: seed, ledger: newMemory(), book: map[edition.Week]record{},
		schedule: weekly(t, "0 12 * * FRI", send, zone, proofCatch),
	}
}

func (m *machine) now() time.Time { return time.Now().Add(time.Duration(m.offset.Load())) }

// run lets the years pass; in the end, everything is up and right for a month.
func (m *machine) run(jumps bool) {
	end := time.Now().AddDate(proofYears, 0, 0)
	ctx, cancel := context.WithCancel(m.t.Context())
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { m.program(ctx, rand.New(rand.NewPCG(m.seed, uint64(i))), end) })
	}
	if jumps {
		wg.Go(func() { m.jump(rand.New(rand.NewPCG(m.seed, 9)), end) })
	}
	time.Sleep(time.Until(end.AddDate(0, 1, 0)))
	cancel()
	wg.Wait()
}

// jump sets the clock wrong for a while, ever again.
func (m *machine) jump(r *rand.Rand, end time.Time) {
	for time.Now().Before(end) {
		time.Sleep(time.Duration(r.IntN(40*24)) * time.Hour)
		m.offset.Store(int64(time.Duration(r.IntN(25*24*60)-5*24*60) * time.Minute)) // 5 days back to 20 ahead
		time.Sleep(time.Duration(r.IntN(3*24*60)) * time.Minute)
		m.offset.Store(0)
	}
}

// program is started and stopped, or crashes, until the end; then somebody
// starts it again at once whenever it crashes, for a month.
func (m *machine) program(ctx context.Context, r *rand.Rand, end time.Time) {
	for time.Now().Before(end) {
		m.life(ctx, r, time.Duration(r.IntN(20*24*60))*time.Minute)
		time.Sleep(min(outage(r), time.Until(end)))
	}
	for final := end.AddDate(0, 1, 0); time.Now().Before(final); {
		m.life(ctx, r, time.Until(final))
	}
}

func outage(r *rand.Rand) time.Duration {
	switch n := r.IntN(20); {
	case n < 10:
		return time.Duration(r.IntN(60)) * time.Minute
	case n < 17:
		return time.Duration(r.IntN(5*24*60)) * time.Minute
	default:
		return time.Duration(r.IntN(5*7*24)) * time.Hour
	}
}

// life is one process: it works for a time at most.
func (m *machine) life(ctx context.Context, r *rand.Rand, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	p := &process{machine: m, memory: m.ledger, rand: r, kill: cancel}
	s := schedule.NewScheduler(m.schedule, p, p, slog.New(slog.DiscardHandler), m.now)
	s.Every(proofTick)
	from := time.Now()
	s.Run(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.up = append(m.up, span{from, time.Now()})
}

// A process is a desk that fails now and then, and a ledger that is out of
// reach after a crash.
type process struct {
	*machine
	*memory
	rand *rand.Rand
	kill func()
	dead bool
}

var (
	errLater = errors.New("try again later")
	errDead  = errors.New("this process is dead")
)

func (p *process) DraftDue(context.Context, edition.Week, time.Time, schedule.Settle) error {
	return p.fail()
}

func (p *process) SendDue(_ context.Context, w edition.Week, slot time.Time, _ schedule.Settle) error {
	if err := p.fail(); err != nil {
		return err
	}
	p.enter(w, record{sent: true, slot: slot, at: p.now()})
	if p.rand.IntN(20) == 0 {
		p.dead = true
		p.kill()
		p.machine.mu.Lock()
		defer p.machine.mu.Unlock()
		p.crashes++
	}
	return nil
}

func (p *process) Missed(_ context.Context, slots []schedule.Slot, _ schedule.Settle) error {
	if err := p.fail(); err != nil {
		return err
	}
	for _, s := range slots {
		p.enter(s.Week, record{slot: s.At, at: p.now()})
	}
	return nil
}

func (p *process) fail() error {
	switch p.rand.IntN(10) {
	case 0:
		panic("a bug")
	case 1, 2:
		return errLater
	}
	return nil
}

func (p *process) Settle(ctx context.Context, s schedule.Slot, owner string, o schedule.Outcome, now time.Time) error {
	if p.dead {
		return errDead
	}
	return p.memory.Settle(ctx, s, owner, o, now)
}

// enter does what an edition's insert does: the first of a week stays.
func (m *machine) enter(w edition.Week, r record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.book[w]; ok {
		m.repeats++
		return
	}
	m.book[w] = r
}

// checkWeeks asks for exactly one edition in each week, at the right slot, and
// for sends that are on time or caught up with.
func (m *machine) checkWeeks() {
	first := m.ledger.first
	var weeks, sent int
	var before time.Time
	for w := edition.WeekOf(first); ; w = w.Add(1) {
		slot := m.slotByWatching(w)
		if slot.After(time.Now()) {
			break
		}
		r, ok := m.book[w]
		if !slot.After(first) {
			continue
		}
		weeks++
		if !ok || !r.slot.Equal(slot) {
			m.t.Errorf("%s: got edition=%v for slot %v, want one for %v", w, ok, r.slot, slot)
			continue
		}
		if !r.sent {
			continue
		}
		sent++
		if late := r.at.Sub(slot); late < 0 || late > proofCatch {
			m.t.Errorf("%s: got sent %v after the slot, want 0 to %v", w, late, proofCatch)
		}
		if gap := r.at.Sub(before); !before.IsZero() && gap < 7*24*time.Hour-proofCatch-2*time.Hour {
			m.t.Errorf("%s: got sent %v after the edition before", w, gap)
		}
		before = r.at
	}
	if m.repeats > m.crashes {
		m.t.Errorf("got %d sends repeated, want at most one a crash: %d", m.repeats, m.crashes)
	}
	if weeks < proofYears*52 || len(m.book) < weeks {
		m.t.Errorf("got %d weeks and %d editions, want more than %d", weeks, len(m.book), proofYears*52)
	}
	m.t.Logf("%d weeks, %d sent, %d missed; %d crashes after a send, %d of them asked again",
		weeks, sent, weeks-sent, m.crashes, m.repeats)
}

// checkAttendance asks that a week was sent when somebody was up for
// hours of its catch-up time, and missed when nobody was.
func (m *machine) checkAttendance() {
	for w, r := range m.book {
		var attended, touched bool
		for _, s := range m.up {
			from, to := later(s.from, r.slot), earlier(s.to, r.slot.Add(proofCatch))
			attended = attended || to.Sub(from) >= proofLong
			touched = touched || !to.Before(from)
		}
		if attended && !r.sent || r.sent && !touched {
			m.t.Errorf("%s: got sent=%v, somebody up for long: %v, at all: %v", w, r.sent, attended, touched)
		}
	}
}

// slotByWatching finds a week's slot in another way than the schedule does: by
// watching the clocks minute by minute. It is the first minute of the day that
// shows the time or, where none does, a later one.
func (m *machine) slotByWatching(w edition.Week) time.Time {
	loc := m.schedule.Zone()
	var day, clock int
	for _, p := range proofs() {
		if p.zone == loc.String() {
			clock = map[string]int{"30 1 * * SUN": 90, "30 2 * * SUN": 150, "0 0 * * SUN": 0, "0 9 * * MON": 540, "15 2 * * SUN": 135}[p.send]
			day = map[bool]int{true: 0, false: 6}[p.send == "0 9 * * MON"]
		}
	}
	date := w.Monday(time.UTC).AddDate(0, 0, day)
	past := time.Time{}
	for at := date.Add(-15 * time.Hour); at.Before(date.Add(36 * time.Hour)); at = at.Add(time.Minute) {
		here := at.In(loc)
		if here.Day() != date.Day() {
			continue
		}
		switch shown := here.Hour()*60 + here.Minute(); {
		case shown == clock:
			return here
		case shown > clock && past.IsZero():
			past = here
		}
	}
	return past
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
