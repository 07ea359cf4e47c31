package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/internal/store/transfer"
	"verdicts.example/digest/subscribers"
)

func openFile(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.OpenToMove(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func readers(n int) string {
	var csv strings.Builder
	csv.WriteString("email,name,status\n")
	for i := range n {
		fmt.Fprintf(&csv, "reader%d@example.com,Reader %d,%s\n", i, i, []string{"active", "active", "unsubscribed", "bounced"}[i%4])
	}
	return csv.String()
}

// cut is a store that fails after some writes, as a process that is killed.
type cut struct {
	transfer.Store
	left int
}

var errCut = errors.New("killed")

func (c *cut) Write(ctx context.Context, t transfer.Table, columns []string, rows [][]any, at transfer.Progress) error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return c.Store.Write(ctx, t, columns, rows, at)
}

func TestMoveBetweenFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.db"), filepath.Join(dir, "b.db")
	from := openFile(t, a)
	list := subscribers.New(from.Subscribers(), from.SignUps(), subscribers.Options{})
	if _, err := list.Import(t.Context(), strings.NewReader(readers(25_000)), subscribers.ImportOptions{Source: "test.csv"}); err != nil {
		t.Fatal(err)
	}
	var before strings.Builder
	if err := list.Export(t.Context(), &before, subscribers.Filter{}); err != nil {
		t.Fatal(err)
	}
	to := openFile(t, b)
	dry, err := transfer.Run(t.Context(), from.Transfer(), to.Transfer(), transfer.Options{Dry: true})
	if err != nil || dry.Rows < 25_000 {
		t.Fatalf("dry run: got %+v, %v, want the rows counted", dry, err)
	}
	// Killed after each of the first writes, it goes on.
	runs := 0
	for ; ; runs++ {
		_, err = transfer.Run(t.Context(), from.Transfer(), &cut{to.Transfer(), 1}, transfer.Options{})
		if !errors.Is(err, errCut) {
			break
		}
		for _, path := range []string{a, b} {
			if _, err := sqlite.Open(t.Context(), path); !errors.Is(err, store.ErrMoving) {
				t.Fatalf("%s in mid-move: got %v, want ErrMoving", path, err)
			}
		}
	}
	if err != nil || runs < 3 {
		t.Fatalf("got %v after %d cuts, want the move done", err, runs)
	}
	if _, err := sqlite.Open(t.Context(), a); !errors.Is(err, store.ErrElsewhere) || !strings.Contains(err.Error(), b) {
		t.Errorf("the old one: got %v, want ErrElsewhere with the new place", err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var after strings.Builder
	if err := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{}).Export(t.Context(), &after, subscribers.Filter{}); err != nil {
		t.Fatal(err)
	}
	if before.String() != after.String() {
		t.Errorf("got another export after the move: %d bytes, want %d", after.Len(), before.Len())
	}
	one, _ := from.Secret(t.Context())
	two, _ := db.Secret(t.Context())
	if string(one) != string(two) {
		t.Error("got another secret after the move")
	}
}
