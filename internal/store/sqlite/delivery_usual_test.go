package sqlite_test

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/sqlite"
)

// TestUsualGroups records groups the quick way. Those that are not usual it leaves alone,
// as a whole.
func TestUsualGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(*deliverytest.Fixture)
		change func(*delivery.Group)
		want   bool
	}{
		"as nearly all are":     {want: true},
		"with no outcome":       {change: func(g *delivery.Group) { g.Outcomes = nil }, want: true},
		"with no intent":        {change: func(g *delivery.Group) { g.Intents = nil }},
		"a reader has left":     {before: func(f *deliverytest.Fixture) { f.Leave(4) }},
		"the edition is paused": {before: func(f *deliverytest.Fixture) { f.Pause("look") }},
		"the edition is ended":  {before: (*deliverytest.Fixture).Cancel},
		"the lease is lost":     {before: (*deliverytest.Fixture).TakeOver},
		"a refusal":             {change: func(g *delivery.Group) { g.Outcomes[0].State = delivery.Failed }},
		"not in the hand":       {change: func(g *delivery.Group) { g.Outcomes[0].ID = 6 }},
		"two relays":            {change: func(g *delivery.Group) { g.Intents[0].Relay = "b" }},
		"a pause":               {change: func(g *delivery.Group) { g.Pause.Reason = "look" }},
		"an alarm":              {change: func(g *delivery.Group) { g.Alarms = make([]delivery.Alarm, 1) }},
		"an intent undone":      {change: func(g *delivery.Group) { g.Undone = []int64{5} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, q := claimedSix(t)
			first := groupOf(1, nil, []int64{1, 2})
			if _, err := q.Record(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			if c.before != nil {
				c.before(f)
			}
			g := groupOf(2, []int64{1, 2}, []int64{3, 4})
			if c.change != nil {
				c.change(g)
			}
			before := f.Counts()
			done, err := sqlite.RecordUsual(q, g)
			if err != nil || done != c.want {
				t.Fatalf("got %v and %v, want %v", done, err, c.want)
			}
			if done {
				before[delivery.Dotting] += int64(len(g.Intents) - len(g.Outcomes))
				before[delivery.Accepted] += int64(len(g.Outcomes))
				before[delivery.Claimed] -= int64(len(g.Intents))
			}
			if got := f.Counts(); got != before {
				t.Errorf("got %v, want %v", got, before)
			}
		})
	}
}

// TestLeaseIsLengthenedByGroups looks at what a group makes of the sender's lease.
func TestLeaseIsLengthenedByGroups(t *testing.T) {
	t.Parallel()
	f, q := claimedSix(t)
	until := func() int64 { return f.Int(`SELECT expires_at FROM send_leases`) }
	was := until()
	g := groupOf(1, nil, []int64{1})
	g.LeaseUntil = time.UnixMilli(was - 1)
	if done, err := sqlite.RecordUsual(q, g); !done || err != nil || until() != was {
		t.Errorf("to a time before: got %v, %v, and %d, want %d", done, err, until(), was)
	}
	g = groupOf(2, nil, []int64{2})
	g.LeaseUntil = time.UnixMilli(was + 1)
	if done, err := sqlite.RecordUsual(q, g); !done || err != nil || until() != was+1 {
		t.Errorf("got %v, %v, and %d, want %d", done, err, until(), was+1)
	}
}

// claimedSix is a send of six readers who are all in the sender's hand.
func claimedSix(t *testing.T) (*deliverytest.Fixture, delivery.Queue) {
	t.Helper()
	f := deliverytest.New(t, 6)
	f.Freeze()
	now := time.Now()
	by, err := f.Leases.Acquire(t.Context(), delivery.Lease{Edition: f.Edition, Host: "h", Holder: "h", Until: now.Add(time.Hour)}, false, now)
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := f.Store.Recover(t.Context(), by, now)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := q.Claim(t.Context(), delivery.Claim{Limit: 6, At: now}); err != nil || len(got.Recipients) != 6 {
		t.Fatalf("got %d claimed and %v, want 6", len(got.Recipients), err)
	}
	return f, q
}

func groupOf(seq uint64, took, intents []int64) *delivery.Group {
	now := time.Now()
	g := &delivery.Group{At: now, LeaseUntil: now.Add(time.Hour), Day: 1, Seq: seq}
	for _, id := range took {
		g.Outcomes = append(g.Outcomes, delivery.Outcome{ID: id, State: delivery.Accepted, Dotted: true, Attempt: true, Reply: "250 OK", Relay: "a"})
	}
	for _, id := range intents {
		g.Intents = append(g.Intents, delivery.Intent{ID: id, Relay: "a"})
	}
	return g
}
