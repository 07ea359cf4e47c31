package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"verdicts.example/digest/internal/store/sqlite"
)

// TestReadOnlyFolder opens as somebody who may not write, also when the test
// runs as root.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil { // read-only is the point
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		if os.Geteuid() == 0 {
			if err := syscall.Setfsuid(65534); err != nil {
				done <- err
				return
			}
		}
		_, err := sqlite.Open(t.Context(), filepath.Join(dir, "digest.db"))
		done <- err
	}()
	if err = <-done; !errors.Is(err, fs.ErrPermission) {
		t.Fatalf("got %v, want fs.ErrPermission", err)
	}
	if !strings.Contains(err.Error(), "open database "+dir) || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %q, want it to name the database and the reason", err)
	}
}
