package deliverytest

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
)

// RunUsualGroups records groups by a store's quick way, which leaves those that are not
// usual alone, as a whole. fresh makes a fixture without readers; quick reports whether it
// has recorded a group.
func RunUsualGroups(t *testing.T, fresh func(*testing.T) *Fixture, quick func(delivery.Queue, *delivery.Group) (bool, error)) {
	for name, c := range map[string]struct {
		before func(*Fixture)
		change func(*delivery.Group)
		want   bool
	}{
		"as nearly all are":     {want: true},
		"with no outcome":       {change: func(g *delivery.Group) { g.Outcomes = nil }, want: true},
		"with no intent":        {change: func(g *delivery.Group) { g.Intents = nil }},
		"a reader has left":     {before: func(f *Fixture) { f.Leave(4) }},
		"the edition is paused": {before: func(f *Fixture) { f.Pause("look") }},
		"the edition is ended":  {before: (*Fixture).Cancel},
		"the lease is lost":     {before: (*Fixture).TakeOver},
		"a refusal":             {change: func(g *delivery.Group) { g.Outcomes[0].State = delivery.Failed }},
		"not in the hand":       {change: func(g *delivery.Group) { g.Outcomes[0].ID = 6 }},
		"intended before":       {change: func(g *delivery.Group) { g.Intents[0].ID = 1 }},
		"two relays":            {change: func(g *delivery.Group) { g.Intents[0].Relay = "b" }},
		"a pause":               {change: func(g *delivery.Group) { g.Pause.Reason = "look" }},
		"an alarm":              {change: func(g *delivery.Group) { g.Alarms = make([]delivery.Alarm, 1) }},
		"an intent undone":      {change: func(g *delivery.Group) { g.Undone = []int64{5} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			q := f.BeginUsual(6)
			if c.before != nil {
				c.before(f)
			}
			g := UsualGroup(3, []int64{1, 2}, []int64{3, 4})
			if c.change != nil {
				c.change(g)
			}
			want := f.Counts()
			done, err := quick(q, g)
			if err != nil || done != c.want {
				t.Fatalf("got %v and %v, want %v", done, err, c.want)
			}
			if done {
				want[delivery.Dotting] += int64(len(g.Intents) - len(g.Outcomes))
				want[delivery.Accepted] += int64(len(g.Outcomes))
				want[delivery.Claimed] -= int64(len(g.Intents))
			}
			if got := f.Counts(); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// BeginUsual begins a send of so many readers, has all of them claimed and intends the
// first two, in two usual groups.
func (f *Fixture) BeginUsual(readers int) delivery.Queue {
	f.T.Helper()
	f.AddReaders(readers)
	f.Edition = f.AddEdition(Week)
	f.Freeze()
	ctx, now := f.T.Context(), time.Now()
	by, err := f.Leases.Acquire(ctx, delivery.Lease{Edition: f.Edition, Host: "h", Holder: "h", Until: now.Add(time.Hour)}, false, now)
	f.try(err)
	q, _, err := f.Store.Recover(ctx, by, now)
	f.try(err)
	got, err := q.Claim(ctx, delivery.Claim{Limit: readers, At: now})
	f.try(err)
	if len(got.Recipients) != readers {
		f.T.Fatalf("got %d claimed, want %d", len(got.Recipients), readers)
	}
	for id := range int64(2) {
		_, err := q.Record(ctx, UsualGroup(uint64(id+1), nil, []int64{id + 1}))
		f.try(err)
	}
	return q
}

// UsualGroup is a group of messages that servers took, and of intents, at one relay.
func UsualGroup(seq uint64, took, intents []int64) *delivery.Group {
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
