//go:build unix

package delivery_test

import (
	"errors"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
)

// A failover is an edition that two nodes of this process send from a cluster.
type failover struct {
	t      *testing.T
	c      *postgrestest.Cluster
	f      *deliverytest.Fixture // by a URL that leads to the primary, whichever it is
	server *deliverytest.Server
}

func newFailover(t *testing.T) *failover {
	t.Helper()
	s := &failover{t: t, c: postgrestest.NewCluster(t, postgrestest.Bin(t, "15"), postgrestest.NoSync), server: &deliverytest.Server{}}
	s.begin(s.c.URL())
	s.f.Freeze()
	return s
}

// begin makes a list and an edition of it, by a URL.
func (s *failover) begin(url string) {
	s.t.Helper()
	s.f = s.open(url)
	s.f.AddReaders(200)
	s.f.Edition = s.f.AddEdition(deliverytest.Week)
}

// open is the database by another URL, with the same journals.
func (s *failover) open(url string) *deliverytest.Fixture {
	s.t.Helper()
	db, err := postgrestest.Open(url)
	if err != nil {
		s.t.Fatal(err)
	}
	dir := s.t.TempDir()
	if s.f != nil {
		dir = s.f.Dir
	}
	return deliverytest.Over(s.t, dir, db)
}

// run has a node send to at most so many readers; 0: to all.
func (s *failover) run(f *deliverytest.Fixture, node string, most int64) (delivery.Summary, error) {
	opt := f.Options(s.server)
	opt.Node, opt.Limit = node, most
	return delivery.Run(s.t.Context(), opt)
}

// send is a run that goes well.
func (s *failover) send(node string, most int64) {
	s.t.Helper()
	if _, err := s.run(s.f, node, most); err != nil {
		s.t.Fatalf("node %s: %v", node, err)
	}
}

// refused is a run that does not send.
func (s *failover) refused(node string, want error, words string) {
	s.t.Helper()
	before := len(s.server.Received())
	_, err := s.run(s.f, node, 0)
	if !errors.Is(err, want) || err != nil && !strings.Contains(err.Error(), words) {
		s.t.Errorf("node %s: got %v, want %v with %q", node, err, want, words)
	}
	if got := len(s.server.Received()); got != before {
		s.t.Errorf("node %s: got %d messages sent, want none", node, got-before)
	}
}

// lag leaves the standby without what is committed from now on.
func (s *failover) lag() { s.t.Helper(); s.must(s.c.Detach()) }

// failOver promotes the standby.
func (s *failover) failOver() { s.t.Helper(); s.must(s.c.FailOver()) }

func (s *failover) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// startAgain starts a former primary on a port of its own.
func (s *failover) startAgain(former *postgrestest.Server) {
	s.t.Helper()
	if err := former.Again(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := former.Stop("immediate"); err != nil {
			s.t.Error(err)
		}
	})
}

// finished compares what the server took with the database.
func (s *failover) finished() {
	s.t.Helper()
	if !s.f.Sent() {
		s.t.Errorf("got %v, want the edition sent", s.f.Info().State)
	}
	records := s.f.Deliveries()
	for id, r := range records {
		got := s.server.Received()[deliverytest.Email(id)]
		if got != 1 || r.State != delivery.Accepted && r.State != delivery.Unknown {
			s.t.Errorf("reader %d: got %d messages and %s, want 1, accepted or unknown", id, got, r.State)
		}
	}
	if len(records) != 200 {
		s.t.Errorf("got %d records, want 200", len(records))
	}
}
