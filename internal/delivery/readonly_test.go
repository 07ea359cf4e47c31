//go:build linux

package delivery_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
)

const nobody = 65534

// A sender that may not write its files sends nothing, loses nothing and says
// which file it is; once it may, it sends.
func TestReadOnly(t *testing.T) {
	deliverytest.NeedsFile(t)
	t.Parallel()
	needRoot(t)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string) // as root; nil: mounted read-only
		want  []string
	}{
		"a read-only mount": {nil, []string{"/digest.db: ", "read-only file system"}},
		"file and folder":   {func(t *testing.T, dir string) { own(t, 0, dir, deliverytest.Path(dir)) }, []string{"/digest.db: ", "permission denied"}},
		"the folder":        {func(t *testing.T, dir string) { own(t, 0, dir) }, []string{"FOLDER: ", "permission denied"}},
		"the file":          {func(t *testing.T, dir string) { own(t, 0, deliverytest.Path(dir)) }, []string{"/digest.db: ", "permission denied"}},
		"a WAL left behind": {leaveWAL, []string{"/digest.db-wal: ", "permission denied"}},
		"the journals' folder": {func(t *testing.T, dir string) { own(t, 0, sent(dir)) },
			[]string{"/digest.db.sent/" + deliverytest.Week + ".lock: ", "permission denied"}},
		"the journal": {leaveJournal, []string{"/" + deliverytest.Week + ".journal: ", "permission denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readOnly(t, c.spoil, c.want)
		})
	}
}

func readOnly(t *testing.T, spoil func(*testing.T, string), want []string) {
	const n = 100
	dir := openDir(t)
	f := deliverytest.Open(t, dir)
	f.AddReaders(n)
	f.Edition = f.AddEdition(deliverytest.Week)
	f.Freeze()
	f.Close()
	ledgerPath := filepath.Join(t.TempDir(), "ledger")
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Ledger: ledgerPath})
	if err != nil {
		t.Fatal(err)
	}
	run := func(env ...string) (string, error) {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(append(os.Environ(), childDir+"="+dir, childAddr+"="+sink.Addr()), env...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	as := childUser + "=" + strconv.Itoa(nobody)
	ownAll(t, dir)
	if spoil == nil {
		as = childMount + "=" + dir
	} else {
		spoil(t, dir)
	}
	out, err := run(as)
	t.Logf("%s", out)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() < 1 {
		t.Errorf("got %v and %q, want an error", err, out)
	}
	for _, w := range want {
		if w = strings.ReplaceAll(w, "FOLDER", dir); !strings.Contains(out, w) {
			t.Errorf("got %q, want %q in it", out, w)
		}
	}
	if got := sink.Count(); got != 0 {
		t.Errorf("got %d messages, want none", got)
	}

	if spoil == nil {
		as = ""
	}
	ownAll(t, dir)
	if out, err := run(as); err != nil {
		t.Errorf("writable again: got %v and %q, want the send", err, out)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	f = deliverytest.Open(t, dir)
	if c := f.Counts(); c[delivery.Accepted] != n || len(ledger(t, ledgerPath)) != n {
		t.Errorf("got %v and %d messages, want %d accepted", c, len(ledger(t, ledgerPath)), n)
	}
	f.Verify()
}

func sent(dir string) string { return deliverytest.Path(dir) + ".sent" }

// leaveWAL leaves files that a sender of root's would have left in a crash.
func leaveWAL(t *testing.T, dir string) {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.WriteFile(deliverytest.Path(dir)+suffix, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func leaveJournal(t *testing.T, dir string) {
	path := filepath.Join(sent(dir), deliverytest.Week+".journal")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func own(t *testing.T, uid int, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if err := os.Chown(p, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
}

// ownAll gives everything to nobody.
func ownAll(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			own(t, nobody, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// openDir is a temporary folder that other users may look into.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "readonly")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// needRoot skips the test, or fails it in CI, where nothing can be mounted and
// no other user be.
func needRoot(t *testing.T) {
	t.Helper()
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	err := cmd.Run()
	if os.Getuid() == 0 && err == nil {
		return
	}
	leaveOut(t, fmt.Sprintf("a file system that is read-only: only root can mount one, and be another user (%v)", err))
}
