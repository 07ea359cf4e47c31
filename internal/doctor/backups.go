package doctor

import (
	"context"
	"fmt"
	"time"
)

// The names of the checks of backups.
const (
	BackupCheck = "backup"
	DrillCheck  = "restore-drill"
)

// Backups are those that serve writes.
type Backups struct {
	Dir   string // "": none are scheduled
	Look  func() (BackupState, error)
	Drill func(ctx context.Context, backup string) (Drill, error)
	Now   func() time.Time
}

// A BackupState is what there is of them.
type BackupState struct {
	Newest   string // "": none
	At       time.Time
	Bytes    int64
	Kept     int
	Due      time.Time // when the next one is
	Failed   string    // why the last try failed; "": it did not
	FailedAt time.Time
}

// A Drill is what came of restoring a backup into a temporary folder.
type Drill struct {
	Bytes       int64
	Took        time.Duration
	Subscribers int64
	Editions    int64
	Gaps        []string // what the journals know since
	Week        string   // of the newest send in it; "": none
	Problems    []string // why the proof of that send does not hold
}

// Checks are those of backups.
func (b Backups) Checks() []Check {
	return []Check{{BackupCheck, b.backup}, {DrillCheck, b.drill}}
}

const (
	setBackup = "set backup.dir to a folder, better one on another disk: 'digest serve' then backs up each night"
	// A backup that is late by more was not put off by a restart.
	backupLate = 6 * time.Hour
)

func (b Backups) backup(context.Context) Finding {
	if b.Dir == "" {
		return warn(setBackup, "no backups are scheduled")
	}
	s, err := b.Look()
	const fix = "see that the folder of backup.dir is there, belongs to the program's user and has room; 'digest serve' tries each hour"
	now := b.Now()
	switch {
	case err != nil:
		return fail(fix, "%s", err)
	case s.Failed != "":
		return fail(fix, "the backup of %s failed: %s", s.FailedAt.UTC().Format(time.RFC3339), s.Failed)
	case s.Newest == "":
		return warn("start 'digest serve', which writes one at once", "there is no backup in %s yet", b.Dir)
	case now.Sub(s.Due) > backupLate:
		return fail("see that 'digest serve' runs, and what it logs about backups", "the newest backup is of %s, and the next was due at %s", s.At.UTC().Format(time.RFC3339), s.Due.UTC().Format(time.RFC3339))
	}
	return pass("the newest of %d is %d hours old and has %s", s.Kept, int(now.Sub(s.At).Hours()), size(uint64(s.Bytes)))
}

// drill restores the newest backup to see whether it can be.
func (b Backups) drill(ctx context.Context) Finding {
	if b.Dir == "" {
		return skipped(setBackup, "there is no backup to restore")
	}
	s, err := b.Look()
	if err != nil || s.Newest == "" {
		return skipped("see the check backup", "there is no backup to restore")
	}
	const fix = "keep an older backup aside, write a new one with 'digest backup FILE', and see the disk of backup.dir"
	d, err := b.Drill(ctx, s.Newest)
	if err != nil {
		return fail(fix, "%s cannot be restored: %s", s.Newest, err)
	}
	if len(d.Problems) > 0 {
		return fail(fmt.Sprintf("'digest verify --week %s' on the list itself tells whether only the backup is wrong; then write a new one", d.Week),
			"%s can be restored, but the proof of %s does not hold in it: %s", s.Newest, d.Week, d.Problems[0])
	}
	proof := "no send is in it"
	if d.Week != "" {
		proof = "the proof of " + d.Week + " holds"
	}
	since := "the journals know of nothing that left since"
	if len(d.Gaps) > 0 {
		since = "since then " + d.Gaps[0]
	}
	return pass("%s was restored in %s: %s, %s, %s, every page in order; %s; %s",
		s.Newest, d.Took.Round(time.Millisecond), size(uint64(d.Bytes)), plural(d.Subscribers, "subscriber"), plural(d.Editions, "edition"), proof, since)
}

func plural(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
