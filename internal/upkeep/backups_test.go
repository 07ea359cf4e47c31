package upkeep_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/upkeep"
)

var night = time.Date(2026, time.November, 23, 3, 30, 0, 0, time.UTC)

// backups are of a real database; one a day is wanted, and three stay.
func backups(t *testing.T) (b *upkeep.Backups, journals string) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	journals = t.TempDir()
	return &upkeep.Backups{
		Dir: filepath.Join(t.TempDir(), "backups"), Keep: 3, Copy: db.Backup, Free: sqlite.Free,
		Next: func(after time.Time) time.Time { return after.Add(24 * time.Hour) },
		Size: func() (int64, error) { _, size, wal, err := db.Room(); return size + wal, err },
		Logs: func() (string, []string, error) {
			entries, err := os.ReadDir(journals)
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			return journals, names, err
		},
	}, journals
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// Backups are whole, the owner's only, and as many as are to stay; the journals
// beside them are as they were after the newest.
func TestTake(t *testing.T) {
	t.Parallel()
	b, journals := backups(t)
	if due, err := b.Due(); err != nil || !due.IsZero() {
		t.Fatalf("with no backup: got due %v, %v, want at once", due, err)
	}
	for day := range 5 {
		text := strings.Repeat("record\n", day+1)
		if err := os.WriteFile(filepath.Join(journals, "2026-W48.journal"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := night.AddDate(0, 0, day)
		taken, err := b.Take(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Inspect(t.Context(), taken.Path); err != nil {
			t.Errorf("got a backup that can't be read: %v", err)
		}
		info, err := os.Stat(taken.Path)
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() != taken.Bytes {
			t.Errorf("got %v, %v, want a file of %d bytes that is its owner's only", info, err, taken.Bytes)
		}
		if got, err := os.ReadFile(filepath.Join(b.Dir, upkeep.JournalsDir, "2026-W48.journal")); err != nil || string(got) != text {
			t.Errorf("day %d: got the journal %q, %v, want %q", day, got, err, text)
		}
		if due, err := b.Due(); err != nil || !due.Equal(at.AddDate(0, 0, 1)) {
			t.Errorf("got due %v, %v, want a day later", due, err)
		}
	}
	want := []string{"digest-20261125T033000Z.db", "digest-20261126T033000Z.db", "digest-20261127T033000Z.db", upkeep.JournalsDir}
	if got := names(t, b.Dir); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What fails costs no older backup and leaves nothing behind; what a killed
// program left is removed; other files stay.
func TestTakeFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(b *upkeep.Backups)
		want  error
	}{
		"no room":   {func(b *upkeep.Backups) { b.Free = func(string) (uint64, error) { return 1 << 20, nil } }, upkeep.ErrNoRoom},
		"full disk": {func(b *upkeep.Backups) { b.Copy = func(context.Context, string) error { return fs.ErrPermission } }, fs.ErrPermission},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := backups(t)
			b.Keep = 1
			if _, err := b.Take(t.Context(), night); err != nil {
				t.Fatal(err)
			}
			for _, left := range []string{"digest-20261123T040000Z.db.part", "notes.txt"} {
				if err := os.WriteFile(filepath.Join(b.Dir, left), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c.spoil(b)
			if _, err := b.Take(t.Context(), night.AddDate(0, 0, 1)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			want := []string{"digest-20261123T033000Z.db", upkeep.JournalsDir, "notes.txt"}
			if got := names(t, b.Dir); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
