package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDamage(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got, err := db.Damage(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("new: got %q, %v, want nothing", got, err)
	}
	if _, err := db.w.ExecContext(t.Context(), "PRAGMA foreign_keys = OFF"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.w.ExecContext(t.Context(), "INSERT INTO sends (edition_id, recipients, started_at) VALUES (77, 1, 1)"); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Damage(t.Context()); err != nil || len(got) != 1 || !strings.Contains(got[0], "1 rows of sends name a row of editions") {
		t.Errorf("a send of no edition: got %q, %v, want it named", got, err)
	}
	if free, size, wal, err := db.Room(); err != nil || free == 0 || size == 0 || wal == 0 {
		t.Errorf("got %d bytes free, %d of database, %d of its log, %v, want all of them", free, size, wal, err)
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	at := time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ shown, want time.Time }{{want: time.Time{}}, {at, at}, {at.Add(-time.Hour), at}} {
		if !tc.shown.IsZero() {
			if _, err := db.Schedule().Observe(t.Context(), tc.shown); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := db.Schedule().Seen(t.Context()); err != nil || !got.Equal(tc.want) {
			t.Errorf("after %s: got %s, %v, want %s", tc.shown, got, err, tc.want)
		}
	}
}
