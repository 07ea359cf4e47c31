package doctor

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestBackups(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	good := BackupState{Newest: "/b/digest-1.db", At: now.Add(-5 * time.Hour), Due: now.Add(19 * time.Hour), Kept: 14, Bytes: 3 << 20}
	late, failed := good, good
	late.Due = now.Add(-7 * time.Hour)
	failed.Failed, failed.FailedAt = "no room", now
	drill := Drill{Bytes: 3 << 20, Took: 1234 * time.Millisecond, Subscribers: 5, Editions: 2, Week: "2026-W47"}
	since, wrong := drill, drill
	since.Gaps = []string{"2026-W48 went to 3 readers whose delivery the database does not know of"}
	wrong.Problems = []string{"2 accepted that the journal does not know"}
	for name, c := range map[string]struct {
		b       Backups
		state   BackupState
		look    error
		drill   Drill
		err     error
		backup  [2]string // level and words
		drilled [2]string
	}{
		"none set":     {b: Backups{}, backup: [2]string{"warn", "no backups are scheduled"}, drilled: [2]string{"skipped", "no backup to restore"}},
		"none yet":     {b: Backups{Dir: "/b"}, backup: [2]string{"warn", "no backup in /b yet"}, drilled: [2]string{"skipped", "no backup"}},
		"good":         {b: Backups{Dir: "/b"}, state: good, drill: drill, backup: [2]string{"pass", "the newest of 14 is 5 hours old and has 3.0 MiB"}, drilled: [2]string{"pass", "restored in 1.234s: 3.0 MiB, 5 subscribers, 2 editions, every page in order; the proof of 2026-W47 holds; the journals know of nothing"}},
		"sent since":   {b: Backups{Dir: "/b"}, state: good, drill: since, backup: [2]string{"pass", ""}, drilled: [2]string{"pass", "since then 2026-W48 went to 3 readers"}},
		"late":         {b: Backups{Dir: "/b"}, state: late, drill: drill, backup: [2]string{"fail", "the next was due at 2026-11-23T02:00:00Z"}, drilled: [2]string{"pass", ""}},
		"failed":       {b: Backups{Dir: "/b"}, state: failed, drill: drill, backup: [2]string{"fail", "failed: no room"}, drilled: [2]string{"pass", ""}},
		"unreadable":   {b: Backups{Dir: "/b"}, look: errors.New("permission denied"), backup: [2]string{"fail", "permission denied"}, drilled: [2]string{"skipped", ""}},
		"damaged":      {b: Backups{Dir: "/b"}, state: good, err: errors.New("damaged"), backup: [2]string{"pass", ""}, drilled: [2]string{"fail", "/b/digest-1.db cannot be restored: damaged"}},
		"proof broken": {b: Backups{Dir: "/b"}, state: good, drill: wrong, backup: [2]string{"pass", ""}, drilled: [2]string{"fail", "the proof of 2026-W47 does not hold in it: 2 accepted"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.b.Now = func() time.Time { return now }
			c.b.Look = func() (BackupState, error) { return c.state, c.look }
			c.b.Drill = func(context.Context, string) (Drill, error) { return c.drill, c.err }
			found := Examine(t.Context(), c.b.Checks())
			for i, want := range [][2]string{c.backup, c.drilled} {
				f := found[i]
				if string(f.Level) != want[0] || !strings.Contains(f.Detail, want[1]) {
					t.Errorf("got %s %q, want %s with %q", f.Level, f.Detail, want[0], want[1])
				}
				if (f.Fix == "") != (f.Level == Pass) {
					t.Errorf("got the fix %q of a %s", f.Fix, f.Level)
				}
			}
		})
	}
}
