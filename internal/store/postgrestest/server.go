// Package postgrestest starts PostgreSQL servers for tests: real ones, in a
// temporary folder, on a free port of loopback, run as user postgres
// where the test is root's, and stopped by their own pid.
package postgrestest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Server is one cluster.
type Server struct {
	Bin  string // the folder of initdb and postgres
	Dir  string // its data
	Port int
	cmd  *exec.Cmd
	log  *bytes.Buffer
	done chan struct{}

	settings []string // lines of postgresql.conf
}

// NoSync is the setting for tests in which processes die, and never the machine: the
// disk need not be waited for.
const NoSync = "fsync=off"

// Find gives the folder of a version's programs ("15", "18"); "" where this
// machine has none: Debian's, or npm's (see .ci/tools).
func Find(version string) string {
	peers := os.Getenv("DIGEST_PEERS")
	if peers == "" {
		peers = "/var/cache/digest-peers"
	}
	patterns := []string{"/usr/lib/postgresql/" + version + "/bin", filepath.Join(peers, "postgres"+version, "native/bin")}
	for _, dir := range patterns {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir
		}
	}
	return ""
}

// Start makes a cluster below dir and starts it. settings are lines of
// postgresql.conf.
func Start(bin, dir string, settings ...string) (*Server, error) {
	s := &Server{Bin: bin, Dir: filepath.Join(dir, "data"), settings: settings}
	if err := own(dir); err != nil {
		return nil, err
	}
	out, err := s.Command("initdb", "-D", s.Dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	for range 5 {
		if s.Port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.Run(); err == nil || !strings.Contains(s.log.String(), "could not bind") {
			return s, err
		}
	}
	return s, err // others took the ports meanwhile
}

// Run starts a cluster that is there. It returns when the server takes
// connections (a standby: read-only ones).
func (s *Server) Run() error {
	args := []string{"-D", s.Dir, "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "log_min_messages=error", "-c", "log_min_error_statement=panic"}
	for _, line := range s.settings {
		args = append(args, "-c", line)
	}
	s.cmd, s.log, s.done = s.Command("postgres", args...), &bytes.Buffer{}, make(chan struct{})
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func(cmd *exec.Cmd, done chan struct{}) { _ = cmd.Wait(); close(done) }(s.cmd, s.done)
	return s.Ready(2 * time.Minute)
}

// Ready waits until the server takes connections.
func (s *Server) Ready(most time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.URL("postgres")+"?connect_timeout=20")
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-s.done:
			return fmt.Errorf("postgres ended: %s", s.log)
		case <-ctx.Done():
			return fmt.Errorf("postgres does not take connections: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// URL leads to a database as the superuser.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s", s.Port, database)
}

// Stop ends the server: "fast", or "immediate", which is a crash.
func (s *Server) Stop(mode string) error {
	sig := map[string]syscall.Signal{"fast": syscall.SIGINT, "immediate": syscall.SIGQUIT}[mode]
	if err := s.cmd.Process.Signal(sig); err != nil {
		return nil // it has ended
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(time.Minute):
		return s.cmd.Process.Kill()
	}
}

// Command runs one of the server's programs as whom it may run.
func (s *Server) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.Bin, name), args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "PG") })
	cmd.Dir = filepath.Dir(s.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	if id, ok := unprivileged(); ok {
		cmd.SysProcAttr.Credential = id
	}
	return cmd
}

// own gives a folder, and the way to it, to the user who runs the server.
func own(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	id, ok := unprivileged()
	if !ok {
		return nil
	}
	for d := filepath.Dir(dir); d != "/" && d != os.TempDir(); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			return err
		}
	}
	return os.Chown(dir, int(id.Uid), int(id.Gid))
}

// unprivileged is who runs a server for root, which postgres refuses.
func unprivileged() (*syscall.Credential, bool) {
	if os.Getuid() != 0 {
		return nil, false
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gerr := strconv.ParseUint(u.Gid, 10, 32)
		if uerr == nil && gerr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, true
		}
	}
	return nil, false
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
