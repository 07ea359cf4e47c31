package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/sqlite"
)

// Another program's file is refused, and not a byte of it changes.
func TestForeignFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, stmts := range map[string]string{
		"a list of another program": `CREATE TABLE subscribers (id INTEGER, email TEXT); CREATE TABLE lists (id INTEGER); PRAGMA user_version = 2`,
		"with a mark of its own":    `CREATE TABLE meta (x); CREATE TABLE subscribers (x); CREATE TABLE suppressions (x); PRAGMA application_id = 1196444487`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "other.db")
			raw(t, path, stmts)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = sqlite.Open(t.Context(), path)
			if !errors.Is(err, sqlite.ErrForeign) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want ErrForeign that names the file", err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("got another file than before (%v), want it untouched", err)
			}
			if left, err := filepath.Glob(path + "-*"); err != nil || len(left) > 0 {
				t.Errorf("got %v beside it, want nothing", left)
			}
		})
	}
}

// A file of an earlier version, without a mark, is the program's own, and its
// backups are.
func TestOwnFileIsMarked(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, path, `PRAGMA application_id = 0`)
	again, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("a file without a mark: got %v, want it opened", err)
	}
	_ = again.Close()
	db, _ = openDB(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := db.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	var id int
	if query(t, backup, `PRAGMA application_id`, &id); id != 0x64677374 {
		t.Errorf("backup: got application id %x, want digest's", id)
	}
}

func TestOpenExistingMakesNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "data", "digest.db")
	if _, err := sqlite.OpenExisting(t.Context(), path); !errors.Is(err, sqlite.ErrNone) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want ErrNone that names the path", err)
	}
	empty := filepath.Join(dir, "empty.db")
	write(t, empty, nil)
	if _, err := sqlite.OpenExisting(t.Context(), empty); !errors.Is(err, sqlite.ErrNone) {
		t.Errorf("an empty file: got %v, want ErrNone", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v in the folder, want the empty file only", entries, err)
	}
	db, path := openDB(t)
	_ = db.Close()
	db, err := sqlite.OpenExisting(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
}

func TestReadableByAllIsSaid(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	if got := db.Warnings(); len(got) != 0 {
		t.Errorf("got %q for a private file, want nothing", got)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(db.Warnings(), "\n"); !strings.Contains(got, path) || !strings.Contains(got, "0644") || !strings.Contains(got, "chmod 600") {
		t.Errorf("got %q, want the file, its mode and what to do", got)
	}
}

// Ping says no when the next write would fail.
func TestPing(t *testing.T) {
	t.Parallel()
	t.Run("well", func(t *testing.T) {
		t.Parallel()
		db, _ := openDB(t)
		if err := db.Ping(t.Context()); err != nil {
			t.Errorf("got %v, want nil", err)
		}
	})
	t.Run("full", func(t *testing.T) {
		t.Parallel()
		db, path := openDB(t)
		sqlite.FillDisk(db, 100<<10)
		err := db.Ping(t.Context())
		var full *sqlite.FileError
		if !errors.Is(err, syscall.ENOSPC) || !errors.As(err, &full) || full.Path != path {
			t.Errorf("got %v, want a full disk, and the file", err)
		}
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		db, path := openDB(t)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want fs.ErrNotExist", err)
		}
	})
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		db, path := openDB(t)
		write(t, path+".new", nil)
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "another file") {
			t.Errorf("got %v, want it said", err)
		}
	})
	t.Run("locked", func(t *testing.T) {
		t.Parallel()
		db, path := openDB(t)
		unlock := lock(t, path)
		if err := db.Ping(t.Context()); !errors.Is(err, sqlite.ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
		}
		unlock()
		if err := db.Ping(t.Context()); !errors.Is(err, sqlite.ErrBusy) {
			t.Errorf("right afterwards: got %v, want the answer that stands for a second", err)
		}
		sqlite.AgePulse(db)
		if err := db.Ping(t.Context()); err != nil {
			t.Errorf("afterwards: got %v, want nil", err)
		}
	})
}

// A write that cannot wait longer for another process fails with ErrBusy.
func TestBusy(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	unlock := lock(t, path)
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := db.Schedule().ResetClock(ctx, time.Now()); !errors.Is(err, sqlite.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
}

// lock takes the write lock as another process would.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	conn := hold(t, path)
	return func() {
		if _, err := conn.ExecContext(context.Background(), `ROLLBACK`); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	}
}

func hold(t *testing.T, path string) *sql.Conn {
	t.Helper()
	pool, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	return conn
}

// A start that fails before there is anything in the database leaves no file, which
// would be in the way of the next.
func TestFailedOpenLeavesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "digest.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Open(ctx, path); err == nil {
		t.Fatal("got a database, want an error")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no file", err)
	}
}
