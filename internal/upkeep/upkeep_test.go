package upkeep_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/upkeep"
)

// A house is an upkeep whose checks find what it is told.
type house struct {
	upkeep.Parts
	levels map[string]doctor.Level
	once   map[string]doctor.Level // found the next time only
	told   []outbox.Checkup
	looks  int
}

func newHouse(t *testing.T) *house {
	h := &house{levels: map[string]doctor.Level{"spf": doctor.Pass, "disk": doctor.Pass, doctor.BackupCheck: doctor.Pass, doctor.DrillCheck: doctor.Pass}, once: map[string]doctor.Level{}}
	h.Parts = upkeep.Parts{
		State: filepath.Join(t.TempDir(), "upkeep.json"), Host: "mail.example.org", Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Tell: func(_ context.Context, p outbox.Checkup, _ string) error { h.told = append(h.told, p); return nil },
		Checks: func(context.Context) ([]doctor.Check, error) {
			h.looks++
			var list []doctor.Check
			for _, name := range []string{"spf", "disk", doctor.BackupCheck, doctor.DrillCheck} {
				level := h.levels[name]
				if l, ok := h.once[name]; ok {
					level = l
					delete(h.once, name)
				}
				list = append(list, doctor.Check{Name: name, Look: func(context.Context) doctor.Finding {
					return doctor.Finding{Level: level, Detail: "d", Fix: "f"}
				}})
			}
			return list, nil
		},
	}
	return h
}

// run runs upkeep for a time.
func (h *house) run(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	upkeep.New(h.Parts).Run(ctx)
}

const week = upkeep.CheckEvery

// The editors are told when a finding comes, changes its level or goes, and not
// of what they know; a finding that is gone at the second look is none.
func TestCheckupTellsOfChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.run(t, time.Hour)
		if h.looks != 1 || len(h.told) != 0 {
			t.Fatalf("all well: got %d looks, told %v, want one and nothing", h.looks, h.told)
		}
		h.run(t, time.Hour) // restarted
		if h.looks != 1 {
			t.Errorf("restarted within the week: got %d looks, want one", h.looks)
		}
		for i, step := range []struct {
			change  map[string]doctor.Level
			once    map[string]doctor.Level
			news    []string // checks with ! where they are new
			settled []string
		}{
			{change: map[string]doctor.Level{"spf": doctor.Fail}, news: []string{"spf!"}},
			{},
			{once: map[string]doctor.Level{"disk": doctor.Fail}},
			{change: map[string]doctor.Level{"disk": doctor.Warn}, news: []string{"spf", "disk!"}},
			{change: map[string]doctor.Level{"disk": doctor.Fail}, news: []string{"spf", "disk!"}},
			{once: map[string]doctor.Level{"spf": doctor.Skipped}},
			{change: map[string]doctor.Level{"spf": doctor.Pass}, news: []string{"disk"}, settled: []string{"spf"}},
			{change: map[string]doctor.Level{"disk": doctor.Pass}, settled: []string{"disk"}},
		} {
			for name, l := range step.change {
				h.levels[name] = l
			}
			for name, l := range step.once {
				h.once[name] = l
			}
			h.told = nil
			h.run(t, week)
			var news, settled []string
			for _, told := range h.told {
				settled = append(settled, told.Settled...)
				for _, f := range told.Findings {
					news = append(news, f.Check+strings.Repeat("!", map[bool]int{true: 1}[f.New]))
				}
			}
			if !slices.Equal(news, step.news) || !slices.Equal(settled, step.settled) {
				t.Errorf("step %d: got told of %v, settled %v, want %v, %v", i, news, settled, step.news, step.settled)
			}
		}
		state, err := upkeep.Load(h.State)
		if err != nil || state.Drill != doctor.Pass || time.Since(state.Drilled) > 8*24*time.Hour || len(state.Told) != 0 {
			t.Errorf("got state %+v, %v, want a drill that passed, and nothing told", state, err)
		}
	})
}

// A backup that fails is tried each hour, and the editors are told once, and once
// more when one was written again.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	b, _ := backups(t)
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		tries, broken, copied := 0, errors.New("no space left on device"), b.Copy
		b.Next = func(after time.Time) time.Time { return after.Add(time.Hour) }
		b.Copy = func(ctx context.Context, path string) error {
			if tries++; broken != nil {
				return broken
			}
			return copied(context.WithoutCancel(ctx), path)
		}
		h.Backups = b
		h.levels[doctor.BackupCheck] = doctor.Fail
		h.run(t, 10*time.Hour)
		if tries < 10 || tries > 11 || len(h.told) != 1 || h.told[0].Findings[0].Check != doctor.BackupCheck {
			t.Errorf("got %d tries, told %+v, want one an hour, and one mail", tries, h.told)
		}
		if state, err := upkeep.Load(h.State); err != nil || state.BackupFailed != broken.Error() {
			t.Errorf("got %+v, %v, want why it failed", state, err)
		}
		if stand, err := upkeep.New(h.Parts).Stand(); err != nil || !stand.Scheduled || !stand.Failing || !stand.Newest.IsZero() {
			t.Errorf("got %+v, %v, want that it fails and that there is none", stand, err)
		}
		broken = nil
		h.run(t, 2*time.Hour)
		list, err := b.List()
		if err != nil || len(list) == 0 {
			t.Fatalf("got %d backups, %v, want some", len(list), err)
		}
		if stand, err := upkeep.New(h.Parts).Stand(); err != nil || stand.Failing || !stand.Newest.Equal(list[0].At) {
			t.Errorf("got %+v, %v, want that of %s", stand, err, list[0].At)
		}
	})
}
