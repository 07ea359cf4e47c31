//go:build linux

package delivery_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
)

// needStrace skips the test, or fails it in CI, where strace is missing or may
// not trace.
func needStrace(t *testing.T) {
	t.Helper()
	sleep := exec.Command("sleep", "0.2")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("strace", "-f", "-o", os.DevNull, "-e", "inject=write:error=EIO:when=1+", "-p", strconv.Itoa(sleep.Process.Pid)).CombinedOutput()
	if werr := sleep.Wait(); werr != nil {
		t.Fatal(werr)
	}
	if err == nil {
		return
	}
	leaveOut(t, fmt.Sprintf("system calls that fail: strace cannot be used here (%v %s); .ci/tools installs it", err, bytes.TrimSpace(out)))
}

// leaveOut skips the test, or fails it in CI.
func leaveOut(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip("left out: " + why)
}

// An ioFailure is a way in which a file system fails.
type ioFailure struct {
	name  string
	calls string // which system calls fail
	errno string
	first int    // the first one that fails is a random one of so many
	step  int    // and then each so-many-th
	only  string // the suffix of the only file that fails; "": all
	late  bool   // not before the sender sends

	readers int // an edition's
}

const straceLog = "strace.log"

// strace is the command that has calls on a sender's files fail.
func (i *ioFailure) strace(dir string) []string {
	cmd := []string{
		"strace", "-f", "-qq", "-o", filepath.Join(dir, straceLog), "-e", "signal=none", "-e", "trace=" + i.calls,
		"-e", fmt.Sprintf("inject=%s:error=%s:when=%d+%d", i.calls, i.errno, 1+rand.IntN(i.first), i.step),
	}
	db := deliverytest.Path(dir)
	sent := db + ".sent"
	journal := filepath.Join(sent, deliverytest.Week+".journal")
	for _, path := range []string{db, db + "-wal", db + "-shm", sent, journal, journal + ".new"} {
		if strings.HasSuffix(path, i.only) {
			cmd = append(cmd, "-P", path)
		}
	}
	return cmd
}

// A senderRun is how a sender's process ended.
type senderRun struct {
	code          int
	said          string // on standard error
	calls, failed int    // traced, and made to fail
}

// senderHangs is after how long a sender that does not end is called hung.
const senderHangs = 5 * time.Minute

// runSender runs a sender to its end, with failing calls if fail is set.
func runSender(t *testing.T, dir string, sink *smtpsink.Sink, fail *ioFailure) (run senderRun) {
	t.Helper()
	args := []string{os.Args[0], "-test.run=^$"}
	if fail != nil && !fail.late {
		args = append(append(fail.strace(dir), "--seccomp-bpf"), args...)
	}
	var said bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childDir+"="+dir, childAddr+"="+sink.Addr())
	if fail != nil && rand.IntN(2) == 0 {
		cmd.Env = append(cmd.Env, childAgain+"=3")
	}
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // strace and the sender, nobody else
	before := sink.Count()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	detach := func() {}
	if fail != nil && fail.late {
		for sink.Count() == before && len(ended) == 0 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		detach = attach(t, cmd.Process.Pid, fail.strace(dir))
	}
	run.code = exitCode(t, cmd.Process.Pid, ended)
	detach()
	run.said = said.String()
	if fail != nil {
		run.count(t, filepath.Join(dir, straceLog))
	}
	return run
}

// attach traces a process until it ends; it may have ended already.
func attach(t *testing.T, pid int, strace []string) (wait func()) {
	t.Helper()
	cmd := exec.Command(strace[0], append(strace[1:], "-p", strconv.Itoa(pid))...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() { _ = cmd.Wait() } // the log shows whether there was something to trace
}

// exitCode waits for a process's end. One that hangs says where, and is killed.
func exitCode(t *testing.T, pid int, ended chan error) int {
	t.Helper()
	var err error
	select {
	case err = <-ended:
	case <-time.After(senderHangs):
		t.Errorf("the sender has not ended in %s", senderHangs)
		_ = syscall.Kill(-pid, syscall.SIGQUIT)
		time.Sleep(time.Second)
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		err = <-ended
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		t.Fatal(err)
	}
	return exit.ExitCode()
}

// count reads strace's log.
func (r *senderRun) count(t *testing.T, path string) {
	t.Helper()
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(log) {
		if !bytes.Contains(line, []byte("resumed>")) {
			r.calls++
		}
		if bytes.Contains(line, []byte("(INJECTED)")) {
			r.failed++
		}
	}
}
