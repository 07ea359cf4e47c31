package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// A Cluster is a primary and a standby on two ports that stay the same: after a
// promotion a new standby is made in the former primary's place.
type Cluster struct {
	Primary *Server
	Standby *Server

	dir    string
	stream *Link // what the standby gets the log through
	made   int
}

// NewCluster starts both, with lines of postgresql.conf, and has every commit wait
// for the standby. The test is left out where the folder of programs cannot replicate.
func NewCluster(t testing.TB, bin string, settings ...string) *Cluster {
	t.Helper()
	if !CanReplicate(bin) {
		t.Skipf("%s has no pg_basebackup", bin)
	}
	dir, err := os.MkdirTemp("", "digest-cluster-")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{dir: dir}
	t.Cleanup(func() {
		for _, s := range []*Server{c.Primary, c.Standby} {
			if s != nil {
				err = errors.Join(err, s.Stop("immediate"))
			}
		}
		if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	if c.Primary, err = Start(bin, c.next(), settings...); err == nil {
		err = c.follow(0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// next is the folder of the next server.
func (c *Cluster) next() string {
	c.made++
	return filepath.Join(c.dir, strconv.Itoa(c.made))
}

// follow makes a standby, on a port, that every commit waits for.
func (c *Cluster) follow(port int) (err error) {
	if c.stream, err = NewLink(c.Primary.Port); err != nil {
		return err
	}
	if c.Standby, err = c.Primary.Standby(c.next(), c.stream.Port, port); err != nil {
		return err
	}
	return c.Primary.Synchronous(true)
}

// URL leads to the primary, whichever it is.
func (c *Cluster) URL() string { return FleetURL("postgres", c.Primary.Port, c.Standby.Port) }

// Links are one client's own ways to the two servers.
func (c *Cluster) Links(t testing.TB) (list []*Link) {
	t.Helper()
	for _, s := range []*Server{c.Primary, c.Standby} {
		l, err := NewLink(s.Port)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		list = append(list, l)
	}
	return list
}

// Report is what the primary is at, who follows it, and what both servers have logged: for
// whoever waits in vain.
func (c *Cluster) Report() string {
	out, err := c.Primary.Command("psql", "--no-align", "--dbname="+c.Primary.URL("postgres"), "--command="+`
		SELECT pid, application_name, state, wait_event_type, wait_event, now() - xact_start AS since, pg_blocking_pids(pid), query
		FROM pg_stat_activity WHERE backend_type = 'client backend' AND xact_start IS NOT NULL`, "--command="+`
		SELECT application_name, state, sync_state, sent_lsn, flush_lsn, pg_current_wal_lsn() FROM pg_stat_replication`).CombinedOutput()
	report := fmt.Sprintf("the primary is at, and is followed by: %v\n%s", err, out)
	for _, s := range []*Server{c.Primary, c.Standby} {
		report += fmt.Sprintf("the log on port %d:\n%s\n", s.Port, s.log)
	}
	return report
}

// Crash is a crash of the primary, which starts again.
func (c *Cluster) Crash() error { return errors.Join(c.Primary.Stop("immediate"), c.Primary.Run()) }

// Detach leaves the standby without the log, and commits without it.
func (c *Cluster) Detach() error {
	err := c.Primary.Synchronous(false)
	c.stream.Cut()
	return err
}

// FailOver is the primary's end and the standby's promotion. Until there is a new
// standby, nothing waits for one.
func (c *Cluster) FailOver() error {
	former := c.Primary
	if err := errors.Join(former.Stop("immediate"), c.Standby.Promote(), c.stream.Close()); err != nil {
		return err
	}
	c.Primary, c.Standby = c.Standby, nil
	return c.follow(former.Port)
}
