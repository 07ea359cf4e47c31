package postgrestest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// CanReplicate reports whether a folder of programs has what a standby takes:
// npm's PostgreSQL has no pg_basebackup.
func CanReplicate(bin string) bool {
	_, err := os.Stat(filepath.Join(bin, "pg_basebackup"))
	return err == nil
}

// Standby makes a standby of s below dir, by pg_basebackup, and starts it on a port;
// 0 is a free one. It follows s through another port: a Link's, or s's own.
func (s *Server) Standby(dir string, through, port int) (*Server, error) {
	b := &Server{Bin: s.Bin, Dir: filepath.Join(dir, "data"), Port: port, settings: s.settings}
	if err := own(dir); err != nil {
		return nil, err
	}
	conninfo := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres", through)
	out, err := s.Command("pg_basebackup", "-D", b.Dir, "-d", conninfo, "-R", "-X", "stream", "-c", "fast", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w: %s", err, out)
	}
	if b.Port == 0 {
		if b.Port, err = freePort(); err != nil {
			return nil, err
		}
	}
	return b, b.Run()
}

// Promote makes a standby the primary, and returns when it takes writes.
func (s *Server) Promote() error {
	out, err := s.Command("pg_ctl", "promote", "-w", "-t", "300", "-D", s.Dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pg_ctl promote: %w: %s", err, out)
	}
	return nil
}

// Again starts a server that was stopped, on another port.
func (s *Server) Again() (err error) {
	if s.Port, err = freePort(); err != nil {
		return err
	}
	return s.Run()
}

// Synchronous has every commit of the primary wait for a standby, or no longer. It
// returns when there is one that commits wait for.
func (s *Server) Synchronous(on bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	names := map[bool]string{true: "*", false: ""}[on]
	for _, query := range []string{`ALTER SYSTEM SET synchronous_standby_names = '` + names + `'`, `SELECT pg_reload_conf()`} {
		if _, err := c.Exec(ctx, query); err != nil {
			return err
		}
	}
	for there := !on; !there; time.Sleep(10 * time.Millisecond) {
		if err := c.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))`).Scan(&there); err != nil {
			return fmt.Errorf("wait for a synchronous standby: %w", err)
		}
	}
	return nil
}

// FleetURL leads to whichever of the ports takes writes.
func FleetURL(database string, ports ...int) string {
	var hosts []string
	for _, p := range ports {
		hosts = append(hosts, fmt.Sprintf("127.0.0.1:%d", p))
	}
	return "postgres://postgres@" + strings.Join(hosts, ",") + "/" + database + "?target_session_attrs=read-write"
}

// A Link is a way to a server that can be cut.
type Link struct {
	Port int
	ln   net.Listener
	to   int

	mu    sync.Mutex
	off   bool
	open  map[net.Conn]bool
	loses func(toServer bool, said []byte) bool
}

// NewLink opens a way to a port of this machine.
func NewLink(to int) (*Link, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Link{Port: ln.Addr().(*net.TCPAddr).Port, ln: ln, to: to, open: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go l.pass(c)
		}
	}()
	return l, nil
}

// Close takes no more connections, and ends those that there are.
func (l *Link) Close() error {
	l.Cut()
	return l.ln.Close()
}

func (l *Link) pass(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.to))
	if err != nil {
		return
	}
	defer s.Close()
	l.mu.Lock()
	if l.off {
		l.mu.Unlock()
		return
	}
	l.open[c], l.open[s] = true, true
	loses := l.loses
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.open, c)
		delete(l.open, s)
		l.mu.Unlock()
	}()
	go func() { carry(s, c, true, loses); _ = s.Close(); _ = c.Close() }()
	carry(c, s, false, loses)
}

// carry passes on what is said, until it is lost.
func carry(to, from net.Conn, toServer bool, loses func(bool, []byte) bool) {
	if loses == nil {
		_, _ = io.Copy(to, from)
		return
	}
	for b := make([]byte, 64<<10); ; {
		n, err := from.Read(b)
		if err != nil || loses(toServer, b[:n]) {
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

// Lose has fn look at what is said over connections made from now on, to the server or by
// it: what it reports is lost, and its connection ends.
func (l *Link) Lose(fn func(toServer bool, said []byte) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loses = fn
}

// Cut ends all connections and lets none through until Heal.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off = true
	for c := range l.open {
		_ = c.Close()
	}
}

// Heal lets connections through again.
func (l *Link) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off = false
}
