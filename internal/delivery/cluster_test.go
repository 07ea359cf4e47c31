//go:build unix

package delivery_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"verdicts.example/digest/internal/store/postgrestest"
)

// A cluster is a primary and a standby on two ports that stay the same: after a
// promotion a new standby is made in the former primary's place.
type cluster struct {
	dir     string
	primary *postgrestest.Server
	standby *postgrestest.Server
	stream  *postgrestest.Link // what the standby gets the log through
	made    int
}

func newCluster(t *testing.T, bin string) *cluster {
	t.Helper()
	if !postgrestest.CanReplicate(bin) {
		t.Skipf("%s has no pg_basebackup", bin)
	}
	dir, err := os.MkdirTemp("", "digest-nodes-")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{dir: dir}
	t.Cleanup(func() {
		for _, s := range []*postgrestest.Server{c.primary, c.standby} {
			if s != nil {
				err = errors.Join(err, s.Stop("immediate"))
			}
		}
		if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	if c.primary, err = postgrestest.Start(bin, c.next()); err != nil {
		t.Fatal(err)
	}
	c.follow(t, 0)
	return c
}

// next is the folder of the next server.
func (c *cluster) next() string {
	c.made++
	return filepath.Join(c.dir, strconv.Itoa(c.made))
}

// follow makes a standby, on a port, that every commit waits for.
func (c *cluster) follow(t *testing.T, port int) {
	t.Helper()
	var err error
	if c.stream, err = postgrestest.NewLink(c.primary.Port); err == nil {
		c.standby, err = c.primary.Standby(c.next(), c.stream.Port, port)
	}
	if err == nil {
		err = c.primary.Synchronous(true)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// url leads to the primary, whichever it is.
func (c *cluster) url() string {
	return postgrestest.FleetURL("postgres", c.primary.Port, c.standby.Port)
}

// links are a node's ways to the two servers.
func (c *cluster) links(t *testing.T) (list []*postgrestest.Link) {
	t.Helper()
	for _, s := range []*postgrestest.Server{c.primary, c.standby} {
		l, err := postgrestest.NewLink(s.Port)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		list = append(list, l)
	}
	return list
}

// crash is a crash of the primary, which starts again.
func (c *cluster) crash(t *testing.T) {
	t.Helper()
	if err := errors.Join(c.primary.Stop("immediate"), c.primary.Run()); err != nil {
		t.Fatal(err)
	}
}

// detach leaves the standby without the log, and commits without it.
func (c *cluster) detach(t *testing.T) {
	t.Helper()
	if err := c.primary.Synchronous(false); err != nil {
		t.Fatal(err)
	}
	c.stream.Cut()
}

// failOver is the primary's end and the standby's promotion. Until there is a new
// standby, nothing waits for one.
func (c *cluster) failOver(t *testing.T) {
	t.Helper()
	former := c.primary
	err := errors.Join(former.Stop("immediate"), c.standby.Promote(), c.stream.Close())
	if err != nil {
		t.Fatal(err)
	}
	c.primary, c.standby = c.standby, nil
	c.follow(t, former.Port)
}
