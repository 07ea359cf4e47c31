package assembly

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/doctor"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/metrics"
	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/upkeep"
)

// upkeep is what serve does for the list by itself.
func (m *Maker) upkeep(db *Database) *upkeep.Upkeep {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return upkeep.New(upkeep.Parts{
		Backups: m.backups(db), State: m.in.Checkup.State, Host: host, Log: m.host.Log, Now: m.host.Now,
		Checks: func(ctx context.Context) ([]doctor.Check, error) { return m.checksOf(ctx, db) },
		Tell: func(ctx context.Context, p outbox.Checkup, dedupe string) error {
			return db.Outbox.Tell(ctx, m.editors(), p, dedupe, m.host.Now())
		},
	})
}

// backupsStand is how backups are, for the metrics; nil where none are scheduled.
func backupsStand(u *upkeep.Upkeep) (*metrics.Backups, error) {
	s, err := u.Stand()
	if err != nil || !s.Scheduled {
		return nil, err
	}
	return &metrics.Backups{Newest: s.Newest, Failing: s.Failing, Drilled: s.Drilled, DrillFailed: s.DrillFailed}, nil
}

// backups are those that serve writes; nil where none are set.
func (m *Maker) backups(db *Database) *upkeep.Backups {
	in := m.in.Backup
	if in.Dir == "" {
		return nil
	}
	b := &upkeep.Backups{
		Dir: in.Dir, Keep: in.Keep, Free: sqlite.Free,
		Next: func(after time.Time) time.Time { return in.Schedule.Next(after, m.in.Schedule.Zone()) },
		Logs: m.journalFiles,
	}
	if db != nil {
		b.Copy = db.Backup
		b.Size = func() (int64, error) {
			_, size, wal, err := db.Room()
			return size + wal, err
		}
	}
	return b
}

// journalFiles are the journals' files.
func (m *Maker) journalFiles() (dir string, files []string, err error) {
	folder, err := journal.OpenFolder(m.in.Journals)
	if err != nil {
		return "", nil, err
	}
	names, err := folder.List()
	for _, n := range names {
		files = append(files, filepath.Base(folder.Path(n)))
	}
	return m.in.Journals, files, err
}

// backupChecks are doctor's of the backups; none where a server has the list.
func (m *Maker) backupChecks() []doctor.Check {
	if m.in.Server != nil {
		return nil
	}
	b := m.backups(nil)
	return doctor.Backups{
		Dir: m.in.Backup.Dir, Now: m.host.Now, Drill: m.drill,
		Look: func() (doctor.BackupState, error) {
			list, err := b.List()
			if err != nil {
				return doctor.BackupState{}, err
			}
			state, err := upkeep.Load(m.in.Checkup.State)
			s := doctor.BackupState{Kept: len(list), Failed: state.BackupFailed, FailedAt: state.BackupFailedAt}
			if len(list) > 0 {
				s.Newest, s.At, s.Bytes = list[0].Path, list[0].At, list[0].Bytes
				s.Due = b.Next(s.At)
			}
			return s, err
		},
	}.Checks()
}

// drill restores a backup into a temporary folder beside it, with copies of the
// journals, as 'digest restore' would: unpacked, brought up to date, looked
// through, closed with what the journals know, and proved.
func (m *Maker) drill(ctx context.Context, backup string) (d doctor.Drill, err error) {
	began := time.Now()
	if err := roomFor(backup); err != nil {
		return d, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(backup), ".drill-*")
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, contents, err := sqlite.Unpack(ctx, backup, filepath.Join(dir, "digest.db"))
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	d.Subscribers, d.Editions = contents.Subscribers, contents.Editions
	if info, err := os.Stat(backup); err == nil {
		d.Bytes = info.Size()
	}
	copies := &upkeep.Backups{Dir: dir, Logs: m.journalFiles}
	if err := copies.CopyJournals(); err != nil {
		return d, err
	}
	journals, err := journal.OpenFolder(filepath.Join(dir, upkeep.JournalsDir))
	if err != nil {
		return d, err
	}
	err = prove(ctx, delivery.Ledger{Store: db.Deliveries(), Leases: db.Leases(), Journals: journals}, db, m.host.Now(), &d)
	d.Took = time.Since(began)
	return d, err
}

// prove takes over what the journals know since, and proves the newest send.
func prove(ctx context.Context, l delivery.Ledger, db *sqlite.DB, now time.Time, d *doctor.Drill) error {
	gaps, err := l.Gaps(ctx)
	if err != nil {
		return fmt.Errorf("compare it with the journals: %w", err)
	}
	for _, g := range gaps {
		d.Gaps = append(d.Gaps, g.String())
	}
	if err := l.Close(ctx, gaps, now.UTC().Truncate(time.Millisecond)); err != nil {
		return fmt.Errorf("take over what the journals know: %w", err)
	}
	sends, err := db.Deliveries().Sends(ctx)
	if err != nil {
		return err
	}
	for week := range sends {
		d.Week = max(d.Week, week)
	}
	if d.Week == "" {
		return nil
	}
	proof, err := delivery.Verify(ctx, db.Deliveries(), l.Journals, sends[d.Week])
	d.Problems = proof.Problems()
	return err
}

// roomFor fails where a drill, which takes twice the backup at most, would fill
// the disk.
func roomFor(backup string) error {
	info, err := os.Stat(backup)
	if err != nil {
		return err
	}
	free, err := sqlite.Free(filepath.Dir(backup))
	if err == nil && free < 2*uint64(info.Size()) {
		err = upkeep.ErrNoRoom
	}
	return err
}
