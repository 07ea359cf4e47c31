//go:build unix

package delivery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	registered "verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/store/postgrestest"
)

// TestFailoverBehindAPooler points a pooler in transaction mode at a promoted standby,
// under connections that stay. The standby has the sender's lease and its claims, and
// not what was sent since: the fence itself has to see that it is another server.
func TestFailoverBehindAPooler(t *testing.T) {
	t.Parallel()
	s := &failover{t: t, c: postgrestest.NewCluster(t, postgrestest.Bin(t, "15"), postgrestest.NoSync), server: &deliverytest.Server{}}
	s.searchPath()
	pooler := postgrestest.NewPooler(t, s.c.Primary.Port)
	s.begin(pooler.URL())
	s.f.Freeze()
	var mu sync.Mutex
	taken := 0
	s.server.Before = func(delivery.Envelope) {
		mu.Lock()
		defer mu.Unlock()
		switch taken++; taken {
		case 10:
			s.must(s.c.Detach())
		case 60:
			s.must(errors.Join(s.c.FailOver(), pooler.Point(s.c.Primary.Port)))
		}
	}
	if _, err := s.run(s.f, "a", 0); !errors.Is(err, delivery.ErrServerMoved) {
		t.Errorf("the pooler leads to a promoted standby: got %v, want %v", err, delivery.ErrServerMoved)
	}
	if got := s.f.Counts()[delivery.Accepted]; got >= 60 {
		t.Errorf("got %d accepted on the promoted standby, want it to have forgotten some of 60", got)
	}
	s.send("a", 0)
	s.finished()
}

// searchPath has the role know its schema: a pooler passes none on.
func (s *failover) searchPath() {
	s.t.Helper()
	c, err := pgx.Connect(context.Background(), s.c.Primary.URL("postgres"))
	if err == nil {
		_, err = c.Exec(context.Background(), `ALTER ROLE postgres SET search_path = digest`)
		err = errors.Join(err, c.Close(context.Background()))
	}
	s.must(err)
}

// TestFailoverWithoutTheFreeze promotes an asynchronous standby that lacks the freeze
// itself. The edition is frozen again, and who had a part in it compares its journal
// before anybody is mailed.
func TestFailoverWithoutTheFreeze(t *testing.T) {
	t.Parallel()
	s := &failover{t: t, c: postgrestest.NewCluster(t, postgrestest.Bin(t, "15"), postgrestest.NoSync), server: &deliverytest.Server{}}
	s.begin(s.c.URL())
	registry := s.f.Database.(*postgrestest.Fixture).DB.Registry()
	for _, name := range []string{"a", "b"} {
		if _, err := registry.Report(t.Context(), registered.Node{Name: name, Process: name, Place: name}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	s.lag()
	s.f.Freeze()
	s.send("a", 20)
	s.send("b", 20)
	s.failOver()
	if _, err := s.f.Store.Info(t.Context(), s.f.Edition); !errors.Is(err, delivery.ErrNotFound) {
		t.Fatalf("got %v, want the standby to lack the freeze", err)
	}
	s.f.Freeze()
	s.refused("a", delivery.ErrServerMoved, "these nodes have compared their journals: b")
	s.send("b", 20)
	s.send("a", 0)
	s.finished()
}
