package delivery

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestFairShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit, want float64
		others      []float64
		due         float64
	}{
		{90, wantAll, nil, 90},
		{90, 5, nil, 90}, // nobody else wants any
		{90, 0, nil, 0},
		{90, wantAll, []float64{wantAll, wantAll}, 30},
		{90, wantAll, []float64{10, wantAll}, 40},
		{90, 10, []float64{wantAll, wantAll}, 10},
		{90, wantAll, []float64{0, 0}, 90},
		{90, 10, []float64{20, 30}, 20}, // 30 are left over for three
		{1, wantAll, []float64{wantAll, wantAll}, 1.0 / 3},
	} {
		if got := fairShare(c.limit, c.want, c.others); math.Abs(got-c.due) > 1e-9 {
			t.Errorf("%v of %v beside %v: got %v, want %v", c.want, c.limit, c.others, got, c.due)
		}
	}
}

// What all have together is the limit, and in as many turns as there are senders
// each has had as much as any other.
func TestUnitShare(t *testing.T) {
	t.Parallel()
	for limit := range 12 {
		for n := 1; n <= 5; n++ {
			had := make([]int, n)
			for turn := range n {
				all := 0
				for rank := range n {
					due := unitShare(limit, rank, n, turn)
					had[rank] += due
					all += due
				}
				if all != limit {
					t.Fatalf("%d among %d: got %d in all", limit, n, all)
				}
			}
			if slices.Max(had) != slices.Min(had) {
				t.Errorf("%d among %d: got %v over all turns, want the same for each", limit, n, had)
			}
		}
	}
}

// A lapsing board is a database's quotas with its clock: what has expired counts
// for nothing.
type lapsing struct {
	of    map[Sender]Standing
	until map[Sender]time.Time
}

func (l *lapsing) Settle(_ context.Context, s Sender, lasts time.Duration, decide func(Standing) Standing) error {
	others := Standing{At: time.Now()}
	for who, has := range l.of {
		if who != s && time.Now().Before(l.until[who]) {
			others.Quotas = append(others.Quotas, has.Quotas...)
		}
	}
	l.of[s], l.until[s] = decide(others), time.Now().Add(lasts)
	return nil
}

func (l *lapsing) Leave(_ context.Context, s Sender) error {
	delete(l.of, s)
	return nil
}

// A member is one sender of a simulation: it goes by what it was given, until that
// lapses.
type member struct {
	claimant
	held  float64
	until time.Time
}

func (m *member) settle(b *lapsing) {
	began := time.Now()
	_ = b.Settle(context.Background(), m.sender, quotaLasts, func(others Standing) Standing {
		q := m.divide("x", others)
		m.held = min(m.held, q.Held)
		return Standing{Quotas: []Quota{q}}
	})
	m.held, m.until = b.of[m.sender].Quotas[0].Held, began.Add(quotaLasts)
}

// uses is what a sender uses now, dead or alive.
func (m *member) uses() float64 {
	if time.Now().Before(m.until) {
		return m.held
	}
	return 0
}

// Senders join, die without a word and come back, want more and less: the sum of
// what they use is never above the limit, and once nothing changes they use all of
// it.
func TestQuotasOverNodes(t *testing.T) {
	t.Parallel()
	for _, units := range []bool{false, true} {
		for n := 1; n <= 5; n++ {
			t.Run(fmt.Sprintf("%d senders, units %t", n, units), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { simulateQuotas(t, n, units) })
			})
		}
	}
}

