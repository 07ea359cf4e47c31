// Package upkeep is what serve does for the list by itself between editions: it
// writes backups and prunes old ones, and looks each week at what can be wrong.
//
// The package promises that a backup has its name only when it is whole and was
// looked through; that old ones are removed only after a new one was taken; that
// a backup is not begun where the disk would be full by it; and that the editors
// are told of a checkup only when a finding came, went or changed its level since
// they were told last, and it was still there when it was looked at again.
package upkeep

import (
	"context"
	"log/slog"
	"time"

	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/outbox"
)

const (
	tick       = time.Minute
	retryAfter = time.Hour       // a backup that failed is tried again
	settleIn   = 5 * time.Minute // after the start, before the site is asked for
	againAfter = 10 * time.Minute
	// CheckEvery is how often serve looks at what can be wrong.
	CheckEvery = 7 * 24 * time.Hour
)

// Parts are what upkeep works with.
type Parts struct {
	Backups *Backups // nil: none are scheduled
	// Checks are all that doctor looks at.
	Checks func(ctx context.Context) ([]doctor.Check, error)
	Tell   func(ctx context.Context, p outbox.Checkup, dedupe string) error
	State  string // the file that keeps what was found and told
	Host   string // this machine, for people
	Log    *slog.Logger
	Now    func() time.Time
}

// An Upkeep writes and prunes backups, and makes checkups.
type Upkeep struct {
	Parts
	started time.Time
	retry   time.Time // before it no backup is tried again
}

// New makes an Upkeep.
func New(p Parts) *Upkeep { return &Upkeep{Parts: p, started: p.Now()} }

// Run does what is due, now and each minute, until its context ends.
func (u *Upkeep) Run(ctx context.Context) {
	for {
		if err := u.step(ctx); err != nil && ctx.Err() == nil {
			u.Log.Error("the upkeep between editions failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tick):
		}
	}
}

// step does what is due now.
func (u *Upkeep) step(ctx context.Context) error {
	state, err := Load(u.State)
	if err != nil {
		u.Log.Warn("can't read what the last checkup found; the next one starts afresh", "error", err)
	}
	if err := u.backup(ctx, &state); err != nil {
		return err
	}
	now := u.Now()
	due := state.Checked.Add(CheckEvery)
	if now.Before(due) && !now.Before(state.Checked) || now.Sub(u.started) < settleIn {
		return nil
	}
	return u.checkup(ctx, &state)
}

// backup writes a backup when one is due, and tells the editors when that starts to
// fail.
func (u *Upkeep) backup(ctx context.Context, state *State) error {
	now := u.Now()
	if u.Backups == nil || now.Before(u.retry) {
		return nil
	}
	due, err := u.Backups.Due()
	if err == nil && now.Before(due) {
		return nil
	}
	var taken Taken
	if err == nil {
		taken, err = u.Backups.Take(ctx, now)
	}
	if ctx.Err() != nil {
		return nil
	}
	failed := state.BackupFailed
	if state.BackupFailed = ""; err != nil {
		u.retry = now.Add(retryAfter)
		state.BackupFailed, state.BackupFailedAt = err.Error(), now
		u.Log.Error("no backup was written; the next try is in an hour", "error", err)
	} else {
		u.Log.Info("backup written", "file", taken.Path, "bytes", taken.Bytes, "took", taken.Took, "pruned", taken.Pruned)
	}
	if err := state.Save(u.State); err != nil {
		return err
	}
	if (failed == "") == (state.BackupFailed == "") {
		return nil
	}
	return u.look(ctx, state, func(c doctor.Check) bool { return c.Name == doctor.BackupCheck })
}
