package postgres_test

import (
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgres"
	"verdicts.example/digest/internal/store/postgrestest"
	"verdicts.example/digest/internal/store/transfer"
)

func TestUsualGroups(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		fresh := func(t *testing.T) *deliverytest.Fixture {
			f, _ := fixture(t, version)
			return f
		}
		deliverytest.RunUsualGroups(t, fresh, postgres.RecordUsual)
	})
}

// TestTally looks at what usual groups count, at every turn of it: the counts of now are
// those of the rows, and those that are kept are when the sender's epoch has ended.
func TestTally(t *testing.T) {
	t.Parallel()
	type sender struct {
		*deliverytest.Fixture
		delivery.Queue
	}
	usual := func(s sender, g *delivery.Group, want bool) {
		t.Helper()
		if done, err := postgres.RecordUsual(s.Queue, g); err != nil || done != want {
			t.Errorf("got %v, %v, want %v", done, err, want)
		}
	}
	for name, end := range map[string]func(s sender){
		"the next day": func(s sender) {
			for i, id := range []int64{7, 8} {
				g := deliverytest.UsualGroup(uint64(5+i), nil, []int64{id})
				g.Day = 2
				usual(s, g, false)
				record(t, begun{Queue: s.Queue}, g)
			}
		},
		"another relay": func(s sender) {
			for i, id := range []int64{7, 8} {
				g := deliverytest.UsualGroup(uint64(5+i), nil, []int64{id})
				g.Intents[0].Relay = "b"
				usual(s, g, false)
				record(t, begun{Queue: s.Queue}, g)
			}
		},
		"a reader who left": func(s sender) {
			s.Leave(7)
			g := deliverytest.UsualGroup(5, nil, []int64{7, 8})
			usual(s, g, false)
			if res := record(t, begun{Queue: s.Queue}, g); len(res.Withdrawn) != 1 {
				t.Errorf("got %+v, want one withdrawn", res)
			}
			usual(s, deliverytest.UsualGroup(6, []int64{8}, []int64{9}), true) // it is opened again
		},
		"the lease is given back": func(s sender) {
			try(t, s.Leases.Release(t.Context(), delivery.Sender{Edition: s.Edition, Epoch: 1}))
		},
		"the node sends anew": func(s sender) {
			s.TakeOver()
		},
		"another takes over": func(s sender) {
			try(t, s.Database.(*postgrestest.Fixture).Lapse())
			other := beginAs(t, s.Fixture, "other")
			if _, err := s.Record(t.Context(), deliverytest.UsualGroup(5, []int64{5, 6}, []int64{7})); !errors.Is(err, delivery.ErrLeaseLost) {
				t.Errorf("got %v, want ErrLeaseLost", err)
			}
			claimed(t, other, 4)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, db := fixture(t, "15")
			s := sender{f, f.BeginUsual(10)}
			usual(s, deliverytest.UsualGroup(3, []int64{1, 2}, []int64{3, 4}), true)
			usual(s, deliverytest.UsualGroup(4, []int64{3, 4}, []int64{5, 6}), true)
			sound := func() {
				t.Helper()
				if err := db.Sound(); err != nil {
					t.Error(err)
				}
			}
			sound()
			if got, err := db.DB.Deliveries().SentOnDay(t.Context(), 1); err != nil || got != 6 {
				t.Errorf("got %d messages of the day and %v, want 6", got, err)
			}
			end(s)
			sound()
			lacks := number(t, db, `SELECT count(*) FROM send_journals WHERE tally_epoch > 0 AND tally_epoch NOT IN (SELECT epoch FROM send_leases WHERE expires_at IS NOT NULL)`)
			if lacks > 0 {
				t.Errorf("got %d tallies of senders that have ended, want none", lacks)
			}
			got, err := db.DB.Deliveries().SentOnDay(t.Context(), 1)
			rows := number(t, db, `SELECT sum(dots)::bigint FROM deliveries`)
			second, err2 := db.DB.Deliveries().SentOnDay(t.Context(), 2)
			if err := errors.Join(err, err2); err != nil || got+second != rows {
				t.Errorf("got %d and %d messages of two days and %v, want %d", got, second, err, rows)
			}
		})
	}
}

