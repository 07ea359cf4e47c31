package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
)

// A desk notes what it was asked for, and when by the bubble's clock.
type desk struct {
	mu     sync.Mutex
	calls  []string
	answer func(call string, n int) error // to the nth call of a kind, from 1
	count  map[string]int
}

func (d *desk) note(what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.count == nil {
		d.count = map[string]int{}
	}
	d.count[what]++
	d.calls = append(d.calls, time.Now().UTC().Format("Mon 15:04 ")+what)
	if d.answer != nil {
		return d.answer(what, d.count[what])
	}
	return nil
}

func (d *desk) DraftDue(_ context.Context, w edition.Week, _ time.Time, _ schedule.Settle) error {
	return d.note("draft " + w.String())
}

func (d *desk) SendDue(_ context.Context, w edition.Week, _ time.Time, _ schedule.Settle) error {
	return d.note("send " + w.String())
}

func (d *desk) Missed(_ context.Context, slots []schedule.Slot, _ schedule.Settle) error {
	var weeks []string
	for _, s := range slots {
		weeks = append(weeks, s.Week.String())
	}
	return d.note("missed " + strings.Join(weeks, " "))
}

func (d *desk) want(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.calls, want) {
		t.Errorf("got calls\n  %s\nwant\n  %s", strings.Join(d.calls, "\n  "), strings.Join(want, "\n  "))
	}
}

// A world is a machine whose wall clock can be set.
type world struct {
	t      *testing.T
	ledger *memory
	desk   *desk
	offset atomic.Int64 // nanoseconds by which the wall clock is ahead of the bubble's
	log    strings.Builder
	stop   context.CancelFunc
	done   chan struct{}
	runs   *schedule.Scheduler
}

// start is a Saturday; the first slot is on Monday, 3 January 2000, week 1.
func newWorld(t *testing.T) *world { return &world{t: t, ledger: newMemory(), desk: &desk{}} }

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

func weekly(t testing.TB, draft, send, zone string, catchUp time.Duration) *schedule.Schedule {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	d, err := schedule.ParseCron(draft)
	if err != nil {
		t.Fatal(err)
	}
	c, err := schedule.ParseCron(send)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.New(d, c, loc, catchUp)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// up starts the program, down stops it and waits for it.
func (w *world) up() {
	ctx, cancel := context.WithCancel(w.t.Context())
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	s := schedule.NewScheduler(weekly(w.t, "0 12 * * FRI", "0 9 * * MON", "UTC", 36*time.Hour), w.ledger, w.desk, log, w.now)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	w.stop, w.done, w.runs = cancel, done, s
}

func (w *world) down() {
	w.stop()
	<-w.done
}

// until lets time pass until a time of the bubble's clock.
func (w *world) until(day, hour, minute int) {
	time.Sleep(time.Until(time.Date(2000, time.January, day, hour, minute, 1, 0, time.UTC)))
	synctest.Wait()
}

func TestSchedulerWeekByWeek(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.up()
		w.until(18, 0, 0)
		w.down()
		w.desk.want(t,
			"Sat 00:00 draft 2000-W01", // the first start makes up for Friday's
			"Mon 09:00 send 2000-W01",
			"Fri 12:00 draft 2000-W02",
			"Mon 09:00 send 2000-W02",
			"Fri 12:00 draft 2000-W03",
			"Mon 09:00 send 2000-W03",
		)
	})
}

func TestSchedulerFirstStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.until(3, 9, 30) // the slot was before the list had a scheduler
		w.up()
		w.until(8, 0, 0)
		w.down()
		w.desk.want(t, "Fri 12:00 draft 2000-W02")
	})
}

func TestSchedulerCatchesUpOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.up()
		w.until(2, 0, 0)
		w.down()
		w.until(4, 20, 59) // 35 h 59 min late
		for range 3 {
			w.up()
			w.until(4, 21, 10)
			w.down()
		}
		w.desk.want(t, "Sat 00:00 draft 2000-W01", "Tue 20:59 send 2000-W01")
	})
}

func TestSchedulerMissesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.up()
		w.until(2, 0, 0)
		w.down()
		w.until(4, 21, 1)
		w.up()
		w.until(5, 0, 0)
		w.down()
		w.up()
		w.until(6, 0, 0)
		w.down()
		w.desk.want(t, "Sat 00:00 draft 2000-W01", "Tue 21:01 missed 2000-W01")
	})
}

func TestSchedulerManyWeeksDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.up()
		w.until(2, 0, 0)
		w.down()
		w.until(24, 20, 0) // the fourth Monday, late but in time
		w.up()
		w.until(25, 12, 0)
		w.down()
		w.desk.want(t, "Sat 00:00 draft 2000-W01", "Mon 20:00 missed 2000-W01 2000-W02 2000-W03", "Mon 20:00 send 2000-W04")
	})
}

func TestSchedulerTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.desk.answer = func(call string, n int) error {
			switch {
			case call == "send 2000-W01" && n < 3:
				return errors.New("no such host")
			case call == "send 2000-W02" && n == 1:
				panic("a bug")
			}
			return nil
		}
		w.up()
		w.until(11, 0, 0)
		w.down()
		w.desk.want(t,
			"Sat 00:00 draft 2000-W01",
			"Mon 09:00 send 2000-W01", "Mon 09:01 send 2000-W01", "Mon 09:02 send 2000-W01",
			"Fri 12:00 draft 2000-W02",
			"Mon 09:00 send 2000-W02", "Mon 09:01 send 2000-W02",
		)
		if n := strings.Count(w.log.String(), "no such host"); n != 1 {
			t.Errorf("got the same error logged %d times, want once:\n%s", n, w.log.String())
		}
		if !strings.Contains(w.log.String(), "panicked") {
			t.Errorf("got no word of the panic in the log:\n%s", w.log.String())
		}
	})
}

