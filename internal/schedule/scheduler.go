package schedule

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"verdicts.example/digest/internal/edition"
)

const (
	// Lease is how long a desk may take for one slot before another process may
	// try it.
	Lease = 10 * time.Minute
	// slack is how far the clock may step back without being distrusted: time
	// servers correct by less, and two processes write what they read in any
	// order.
	slack = 5 * time.Second
	// wrapUp is the time for writing down an outcome while shutting down.
	wrapUp = 5 * time.Second
)

// A Scheduler asks the desk for what is due, each minute. Any number of them
// may run on one ledger.
type Scheduler struct {
	schedule *Schedule
	ledger   Ledger
	desk     Desk
	log      *slog.Logger
	now      func() time.Time
	every    time.Duration
	owner    string

	// The following belong to Run's goroutine.
	coming coming          // the next send, as of the last tick
	said   map[Kind]string // what was logged last, so that it is not said each minute

	mu     sync.Mutex
	health error
	ticked time.Time     // when it last looked; the program's start before the first time
	late   time.Duration // of the last slot that was taken
}

// NewScheduler makes a scheduler; now is the wall clock.
func NewScheduler(s *Schedule, ledger Ledger, desk Desk, log *slog.Logger, now func() time.Time) *Scheduler {
	return &Scheduler{
		schedule: s, ledger: ledger, desk: desk, log: log, now: now,
		every: time.Minute, owner: rand.Text(), said: map[Kind]string{}, ticked: now(),
	}
}

// Run works until ctx ends, and waits for the desk's last call. Nothing that
// goes wrong ends it: it says so (see Health) and tries again in a minute.
func (s *Scheduler) Run(ctx context.Context) {
	for ctx.Err() == nil {
		s.tick(ctx)
		now := s.now().Round(0)
		timer := time.NewTimer(now.Truncate(s.every).Add(s.every).Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// Health is nil while the scheduler acts, else why it does not: ErrClockBack,
// the ledger's error, or that it has not looked at the clock for long.
func (s *Scheduler) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if still := s.now().Sub(s.ticked); s.health == nil && still > Lease+s.every {
		return fmt.Errorf("the scheduler has not looked at the clock for %s", still.Round(time.Second))
	}
	return s.health
}

// LastTick is when the scheduler last looked at the clock.
func (s *Scheduler) LastTick() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ticked
}

// Late is how late the last slot was taken, 0 before the first one.
func (s *Scheduler) Late() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.late
}

// took notes how late a slot was taken.
func (s *Scheduler) took(late time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = late
}

// tick does what is due now. The wall clock is asked, without its monotonic
// part, so that a suspended machine knows what it has slept through.
func (s *Scheduler) tick(ctx context.Context) {
	now := s.now().Round(0)
	seen, err := s.ledger.Observe(ctx, now)
	if err == nil && now.Before(seen.Last.Add(-slack)) {
		err = fmt.Errorf("%w: it shows %s, and has shown %s; nothing is drafted or sent until then",
			ErrClockBack, s.stamp(now), s.stamp(seen.Last))
	}
	if ctx.Err() != nil {
		return
	}
	if s.report(err); err != nil {
		return
	}
	s.look(now)
	s.sends(ctx, now, seen)
	if s.coming.open && !now.Before(s.coming.draft.At) && s.handle(ctx, s.coming.draft, now, s.desk.DraftDue) {
		s.coming.open = false
	}
}

// coming is the next send and its draft, kept until the send's time has come
// because a tick is frequent and they are not.
type coming struct {
	send  time.Time // zero: not known
	draft Slot
	open  bool      // there is a draft, and it is not known to be settled
	idle  time.Time // no send is due after this time and before send; zero: not known
}

// look finds out what is coming when it is not known.
func (s *Scheduler) look(now time.Time) {
	if now.Before(s.coming.send) {
		return
	}
	s.coming = coming{}
	if next := s.schedule.Next(now, 1); len(next) > 0 {
		at, ok := s.schedule.DraftFor(next[0].Week)
		s.coming = coming{send: next[0].At, draft: Slot{Kind: Draft, Week: next[0].Week, At: at}, open: ok}
	}
}

// report keeps and logs a change of health.
func (s *Scheduler) report(err error) {
	s.mu.Lock()
	before := s.health
	s.health, s.ticked = err, s.now()
	s.mu.Unlock()
	switch {
	case err != nil && (before == nil || errors.Is(err, ErrClockBack) != errors.Is(before, ErrClockBack)):
		s.log.Error("scheduler stopped", "error", err)
	case err == nil && before != nil:
		s.log.Info("scheduler resumed")
	}
}

