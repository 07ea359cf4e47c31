package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Versions are those that the suites run on: Debian's, and the newest.
func Versions() []string { return []string{"15", "18"} }

// A pack is the servers of one test binary: one a version, started at its first
// test and stopped when the binary ends (see Main).
type pack struct {
	mu      sync.Mutex
	servers map[string]*Server
	dirs    []string
	made    atomic.Int64
}

var running pack

// Main runs a package's tests and stops the servers that they have started. It
// is the package's TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
//
// Those of the versions are started before: a test in which time does not pass by
// itself (testing/synctest) cannot wait for one.
func Main(m interface{ Run() int }, versions ...string) int {
	defer running.stop()
	for _, v := range versions {
		if Find(v) == "" && os.Getenv("CI") != "true" {
			fmt.Fprintln(os.Stderr, "left out: PostgreSQL", v, "is not installed")
			return 0
		}
		if _, err := running.start(Find(v), v); err != nil {
			fmt.Fprintln(os.Stderr, "start PostgreSQL", v+":", err)
			return 1
		}
	}
	return m.Run()
}

// Database makes an empty database on the version's server and gives its URL,
// which leads to the superuser. It skips the test where the machine has no such
// server, and fails it with CI=true.
func Database(t testing.TB, version string) string {
	t.Helper()
	Bin(t, version)
	url, err := Make(version)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// Make is Database for who has no test at hand.
func Make(version string) (url string, err error) {
	s, err := running.start(Find(version), version)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("t%d", running.made.Add(1))
	c, err := pgx.Connect(context.Background(), s.URL("postgres"))
	if err != nil {
		return "", err
	}
	_, err = c.Exec(context.Background(), "CREATE DATABASE "+name+" TEMPLATE template0")
	return s.URL(name), errors.Join(err, c.Close(context.Background()))
}

// Schema is Database without one of its own: an empty schema of one that all
// tests share, which takes a tenth of the time.
func Schema(t testing.TB, version string) string {
	t.Helper()
	s := running.server(t, version)
	return fmt.Sprintf("%s?schema=t%d", s.URL("postgres"), running.made.Add(1))
}

// Bin is the folder of a version's programs, for tests with a server of their
// own; see Database for where there is none.
func Bin(t testing.TB, version string) string {
	t.Helper()
	bin := Find(version)
	if bin != "" {
		return bin
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("PostgreSQL %s is not installed: .ci/tools", version)
	}
	t.Skipf("PostgreSQL %s is not installed", version)
	return ""
}

func (p *pack) server(t testing.TB, version string) *Server {
	t.Helper()
	s, err := p.start(Bin(t, version), version)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (p *pack) start(bin, version string) (*Server, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.servers[version]; s != nil {
		return s, nil
	}
	dir, err := os.MkdirTemp("", "digest-postgres-")
	if err != nil {
		return nil, err
	}
	p.dirs = append(p.dirs, dir)
	s, err := Start(bin, dir, NoSync, "autovacuum=off")
	if err != nil {
		return nil, err
	}
	if p.servers == nil {
		p.servers = map[string]*Server{}
	}
	p.servers[version] = s
	return s, nil
}

func (p *pack) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.servers {
		if err := s.Stop("immediate"); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		}
	}
	for _, d := range p.dirs {
		_ = os.RemoveAll(d)
	}
}