// A draft for which there is nothing yet is asked for each minute until there is,
// or its send is due, without a warning; how late it is counts once.
func TestSchedulerWaitsForContent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.desk.answer = func(call string, n int) error {
			if call == "draft 2000-W01" || call == "draft 2000-W02" && n < 3 {
				return fmt.Errorf("edition: %w", schedule.ErrNotYet)
			}
			return nil
		}
		w.up()
		w.until(3, 8, 59)
		if n := w.desk.count["draft 2000-W01"]; n != (2*24+9)*60 {
			t.Errorf("got %d asked for, want one a minute until the send", n)
		}
		w.desk.calls = nil
		w.until(7, 13, 0)
		late := w.runs.Late()
		w.until(10, 10, 0)
		w.down()
		w.desk.want(t, "Mon 09:00 send 2000-W01",
			"Fri 12:00 draft 2000-W02", "Fri 12:01 draft 2000-W02", "Fri 12:02 draft 2000-W02", "Mon 09:00 send 2000-W02")
		if log := w.log.String(); strings.Contains(log, "level=WARN") || strings.Count(log, "nothing for the draft yet") != 2 || strings.Count(log, "slot due") != 4 {
			t.Errorf("got the log, want each slot and each wait once:\n%s", log)
		}
		if late > time.Minute {
			t.Errorf("got %s late, want what was waited for not counted", late)
		}
	})
}

func TestSchedulerGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.desk.answer = func(call string, n int) error {
			if strings.HasPrefix(call, "send") || call == "missed 2000-W01" && n == 1 {
				return edition.ErrNotApproved
			}
			return nil
		}
		w.up()
		w.until(5, 0, 0)
		w.down()
		if n := w.desk.count["send 2000-W01"]; n != 36*60+1 {
			t.Errorf("got %d tries, want one a minute for 36 hours", n)
		}
		w.desk.calls = w.desk.calls[len(w.desk.calls)-3:]
		w.desk.want(t, "Tue 21:00 send 2000-W01", "Tue 21:01 missed 2000-W01", "Tue 21:02 missed 2000-W01")
	})
}

func TestSchedulerClockBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.up()
		w.until(3, 8, 0)
		w.offset.Store(int64(2 * time.Hour)) // 10:00: the send seems due
		w.until(3, 8, 30)
		w.offset.Store(0) // 8:30 again
		w.until(3, 8, 32)
		if err := w.runs.Health(); !errors.Is(err, schedule.ErrClockBack) || !strings.Contains(err.Error(), "2000-01-03 10:30") {
			t.Errorf("health: got %v, want ErrClockBack and the time until which to wait", err)
		}
		w.down()
		w.up() // the ledger remembers
		w.until(3, 9, 30)
		if err := w.runs.Health(); !errors.Is(err, schedule.ErrClockBack) {
			t.Errorf("health after a restart: got %v, want ErrClockBack", err)
		}
		w.until(3, 10, 31)
		if err := w.runs.Health(); err != nil {
			t.Errorf("health: got %v, want nil: the time is past", err)
		}
		w.until(8, 0, 0)
		w.down()
		w.desk.want(t, "Sat 00:00 draft 2000-W01", "Mon 08:01 send 2000-W01", "Fri 12:00 draft 2000-W02")
		if n := strings.Count(w.log.String(), "scheduler stopped"); n != 2 {
			t.Errorf("got %d notices of the stop, want one a process:\n%s", n, w.log.String())
		}
	})
}

// A step of less than what time servers correct changes nothing.
func TestSchedulerClockStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.up()
		w.until(3, 8, 59)
		w.offset.Store(int64(-2 * time.Second))
		w.until(3, 9, 5)
		w.down()
		w.desk.want(t, "Sat 00:00 draft 2000-W01", "Mon 09:00 send 2000-W01")
		if strings.Contains(w.log.String(), "stopped") {
			t.Errorf("got a stop:\n%s", w.log.String())
		}
	})
}

// A send that takes longer than the lease is stopped, and a stop of the
// program in the middle of one is not the end of the slot.
func TestSchedulerStopsInMidCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		stuck := &slowDesk{desk: w.desk}
		ctx, cancel := context.WithCancel(t.Context())
		log := slog.New(slog.DiscardHandler)
		s := schedule.NewScheduler(weekly(t, "0 12 * * FRI", "0 9 * * MON", "UTC", 36*time.Hour), w.ledger, stuck, log, w.now)
		var wg sync.WaitGroup
		wg.Go(func() { s.Run(ctx) })
		w.until(3, 9, 12) // past the lease: tried again
		cancel()
		wg.Wait()
		w.up()
		w.until(3, 9, 15)
		w.down()
		w.desk.want(t, "Sat 00:00 draft 2000-W01", "Mon 09:00 send 2000-W01", "Mon 09:10 send 2000-W01", "Mon 09:12 send 2000-W01")
	})
}

// slowDesk waits in SendDue until its context ends.
type slowDesk struct{ *desk }

func (d *slowDesk) SendDue(ctx context.Context, w edition.Week, at time.Time, settle schedule.Settle) error {
	if err := d.desk.SendDue(ctx, w, at, settle); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}
