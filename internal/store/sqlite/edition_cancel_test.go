//go:build unix

package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/edition"
	"verdicts.example/digest/internal/store/sqlite"
)

const cancelReaders = 9

// midSend is a database whose edition is being sent: of nine readers two are
// accepted, one is deferred, one claimed, the rest queued.
func midSend(t *testing.T, dir string) *deliverytest.Fixture {
	t.Helper()
	f := deliverytest.Open(t, dir)
	f.AddReaders(cancelReaders)
	f.Edition = f.AddEdition(deliverytest.Week)
	f.Freeze()
	f.Exec(`UPDATE deliveries SET state = 3, dots = 1 WHERE subscriber_id IN (1, 2)`)
	f.Exec(`UPDATE deliveries SET state = 4 WHERE subscriber_id = 3`)
	f.Exec(`UPDATE deliveries SET state = 1 WHERE subscriber_id = 4`)
	return f
}

func cancel(db *sqlite.DB, at time.Time) (edition.Edition, error) {
	w, _ := edition.ParseWeek(deliverytest.Week)
	return db.Editions().Change(context.Background(), w, func(e edition.Edition) (edition.Edition, error) { return e.Cancel(at) })
}

func wantCancelled(t *testing.T, f *deliverytest.Fixture) {
	t.Helper()
	c := f.Counts()
	if c[delivery.Accepted] != 2 || c[delivery.Suppressed] != cancelReaders-2 {
		t.Errorf("got %v, want 2 accepted and the others suppressed", c)
	}
	if f.Int(`SELECT count(*) FROM editions WHERE state = 'cancelled'`) != 1 || f.Int(`SELECT finished_at FROM sends`) == 0 {
		t.Error("got an edition or a send that has not ended, want both cancelled")
	}
}

// crashEnv tells the test binary to cancel, and before which statement to die:
// "DIR N".
const crashEnv = "DIGEST_TEST_CANCEL"

// A cancellation that is cut off at any statement has not happened, or has
// happened as a whole; the next one does the rest.
func TestCancelCutAtEveryStatement(t *testing.T) {
	t.Parallel()
	if dir, n, ok := strings.Cut(os.Getenv(crashEnv), " "); ok {
		cancelAndDie(t, dir, n)
		return
	}
	undone, done := 0, 0
	for n := 1; ; n++ {
		dir := t.TempDir()
		midSend(t, dir).Close()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCancelCutAtEveryStatement$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", crashEnv, dir, n))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL) {
			t.Fatalf("statement %d: got %v: %s, want the process killed", n, err, out)
		}
		f := deliverytest.Open(t, dir)
		if f.Int(`SELECT count(*) FROM editions WHERE state = 'sending'`) == 1 {
			undone++
			if c := f.Counts(); c[delivery.Suppressed] != 0 || c.Open() != cancelReaders-2 {
				t.Errorf("statement %d: got %v of an edition that is not cancelled, want nobody taken out", n, c)
			}
		} else {
			done++
			wantCancelled(t, f)
		}
		for range 2 {
			if _, err := cancel(f.SQLite().DB, time.Now()); err != nil {
				t.Errorf("statement %d: cancel again: got %v", n, err)
			}
			wantCancelled(t, f)
		}
		if err == nil {
			break
		}
	}
	if undone < 4 || done < 1 {
		t.Errorf("got %d cuts before and %d after, want each statement cut", undone, done)
	}
}

func cancelAndDie(t *testing.T, dir, n string) {
	at, err := strconv.Atoi(n)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), deliverytest.Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	mortal(t, db, at, func() error {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	})
	if _, err := cancel(db, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// An earlier version cancelled in two transactions. A database whose second was
// lost is put in order by whoever opens it next; until then no proof holds.
func TestHalfCancelledHeals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := midSend(t, dir)
	f.Exec(`UPDATE deliveries SET state = 2, dots = 1 WHERE subscriber_id = 4`)
	f.Exec(`UPDATE editions SET state = 'cancelled'`)
	f.Exec(`INSERT INTO send_leases (edition_id, epoch, host, holder, expires_at) VALUES (?, 1, 'h', 'a', ?)`, f.Edition, time.Now().Add(time.Hour).UnixMilli())
	p, err := delivery.Verify(t.Context(), f.Store, f.Journals, f.Edition)
	if got := strings.Join(p.Problems(), "; "); err != nil || !strings.Contains(got, "cancelled, yet 6 readers still wait") {
		t.Errorf("got %q, %v, want the queued readers named", got, err)
	}
	f.Close()

	f = deliverytest.Open(t, dir) // a sender may still be at work: what is on its way stays
	if c := f.Counts(); c[delivery.Dotting] != 1 || c[delivery.Suppressed] != 6 || f.Int(`SELECT finished_at FROM sends`) != 0 {
		t.Errorf("while a sender holds the lease: got %v, want one on its way", c)
	}
	f.Exec(`DELETE FROM send_leases`)
	f.Close()

	f = deliverytest.Open(t, dir)
	if c := f.Counts(); c[delivery.Unknown] != 1 || c[delivery.Suppressed] != 6 || c.Open() != 0 {
		t.Errorf("later: got %v, want what was on its way unknown", c)
	}
}