// Who was asked for before is no usual reader: the row has a relay already, and counts for
// it.
func TestAskedForBeforeIsNotUsual(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]delivery.Outcome{
		"put off":    {ID: 3, State: delivery.Deferred, Attempt: true, Reply: "450 later", Relay: "a"},
		"given back": {ID: 3, State: delivery.Queued, Reply: "421 closing", Relay: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := fixture(t, "15")
			q := f.BeginUsual(4)
			now := time.Now()
			before.NextAttempt = now
			record(t, begun{Queue: q}, &delivery.Group{Seq: 3, Day: 1, Outcomes: []delivery.Outcome{before}})
			c, err := q.Claim(t.Context(), delivery.Claim{Limit: 4, At: now, Due: now.Add(time.Second)})
			if err == nil && len(c.Recipients) == 0 {
				c, err = q.Claim(t.Context(), delivery.Claim{Limit: 4, At: now, Only: []int64{3}})
			}
			if err != nil || len(c.Recipients) != 1 {
				t.Fatalf("got %+v and %v, want the one who was asked for before", c, err)
			}
			g := deliverytest.UsualGroup(4, nil, []int64{3})
			if done, err := postgres.RecordUsual(q, g); done || err != nil {
				t.Errorf("got %v and %v, want it left alone", done, err)
			}
			if res := record(t, begun{Queue: q}, g); len(res.Withdrawn) > 0 {
				t.Errorf("got %+v, want the intent to hold", res)
			}
		})
	}
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// number is what a query of one number gives.
func number(t *testing.T, db *postgrestest.Fixture, query string) int64 {
	t.Helper()
	n, err := db.Int(query)
	try(t, err)
	return n
}

// A usual group is recorded on the server alone that its sender began on.
func TestUsualGroupOnAnotherServer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string) {
		for name, begin := range map[string]func(delivery.Queue){
			"on another timeline": func(q delivery.Queue) { postgres.Began(q, "", 1) },
			"of another cluster":  func(q delivery.Queue) { postgres.Began(q, "1", 0) },
		} {
			f, _ := fixture(t, version)
			q := f.BeginUsual(4)
			begin(q)
			g := deliverytest.UsualGroup(3, []int64{1, 2}, []int64{3})
			if done, err := postgres.RecordUsual(q, g); done || err != nil {
				t.Errorf("%s: got %v and %v, want it left alone", name, done, err)
			}
			if _, err := q.Record(t.Context(), g); !errors.Is(err, delivery.ErrServerMoved) {
				t.Errorf("%s: got %v, want %v", name, err, delivery.ErrServerMoved)
			}
		}
	})
}

// TestMovesWithATally moves the list after a send whose sender was killed before it gave its
// lease back: what its usual groups have counted is in the counts and days that move.
func TestMovesWithATally(t *testing.T) {
	t.Parallel()
	from, to := postgrestest.Database(t, "15"), postgrestest.Database(t, "15")
	db, err := postgrestest.Open(from)
	try(t, err)
	f := deliverytest.Over(t, t.TempDir(), db)
	q := f.BeginUsual(5)
	record(t, begun{Queue: q}, deliverytest.UsualGroup(3, []int64{1, 2}, []int64{3, 4, 5}))
	record(t, begun{Queue: q}, &delivery.Group{Seq: 4, Day: 1, Outcomes: deliverytest.UsualGroup(4, []int64{3, 4, 5}, nil).Outcomes})
	if finished, err := q.Finish(t.Context(), time.Now()); !finished || err != nil {
		t.Fatalf("got %v and %v, want it finished", finished, err)
	}
	if n := number(t, db, `SELECT tally_dots FROM send_journals`); n == 0 {
		t.Fatal("got no tally, want an open one")
	}
	counts := f.Counts()
	f.Close()
	a, err := postgres.OpenToMove(t.Context(), postgres.Options{URL: from}, false)
	try(t, err)
	b, err := postgres.OpenToMove(t.Context(), postgres.Options{URL: to}, true)
	try(t, err)
	_, err = transfer.Run(t.Context(), a.Transfer(), b.Transfer(), transfer.Options{})
	try(t, errors.Join(err, a.Close(), b.Close()))
	there, err := postgrestest.Open(to)
	try(t, err)
	moved := there.DB.Deliveries()
	if got, err := moved.Counts(t.Context(), f.Edition); err != nil || got != counts {
		t.Errorf("got %v and %v, want %v", got, err, counts)
	}
	if got, err := moved.SentOnDay(t.Context(), 1); err != nil || got != 5 {
		t.Errorf("got %d messages of the day and %v, want 5", got, err)
	}
	try(t, errors.Join(there.Sound(), there.Close()))
}
