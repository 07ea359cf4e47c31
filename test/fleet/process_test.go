//go:build unix

package fleet

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/postgrestest"
)

// A process is one 'digest serve', with its own folder and its own links to the
// database's servers.
type process struct {
	t     testing.TB
	name  string
	dir   string
	bin   string
	roles string
	links []*postgrestest.Link
	log   *os.File
	cmd   *exec.Cmd
	done  chan struct{}
}

func (n *process) run() {
	n.t.Helper()
	n.cmd = exec.Command(n.bin, "serve", "--roles", n.roles, "--node", n.name)
	n.cmd.Dir, n.cmd.Stdout, n.cmd.Stderr = n.dir, n.log, n.log
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	n.done = make(chan struct{})
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) { _ = cmd.Wait(); close(done) }(n.cmd, n.done)
}

// end is SIGTERM: the process finishes what is in flight, and gives 0.
func (n *process) end() {
	n.t.Helper()
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-n.done:
	case <-time.After(2 * time.Minute):
		n.kill()
		n.t.Errorf("%s has not ended two minutes after SIGTERM", n.name)
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		n.t.Errorf("%s: got exit code %d, want 0; its log is %s", n.name, code, n.logged())
	}
	n.cmd = nil
}

func (n *process) kill() {
	_ = n.cmd.Process.Kill()
	<-n.done
}

// sleep stops the process for so long.
func (n *process) sleep(d time.Duration) {
	_ = n.cmd.Process.Signal(syscall.SIGSTOP)
	time.Sleep(d)
	_ = n.cmd.Process.Signal(syscall.SIGCONT)
}

// cut is the process without the database for so long.
func (n *process) cut(d time.Duration) {
	for _, l := range n.links {
		l.Cut()
	}
	time.Sleep(d)
	for _, l := range n.links {
		l.Heal()
	}
}

// logged is the end of what the process has said.
func (n *process) logged() string {
	b, err := os.ReadFile(filepath.Join(n.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4000):])
}

// digest runs a command in the process's folder.
func (n *process) digest(args ...string) (string, error) {
	cmd := exec.Command(n.bin, args...)
	cmd.Dir = n.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
