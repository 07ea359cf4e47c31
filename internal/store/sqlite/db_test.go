package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"verdicts.example/digest/internal/store/sqlite"
)

func openDB(t *testing.T) (*sqlite.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "digest.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, path
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	_, path := openDB(t)
	for _, p := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", filepath.Base(p), got)
		}
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("folder: got mode %o, want 700", got)
	}
}

func TestOpenAgainKeepsTheData(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	before, err := db.Secret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != 32 {
		t.Errorf("got a secret of %d bytes, want 32", len(before))
	}
	again, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close() // read only
	after, err := again.Secret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("got another secret after opening again, want the same")
	}
	other, _ := openDB(t)
	if secret, err := other.Secret(t.Context()); err != nil || bytes.Equal(secret, before) {
		t.Errorf("got the same secret in another database (%v), want a random one", err)
	}
}

// A path with the characters of a URI must not turn into settings.
func TestOddPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "100% of?mode=memory#1 ü", "digest.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("got %v, %v, want the database at its path", info, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, path, "PRAGMA user_version = 9999")
	_, err := sqlite.Open(t.Context(), path)
	if !errors.Is(err, sqlite.ErrNewerSchema) {
		t.Fatalf("got %v, want ErrNewerSchema", err)
	}
	for _, want := range []string{path, "9999", "newer program"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
	var version int
	query(t, path, "PRAGMA user_version", &version)
	if version != 9999 {
		t.Errorf("got schema %d after the refusal, want it untouched", version)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, path string){
		"not a database": func(t *testing.T, path string) {
			write(t, path, bytes.Repeat([]byte("This is a text, not a database.\n"), 300))
		},
		"garbage in the middle": func(t *testing.T, path string) {
			damage(t, path, func(b []byte) []byte {
				for i := 4096; i < len(b); i += 4096 { // every page but the first
					copy(b[i:], bytes.Repeat([]byte{0xa5}, 64))
				}
				return b
			})
		},
		"cut off": func(t *testing.T, path string) {
			damage(t, path, func(b []byte) []byte { return b[:len(b)/2] })
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "digest.db")
			spoil(t, path)
			_, err := sqlite.Open(t.Context(), path)
			if !errors.Is(err, sqlite.ErrDamaged) {
				t.Fatalf("got %v, want ErrDamaged", err)
			}
			if !strings.Contains(err.Error(), "restore a backup") {
				t.Errorf("got %q, want it to say what to do", err)
			}
		})
	}
}

func damage(t *testing.T, path string, spoil func([]byte) []byte) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, spoil(b))
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Several openings at once, as when serve and a command start together on a
// fresh folder: each migration happens once, and everybody gets a database.
func TestConcurrentOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "digest.db")
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			db, err := sqlite.Open(t.Context(), path)
			if err == nil {
				err = db.Close()
			}
			errs[i] = err
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	var secrets int
	query(t, path, "SELECT count(*) FROM meta", &secrets)
	if secrets != 1 {
		t.Errorf("got %d secrets, want 1", secrets)
	}
}

// openerEnv makes the test binary a process that only opens the database.
const openerEnv = "DIGEST_TEST_OPEN"

func TestConcurrentProcesses(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(openerEnv); path != "" {
		db, err := sqlite.Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return
	}
	path := filepath.Join(t.TempDir(), "digest.db")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestConcurrentProcesses$")
			cmd.Env = append(os.Environ(), openerEnv+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("got %v: %s, want the database opened", err, out)
			}
		})
	}
	wg.Wait()
}

func TestFolderThatIsAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data")
	write(t, file, []byte("a file"))
	_, err := sqlite.Open(t.Context(), filepath.Join(file, "digest.db"))
	var pathErr *fs.PathError
	if !errors.As(err, &pathErr) || !strings.Contains(err.Error(), "open database "+file) {
		t.Errorf("got %v, want a path error that names the database", err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	db, _ := openDB(t)
	secret, err := db.Secret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "it's a backup?.db")
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("got mode %o, want 600", got)
	}
	if err := db.Backup(t.Context(), path); !errors.Is(err, sqlite.ErrBackupExists) {
		t.Errorf("got %v for a second backup to the same file, want ErrBackupExists", err)
	}
	restored, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close() // read only
	if got, err := restored.Secret(t.Context()); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("got %x, %v from the backup, want the secret of the original", got, err)
	}
}

func TestBackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	db, _ := openDB(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := db.Backup(ctx, path); err == nil {
		t.Fatal("got no error, want one")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want no file", err)
	}
	if err := db.Backup(t.Context(), filepath.Join(path, "no", "such", "folder.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v for a folder that is not there, want fs.ErrNotExist", err)
	}
}

// raw and query use a connection that is not the program's.
func raw(t *testing.T, path, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // the statement's error counts
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", statement, err))
	}
}

func query(t *testing.T, path, statement string, into ...any) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // read only
	if err := db.QueryRow(statement).Scan(into...); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", statement, err))
	}
}
