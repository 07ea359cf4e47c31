package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
)

// begun is a sender of one edition that has begun.
type begun struct {
	delivery.Sender
	delivery.Queue
}

// beginAs takes a lease that has run out when the next statement comes, and recovers.
func beginAs(t *testing.T, f *deliverytest.Fixture, node string) begun {
	t.Helper()
	s, err := f.Leases.Acquire(t.Context(), lapsing(f.Edition, node), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := f.Store.Recover(t.Context(), s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return begun{s, q}
}

func lapsing(edition int64, node string) delivery.Lease {
	now := time.Now()
	return delivery.Lease{Edition: edition, Node: node, Host: "h", Holder: "test", Until: now.Add(time.Millisecond)}
}

// The fence alone keeps a take-over out while a group of the old sender is on its way:
// the group is held up between the fence and its intents, at a row that no take-over
// touches. Whoever takes over waits for it, so that its intents hold; without the fence
// they would be queued again meanwhile, and the old sender would be told that its readers
// had left.
func TestTakeOverWaitsForAGroup(t *testing.T) {
	t.Parallel()
	f, db := fixture(t, "15")
	f.AddReaders(100)
	f.AddEdition(deliverytest.Week)
	f.Freeze()
	// Reader 1 is unknown by an earlier sender, whose answer comes late.
	first := beginAs(t, f, "a")
	claimed(t, first, 1)
	record(t, first, &delivery.Group{Seq: 1, Intents: []delivery.Intent{{ID: 1}}})
	old := beginAs(t, f, "b")
	claimed(t, old, 10)

	row, err := db.Raw.Begin(t.Context())
	if err == nil {
		_, err = row.Exec(t.Context(), `SELECT 1 FROM deliveries WHERE edition_id = $1 AND subscriber_id = 1 FOR UPDATE`, f.Edition)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = row.Rollback(context.WithoutCancel(t.Context())) }() // a failure leaves nobody waiting
	recorded := make(chan delivery.GroupResult, 1)
	go func() {
		recorded <- record(t, old, &delivery.Group{
			Seq:      1,
			Outcomes: []delivery.Outcome{{ID: 1, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 late"}},
			Intents:  []delivery.Intent{{ID: 2}, {ID: 3}},
		})
	}()
	locked(t, db, 1)
	took := make(chan delivery.Recovered, 1)
	s, err := f.Leases.Acquire(t.Context(), lapsing(f.Edition, "c"), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, out, err := f.Store.Recover(context.WithoutCancel(t.Context()), s, time.Now())
		if err != nil {
			t.Error(err)
		}
		took <- out
	}()
	if early := lockedOr(t, db, 2, took); early != nil {
		t.Fatalf("got %+v taken over while a group was between its fence and its intents, want it to wait", *early)
	}
	if err := row.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if res := <-recorded; len(res.Withdrawn) > 0 || res.Gate != nil {
		t.Errorf("got %+v, want the old sender's intents to hold", res)
	}
	if out := <-took; out.Unknown != 2 || out.Requeued != 8 {
		t.Errorf("got %+v taken over, want its 2 messages unknown and its 8 readers queued", out)
	}
	if _, err := old.Record(t.Context(), &delivery.Group{Seq: 2, At: time.Now(), Intents: []delivery.Intent{{ID: 4}}}); !errors.Is(err, delivery.ErrLeaseLost) {
		t.Errorf("afterwards: got %v, want ErrLeaseLost", err)
	}
}

func claimed(t *testing.T, s begun, n int) {
	t.Helper()
	if c, err := s.Claim(t.Context(), claimOf(n)); err != nil || len(c.Recipients) != n {
		t.Fatalf("claim: got %d, %v, want %d", len(c.Recipients), err, n)
	}
}

// record records a group, from any goroutine.
func record(t *testing.T, s begun, g *delivery.Group) delivery.GroupResult {
	g.At = time.Now()
	res, err := s.Record(context.WithoutCancel(t.Context()), g)
	if err != nil {
		t.Error(err)
	}
	return res
}

// locked waits until so many transactions of the schema's wait for another one.
func locked(t *testing.T, db *postgrestest.Fixture, n int64) {
	t.Helper()
	lockedOr(t, db, n, make(chan delivery.Recovered))
}

// lockedOr is locked, unless something comes first.
func lockedOr(t *testing.T, db *postgrestest.Fixture, n int64, first <-chan delivery.Recovered) *delivery.Recovered {
	t.Helper()
	schema := "digest"
	if _, after, ok := strings.Cut(db.URL, "?schema="); ok {
		schema = after
	}
	for began := time.Now(); ; {
		waiting, err := db.Int(`SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`, "digest "+schema)
		if err != nil {
			t.Fatal(err)
		}
		if waiting >= n {
			return nil
		}
		select {
		case got := <-first:
			return &got
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatalf("got %d waiting for a lock, want %d", waiting, n)
		}
	}
}
