package postgrestest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A Pooler is PgBouncer before a server.
type Pooler struct {
	Port int
	mode string
	dir  string
	cmd  *exec.Cmd
}

// NewPooler starts one in transaction mode that leads to a port. The test is left out
// where PgBouncer is not installed.
func NewPooler(t testing.TB, to int) *Pooler {
	t.Helper()
	return NewPoolerIn(t, "transaction", to)
}

// NewPoolerIn is NewPooler in another mode.
func NewPoolerIn(t testing.TB, mode string, to int) *Pooler {
	t.Helper()
	bin := "/usr/sbin/pgbouncer"
	if _, err := os.Stat(bin); err != nil {
		t.Skip("PgBouncer is not installed")
	}
	dir, err := os.MkdirTemp("", "digest-pooler-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &Pooler{dir: filepath.Join(dir, "run"), mode: mode}
	if p.Port, err = freePort(); err == nil {
		err = own(p.dir)
	}
	if err == nil {
		err = p.write(to)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(bin, "--quiet", p.config())
	p.cmd.SysProcAttr = &syscall.SysProcAttr{}
	if id, ok := unprivileged(); ok {
		p.cmd.SysProcAttr.Credential = id
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	p.await(t)
	return p
}

func (p *Pooler) config() string { return filepath.Join(p.dir, "pgbouncer.ini") }

func (p *Pooler) write(to int) error {
	return os.WriteFile(p.config(), fmt.Appendf(nil, `[databases]
postgres = host=127.0.0.1 port=%d user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = %s
ignore_startup_parameters = search_path
server_login_retry = 1
`, to, p.Port, p.mode), 0o644)
}

func (p *Pooler) await(t testing.TB) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.Port))
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatal(err)
		}
	}
}

// URL leads through the pooler. Role and server have to know the search path: the
// pooler passes none on.
func (p *Pooler) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?default_query_exec_mode=exec", p.Port)
}

// Point has the pooler lead elsewhere. Its clients' connections stay.
func (p *Pooler) Point(to int) error {
	if err := p.write(to); err != nil {
		return err
	}
	return p.cmd.Process.Signal(syscall.SIGHUP)
}