func simulateQuotas(t *testing.T, n int, units bool) {
	const limit = 7.0
	r := rand.New(rand.NewPCG(uint64(n), 1))
	board := &lapsing{of: map[Sender]Standing{}, until: map[Sender]time.Time{}}
	all, alive := make([]*member, n), make([]bool, n)
	for i := range all {
		all[i], alive[i] = &member{claimant: claimant{sender: Sender{Edition: 1, Epoch: int64(i + 1)}, limit: limit, units: units}}, true
	}
	check := func() {
		t.Helper()
		var sum float64
		for _, m := range all {
			sum += m.uses()
		}
		if sum > limit+1e-9 {
			t.Fatalf("got %v in use after %v, want at most %v", sum, time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), limit)
		}
	}
	step := func(changes bool) {
		for _, i := range r.Perm(n) {
			if changes && r.IntN(20) == 0 {
				alive[i] = !alive[i]
			}
			if changes && r.IntN(5) == 0 {
				all[i].want = []float64{0, 1, 5, wantAll}[r.IntN(4)]
			}
			if alive[i] && r.IntN(4) > 0 {
				all[i].settle(board)
			}
			check()
			time.Sleep(time.Duration(r.IntN(400)) * time.Millisecond)
			check()
		}
	}
	for range 2000 {
		step(true)
	}
	for i := range all {
		alive[i], all[i].want = i != n-1 || n == 1, wantAll // the last one is dead
	}
	for range 60 {
		step(false)
	}
	var sum float64
	for i, m := range all {
		sum += m.uses()
		if least := math.Floor(limit / float64(max(n-1, 1))); alive[i] && m.uses() < least-1e-9 {
			t.Errorf("sender %d: got %v at rest, want its share of at least %v", i, m.uses(), least)
		}
	}
	if sum < limit-1-1e-9 || !units && sum < limit-1e-9 {
		t.Errorf("got %v in use at rest, want all of %v", sum, limit)
	}
}

// Whoever waits for a pace goes by the new one when that is changed, and by none
// once it has lapsed.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(0, time.Now)
		took := func(n int) time.Duration {
			began := time.Now()
			for range n {
				if err := p.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(began).Round(10 * time.Millisecond)
		}
		p.set(10, false)
		if got := took(21); got != 2*time.Second-paceDebt {
			t.Errorf("got %v for 21 messages at 10 a second, want 2 s but for what may be caught up", got)
		}
		p.set(100, true)
		if got := took(10); got != time.Second {
			t.Errorf("got %v for 10 messages, want the rate that was not raised", got)
		}
		p.set(0.01, false)
		go func() {
			time.Sleep(3 * time.Second)
			p.set(1, false)
		}()
		took(1) // as the old rate had it
		if got := took(1); got > 4*time.Second {
			t.Errorf("got %v, want the wait to end with the new rate", got)
		}
		p.keepUntil(time.Now().Add(500 * time.Millisecond))
		time.Sleep(2 * time.Second)
		go func() {
			time.Sleep(time.Minute)
			p.keepUntil(time.Now().Add(time.Hour))
		}()
		if got := took(1); got != time.Minute {
			t.Errorf("got %v, want to wait until the pace is settled again", got)
		}
	})
}

// A domain that has asked one sender to wait is left alone by the others, and is
// open again to them when it is to the one.
func TestRestIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one, two := newDispatcher(Pacing{}, time.Now), newDispatcher(Pacing{}, time.Now)
		list := func() (out []Recipient) {
			for i := range 40 {
				out = append(out, Recipient{ID: int64(i), Email: fmt.Sprintf("r%d@slow.example", i)})
			}
			return out
		}
		one.enqueue(list())
		for range 12 {
			if r, ok := one.dequeueSpare(0); ok {
				one.done(r, putOff)
			}
			time.Sleep(10 * time.Second)
			one.look()
		}
		rests := one.rests(Sender{Epoch: 1})
		if len(rests) != 1 || rests[0].Domain != "slow.example" || rests[0].Gap < restLeast {
			t.Fatalf("got %+v, want the domain", rests)
		}
		two.heed(rests, 2)
		two.enqueue(list())
		if _, ok := two.dequeueSpare(0); ok {
			t.Error("got a message at once, want the other's wait")
		}
		if got := two.rests(Sender{Epoch: 2}); len(got) != 0 {
			t.Errorf("got %+v told on, want only what a sender found by itself", got)
		}
		time.Sleep(rests[0].For + 3*rests[0].Gap)
		two.look()
		r, ok := two.dequeueSpare(0)
		if !ok {
			t.Fatal("got nobody after the wait, want a probe")
		}
		if _, ok := two.dequeueSpare(0); ok {
			t.Error("got a second one, want one probe")
		}
		two.done(r, nothing)
		two.heed(nil, 2)
		two.look()
		if _, ok := two.dequeueSpare(0); !ok {
			t.Error("got nobody, want the domain open as it is to the other")
		}
	})
}
