package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/store"
	"verdicts.example/digest/internal/store/sqlite"
	"verdicts.example/digest/subscribers"
)

// An import that fills the disk says so once, of the file that the operator named,
// changes nothing, and can be done when there is room.
func TestImportFillsTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "digest.db")
	db, err := sqlite.OpenNew(t.Context(), filepath.Join(dir, ".new-1", "digest.db"), name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, rows := range []int{500, 30_000} { // the longer one builds its indexes at the end
		var csv strings.Builder
		csv.WriteString("email\n")
		for i := range rows {
			fmt.Fprintf(&csv, "reader%d@example.org\n", i)
		}
		list := subscribers.New(db.Subscribers(), db.SignUps(), subscribers.Options{})
		if err := sqlite.LimitPages(t.Context(), db, 4); err != nil {
			t.Fatal(err)
		}
		_, err = list.Import(t.Context(), strings.NewReader(csv.String()), subscribers.ImportOptions{Source: "test"})
		if !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, store.ErrDisk) || !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%d rows: got %v, want a full disk, and %s", rows, err, name)
		}
		for _, not := range []string{".new-", "rollback", "tidy", "\n"} {
			if strings.Contains(fmt.Sprint(err), not) {
				t.Errorf("%d rows: got %v, want it without %q", rows, err, not)
			}
		}
		if err := sqlite.LimitPages(t.Context(), db, 1<<20); err != nil {
			t.Fatal(err)
		}
		report, err := list.Import(t.Context(), strings.NewReader(csv.String()), subscribers.ImportOptions{Source: "test", Dry: rows == 500})
		if err != nil || report.Added != rows {
			t.Errorf("%d rows, with room again: got %d added, %v", rows, report.Added, err)
		}
	}
}

// What is written to a file that has gone, or that another has replaced, nobody
// sees again: it is refused, and taken again when the file is back.
func TestWritesToAFileThatHasGone(t *testing.T) {
	t.Parallel()
	db, path := openDB(t)
	writes := map[string]func() error{
		"a sign-up": func() error {
			return db.SignUps().Queue(t.Context(), subscribers.QueuedSignUp{At: time.Now()}, 10)
		},
		"the clock": func() error { return db.Schedule().ResetClock(t.Context(), time.Now()) },
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"gone", "replaced"} {
		for what, do := range writes {
			if err := do(); !errors.Is(err, store.ErrDisk) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s, the file is %s: got %v, want it refused, with the file", what, where, err)
			}
		}
		write(t, path, []byte("another"))
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	for what, do := range writes {
		if err := do(); err != nil {
			t.Errorf("%s, the file is back: got %v", what, err)
		}
	}
}
