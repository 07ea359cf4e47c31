package sqlite

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// Every connection of both pools has the settings, not only the first.
func TestPragmasOnEveryConnection(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for range readers {
		conn, err := db.r.Conn(t.Context()) // held, so that the next is another
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		for name, want := range map[string]string{"query_only": "1", "foreign_keys": "1", "busy_timeout": "5000", "journal_mode": "wal"} {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
				t.Errorf("reader's %s: got %q, %v, want %q", name, got, err, want)
			}
		}
		for _, write := range []string{"DELETE FROM meta", "CREATE TABLE x (y)", "PRAGMA user_version = 3"} {
			if _, err := conn.ExecContext(t.Context(), write); err == nil || !strings.Contains(err.Error(), "readonly") {
				t.Errorf("reader's %s: got %v, want it refused as read-only", write, err)
			}
		}
	}
	if err := assertPragmas(t.Context(), db.w); err != nil {
		t.Errorf("writer: got %v, want its settings", err)
	}
	if got := db.w.Stats().MaxOpenConnections; got != 1 {
		t.Errorf("got %d writer connections, want 1", got)
	}
}

// The driver ignores a parameter that it does not know; Open must not.
func TestPragmasAreAsserted(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // nothing was written
	if _, err := db.w.ExecContext(context.Background(), "PRAGMA synchronous = OFF"); err != nil {
		t.Fatal(err)
	}
	if err := assertPragmas(t.Context(), db.w); err == nil || !strings.Contains(err.Error(), "synchronous is 0, want 2") {
		t.Errorf("got %v, want ErrPragmas to name the setting", err)
	}
}
