package sqlite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/outbox"
	"verdicts.example/digest/internal/store/sqlite"
)

const syncedDir = "DIGEST_TEST_SYNCED_DIR"

// Each commit is synced: with fsync, or with fdatasync where SQLite is built so.
func TestCommitsAreSynced(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(syncedDir); dir != "" {
		commits(t, dir)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("left out: strace is not installed")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command(strace, "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync", os.Args[0], "-test.run=^TestCommitsAreSynced$")
	cmd.Env = append(os.Environ(), syncedDir+"="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("left out: strace does not work here: %v: %.200s", err, out)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	data, all := strings.Count(string(calls), "fdatasync("), strings.Count(string(calls), " fsync(")
	if data+all < syncedCommits {
		t.Errorf("got %d fdatasync and %d fsync for %d commits, want one for each", data, all, syncedCommits)
	}
}

const syncedCommits = 20

func commits(t *testing.T, dir string) {
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "digest.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range syncedCommits {
		if err := db.Outbox().Tell(t.Context(), []string{"a@example.com"}, outbox.Welcome{}, time.Unix(int64(i), 0).String(), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
}
