package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/node"
	"verdicts.example/digest/internal/store/postgrestest"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		url := postgrestest.Schema(t, version)
		db := open(t, url)
		r := db.Registry()
		self := func(name, process, place, base string) node.Node {
			return node.Node{Name: name, Process: process, Place: place, Host: place, PID: 1, Roles: []string{"send"}, Version: "1.0", Settings: map[string]string{"site.base_url": base}}
		}
		report := func(n node.Node, now time.Time) ([]node.Node, error) { return r.Report(t.Context(), n, now) }
		a, b := self("a", "p1", "one", "https://x.example"), self("b", "p2", "two", "https://y.example")
		if others, err := report(a, time.Now()); err != nil || len(others) != 0 {
			t.Fatalf("the first: got %v, %v, want nobody else", others, err)
		}
		others, err := report(b, time.Now().Add(time.Hour))
		if err != nil || len(others) != 1 || !others[0].Alive || others[0].Settings["site.base_url"] != "https://x.example" {
			t.Fatalf("the second: got %+v, %v, want the first", others, err)
		}
		if got := node.Differences(b, others); len(got) != 1 || !strings.Contains(got[0], "site.base_url") {
			t.Errorf("got %q, want the setting that differs", got)
		}
		if others, err = report(a, time.Now()); err != nil || len(others) != 1 || (others[0].Skew-time.Hour).Abs() > time.Minute {
			t.Errorf("got %+v, %v, want the second with its clock an hour ahead", others, err)
		}

		if _, err := report(self("a", "p3", "three", "https://x.example"), time.Now()); !errors.Is(err, node.ErrTaken) || !strings.Contains(err.Error(), "on one") {
			t.Errorf("a name of another host's: got %v, want ErrTaken with the host", err)
		}
		if _, err := report(self("a", "p4", "one", "https://x.example"), time.Now()); err != nil {
			t.Errorf("a process that follows in the same place: got %v, want its name", err)
		}
		if err := r.Leave(t.Context(), self("a", "p1", "one", "")); err != nil {
			t.Fatal(err)
		}
		if _, err := report(self("a", "p5", "three", ""), time.Now()); !errors.Is(err, node.ErrTaken) {
			t.Errorf("the first one's end when it is another's: got %v, want ErrTaken", err)
		}
		if err := r.Leave(t.Context(), self("a", "p4", "one", "")); err != nil {
			t.Fatal(err)
		}
		if _, err := report(self("a", "p5", "three", "https://x.example"), time.Now()); err != nil {
			t.Errorf("a name that was given up: got %v, want it", err)
		}

		list, err := r.Nodes(t.Context())
		if err != nil || !slices.Equal(names(list), []string{"a", "b"}) || list[0].Host != "three" || list[0].Does() != "waits" || list[0].Role() != "send" {
			t.Errorf("got %+v, %v, want both", list, err)
		}
		other := open(t, url+"x") // another list in the same database
		if list, err := other.Registry().Nodes(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("another schema: got %v, %v, want its own", list, err)
		}
	})
}

func names(list []node.Node) (out []string) {
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

// A node that sends is shown with the send and its parts of it.
func TestRegistryShowsWork(t *testing.T) {
	t.Parallel()
	f, db := fixture(t, "15")
	f.AddReaders(100)
	f.AddEdition("2026-W47")
	f.Freeze()
	f.Node = "a"
	if _, err := db.DB.Registry().Report(t.Context(), node.Node{Name: "a", Process: "p"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s, err := f.Leases.Acquire(t.Context(), leaseOf(f.Edition, "a"), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := f.Store.Recover(t.Context(), s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Claim(t.Context(), claimOf(10)); err != nil {
		t.Fatal(err)
	}
	list, err := db.DB.Registry().Nodes(t.Context())
	if err != nil || len(list) != 1 || len(list[0].Works) != 1 || list[0].Works[0].Shards != 1 || !strings.HasPrefix(list[0].Does(), "sends 2026-W47 (1 shards") {
		t.Errorf("got %+v, %v, want one shard of 2026-W47", list, err)
	}
}

func leaseOf(edition int64, name string) delivery.Lease {
	return delivery.Lease{Edition: edition, Node: name, Host: "h", Holder: "test", Until: time.Now().Add(time.Minute)}
}

func claimOf(n int) delivery.Claim { return delivery.Claim{Limit: n, At: time.Now()} }
