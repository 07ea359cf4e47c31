package schedule_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/schedule"
	"verdicts.example/digest/internal/store/sqlite"
)

// shelf is a desk on a real database. It counts what it is asked, and relies on
// the scheduler for the rest: it would send twice.
type shelf struct {
	db *sqlite.DB

	mu   sync.Mutex
	asks map[string]int
}

func (d *shelf) ask(what string, w edition.Week) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asks[what+" "+w.String()]++
}

func (d *shelf) DraftDue(_ context.Context, w edition.Week, _ time.Time, _ schedule.Settle) error {
	d.ask("draft", w)
	return nil
}

func (d *shelf) SendDue(ctx context.Context, w edition.Week, slot time.Time, _ schedule.Settle) error {
	d.ask("send", w)
	_, _, err := d.db.Editions().Insert(ctx, edition.Edition{Week: w, State: edition.Draft, Slot: slot, CreatedAt: slot})
	return err
}

func (d *shelf) Missed(ctx context.Context, slots []schedule.Slot, _ schedule.Settle) error {
	for _, s := range slots {
		d.ask("missed", s.Week)
		_, _, err := d.db.Editions().Insert(ctx, edition.Edition{Week: s.Week, State: edition.Missed, Slot: s.At, CreatedAt: s.At})
		if err != nil {
			return err
		}
	}
	return nil
}

// Four processes with connections of their own to one database file tick at
// the same moments for half a year, with a month of downtime in it: each slot
// is done by one of them.
func TestProcessesShareADatabase(t *testing.T) {
	t.Parallel()
	const processes, step, days = 4, 12 * time.Hour, 182
	path := filepath.Join(t.TempDir(), "digest.db")
	plan := weekly(t, "0 12 * * FRI", "30 2 * * SUN", "Europe/Berlin", 36*time.Hour)
	start := time.Date(2026, time.January, 31, 12, 0, 0, 0, time.UTC)
	now := start
	desk := &shelf{asks: map[string]int{}}
	var list []*schedule.Scheduler
	for range processes {
		db, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		desk.db = db
		list = append(list, schedule.NewScheduler(plan, db.Schedule(), desk, slog.New(slog.DiscardHandler), func() time.Time { return now }))
	}
	for ; now.Sub(start) < days*24*time.Hour; now = now.Add(step) {
		if down := now.Sub(start) / (24 * time.Hour); down > 60 && down < 90 {
			continue
		}
		var wg sync.WaitGroup
		for _, s := range list {
			wg.Go(func() { s.Tick(t.Context()) })
		}
		wg.Wait()
	}
	for what, n := range desk.asks {
		if n != 1 {
			t.Errorf("%s: got asked %d times, want once", what, n)
		}
	}
	editions, err := desk.db.Editions().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	missed := 0
	for i, e := range editions {
		if want := editions[0].Week.Add(i); e.Week != want {
			t.Errorf("got edition %s, want %s: a week was left out", e.Week, want)
		}
		if e.State == edition.Missed {
			missed++
		}
	}
	if len(editions) != days/7 || missed < 3 || missed > 4 {
		t.Errorf("got %d editions, %d of them missed, want %d and 3 or 4", len(editions), missed, days/7)
	}
}