// sends takes the sends that are due: of several only the last may still go
// out, and only within the catch-up time.
func (s *Scheduler) sends(ctx context.Context, now time.Time, seen Observed) {
	from := seen.First
	if seen.Through.After(from) {
		from = seen.Through
	}
	if from.Equal(s.coming.idle) {
		return
	}
	due := s.schedule.due(from, now)
	if len(due) == 0 {
		s.coming.idle = from
		return
	}
	last := due[len(due)-1]
	if now.Sub(last.At) > s.schedule.CatchUp() {
		s.missed(ctx, due, now)
		return
	}
	s.missed(ctx, due[:len(due)-1], now)
	s.handle(ctx, last, now, s.desk.SendDue)
}

// handle claims a slot and has it done; it reports whether the slot is settled.
func (s *Scheduler) handle(ctx context.Context, slot Slot, now time.Time, do func(context.Context, edition.Week, time.Time, Settle) error) bool {
	claim, err := s.ledger.Claim(ctx, slot, s.owner, now, now.Add(Lease))
	if err != nil {
		s.logError(slot.Kind, slot.Week, fmt.Errorf("claim slot: %w", err))
		return false
	}
	if claim != Won {
		return claim == Settled
	}
	if s.said[slot.Kind] != notYet(slot) {
		s.took(now.Sub(slot.At))
		s.log.Info("slot due", "kind", slot.Kind, "week", slot.Week.String(), "late", now.Sub(slot.At).Round(time.Second))
	}
	settle := func(ctx context.Context) error { return s.ledger.Settle(ctx, slot, s.owner, Done, now) }
	err = s.call(ctx, func(ctx context.Context) error { return do(ctx, slot.Week, slot.At, settle) })
	if err != nil {
		if errors.Is(err, ErrNotYet) {
			s.wait(slot)
		} else {
			s.logError(slot.Kind, slot.Week, err)
		}
		s.wrapUp(ctx, slot, func(ctx context.Context) error { return s.ledger.Release(ctx, slot, s.owner) })
		return false
	}
	delete(s.said, slot.Kind)
	return s.wrapUp(ctx, slot, settle)
}

// missed settles slots that are too late, and tells the desk of all at once.
func (s *Scheduler) missed(ctx context.Context, due []Slot, now time.Time) {
	var mine []Slot
	for _, slot := range due {
		claim, err := s.ledger.Claim(ctx, slot, s.owner, now, now.Add(Lease))
		if err != nil {
			s.logError(slot.Kind, slot.Week, fmt.Errorf("claim slot: %w", err))
		}
		if claim == Won {
			mine = append(mine, slot)
		}
	}
	if len(mine) == 0 {
		return
	}
	settle := func(ctx context.Context) error {
		for _, slot := range mine {
			if err := s.ledger.Settle(ctx, slot, s.owner, TooLate, now); err != nil {
				return err
			}
		}
		return nil
	}
	err := s.call(ctx, func(ctx context.Context) error { return s.desk.Missed(ctx, mine, settle) })
	for _, slot := range mine {
		if err != nil {
			s.logError(slot.Kind, slot.Week, err)
			s.wrapUp(ctx, slot, func(ctx context.Context) error { return s.ledger.Release(ctx, slot, s.owner) })
			continue
		}
		s.log.Warn("slot missed", "kind", slot.Kind, "week", slot.Week.String(), "slot", s.stamp(slot.At))
	}
	if err == nil {
		s.wrapUp(ctx, mine[0], settle)
	}
}

// call runs a desk's action within the lease; a panic is its error.
func (s *Scheduler) call(ctx context.Context, do func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, Lease-wrapUp)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("scheduled action panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(ctx)
}

// wrapUp writes an outcome down even while ctx ends, and reports whether it
// could.
func (s *Scheduler) wrapUp(ctx context.Context, slot Slot, write func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wrapUp)
	defer cancel()
	if err := write(ctx); err != nil {
		s.logError(slot.Kind, slot.Week, fmt.Errorf("record slot: %w", err))
		return false
	}
	return true
}

// wait logs, once, that there is nothing yet for a draft that is due.
func (s *Scheduler) wait(slot Slot) {
	if s.said[slot.Kind] != notYet(slot) {
		s.said[slot.Kind] = notYet(slot)
		s.log.Info("nothing for the draft yet, looking again each minute until the send", "week", slot.Week.String())
	}
}

func notYet(slot Slot) string { return slot.Week.String() + " " + ErrNotYet.Error() }

// logError logs what keeps a slot from being done, once until it changes.
func (s *Scheduler) logError(kind Kind, week edition.Week, err error) {
	text := week.String() + " " + err.Error()
	if s.said[kind] == text {
		return
	}
	s.said[kind] = text
	s.log.Warn("slot not done, trying again each minute", "kind", kind, "week", week.String(), "error", err)
}

func (s *Scheduler) stamp(t time.Time) string {
	return t.In(s.schedule.zone).Format("2006-01-02 15:04:05 MST")
}
