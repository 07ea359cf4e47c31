package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/storetest"
)

// What the clock asks for is recorded, told and settled at once.
func TestTold(t *testing.T) {
	t.Parallel()
	storetest.RunTold(t, func(t *testing.T) storetest.Told { return told(t, filepath.Join(t.TempDir(), "digest.db")) })
}

func told(t *testing.T, path string) storetest.Told {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return storetest.Told{
		Archive: db.Editions(), Outbox: db.Outbox(), Ledger: db.Schedule(),
		Cut: func(n int) (context.Context, func() bool) {
			return t.Context(), mortal(t, db, n, func() error { return errors.New("the process has died") })
		},
		Again: func(t *testing.T) storetest.Told {
			t.Helper()
			_ = db.Close() // what it had not committed is gone
			return told(t, path)
		},
	}
}
