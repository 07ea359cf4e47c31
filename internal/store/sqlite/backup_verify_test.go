package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A database that somebody has open is not replaced; nothing changes then.
func TestReplaceWhileInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, copied, fresh := filepath.Join(dir, "digest.db"), filepath.Join(dir, "copy.db"), filepath.Join(dir, "fresh.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	got, _, err := Unpack(t.Context(), copied, fresh)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Close(); err != nil {
		t.Fatal(err)
	}
	aside := filepath.Join(dir, "old.db")
	if err := Replace(t.Context(), fresh, path, aside); !errors.Is(err, ErrInUse) {
		t.Fatalf("while it is open: got %v, want ErrInUse", err)
	}
	if _, err := os.Stat(aside); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no old database put aside", err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("the open one: got %v, want it to take writes", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Replace(t.Context(), fresh, path, aside); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, aside} {
		if _, err := Inspect(t.Context(), p); err != nil {
			t.Errorf("%s: got %v, want a whole database", p, err)
		}
	}
}

// A copy with a row less is no backup.
func TestCopyWithARowLess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "digest.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want, err := db.Contents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := verifyCopy(t.Context(), copied, want, true); err != nil {
		t.Errorf("as it is: got %v, want no error", err)
	}
	want.Subscribers++
	if err := verifyCopy(t.Context(), copied, want, true); !errors.Is(err, ErrUnlike) {
		t.Errorf("a reader less: got %v, want ErrUnlike", err)
	}
	data, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ {
		data[i] ^= 0xff
	}
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verifyCopy(t.Context(), copied, want, false); err == nil {
		t.Error("a damaged copy: got no error, want one")
	}
}
