package delivery_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/store/postgrestest"
)

// threeNodes are three senders of one edition on one PostgreSQL.
func threeNodes(t *testing.T, readers int) [3]*deliverytest.Fixture {
	t.Helper()
	url := postgrestest.Schema(t, "15")
	var out [3]*deliverytest.Fixture
	for i := range out {
		db, err := postgrestest.Open(url)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = deliverytest.Over(t, t.TempDir(), db)
		out[i].Node = fmt.Sprint("node", i+1)
		if i == 0 {
			out[i].AddReaders(readers)
			out[i].AddEdition(deliverytest.Week)
			out[i].Freeze()
		}
	}
	return out
}

// together runs all senders, each with its options.
func together(t *testing.T, nodes [3]*deliverytest.Fixture, server *deliverytest.Server, set func(*delivery.Options)) (sums [3]delivery.Summary, errs [3]error) {
	t.Helper()
	var all sync.WaitGroup
	for i, f := range nodes {
		opt := f.Options(server)
		opt.Quotas = f.Database.(*postgrestest.Fixture).DB.Quotas()
		set(&opt)
		all.Go(func() {
			sums[i], errs[i] = delivery.Run(t.Context(), opt)
			if errors.Is(errs[i], delivery.ErrNotSending) && f.Sent() {
				errs[i] = nil // on a busy machine it came when the others were through
			}
		})
	}
	all.Wait()
	return sums, errs
}

// Three senders keep to one rate together: at no instant has more left than the
// rate allows since they began.
func TestRateOverNodes(t *testing.T) {
	t.Parallel()
	rateOverNodes(t, func(p *delivery.Pacing, rate float64) { p.Rate = rate })
}

// So they do to the rate of one relay.
func TestRelayRateOverNodes(t *testing.T) {
	t.Parallel()
	rateOverNodes(t, func(p *delivery.Pacing, rate float64) { p.Relays = map[string]float64{"relay": rate, "other": 1} })
}

func rateOverNodes(t *testing.T, limit func(*delivery.Pacing, float64)) {
	t.Helper()
	const n, rate = 240, 60.0
	nodes := threeNodes(t, n)
	began := time.Now()
	var mu sync.Mutex
	var times []time.Duration
	server := &deliverytest.Server{Name: "relay", Before: func(delivery.Envelope) {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, time.Since(began))
	}}
	_, errs := together(t, nodes, server, func(o *delivery.Options) { limit(&o.Pacing, rate) })
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	const burst = 3 * 5 // of each sender: what 50 ms are worth, and one
	for i, at := range times {
		if most := rate*at.Seconds() + burst; float64(i+1) > most {
			t.Fatalf("got %d messages after %v, want at most %.0f", i+1, at, most)
		}
	}
	t.Logf("%d messages in %v, at best %v", len(times), times[len(times)-1], time.Duration(n/rate*float64(time.Second)))
	once(t, server, n)
	nodes[0].Verify()
}

// Three senders and one domain that takes one message at a time: each waits for its
// turn, and nobody is forgotten.
func TestDomainLimitOverNodes(t *testing.T) {
	t.Parallel()
	const n = 300
	nodes := threeNodes(t, n)
	server := &deliverytest.Server{Takes: 5 * time.Millisecond}
	_, errs := together(t, nodes, server, func(o *delivery.Options) {
		o.Pacing.Domain = delivery.DomainLimit{AtOnce: 3}
		o.Pacing.Domains = map[string]delivery.DomainLimit{"d7.example": {AtOnce: 1}}
	})
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for domain, most := range map[string]int{"d7.example": 1, "d8.example": 3} {
		if got := server.Most(domain); got > most {
			t.Errorf("%s: got %d at once, want at most %d", domain, got, most)
		}
	}
	once(t, server, n)
	nodes[0].Verify()
}

// A warm-up's day is one for all senders, and for those that come after them.
func TestWarmupOverNodes(t *testing.T) {
	t.Parallel()
	const n, day = 600, 200
	nodes := threeNodes(t, n)
	server := &deliverytest.Server{}
	began, noon := time.Now(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for range 2 {
		_, errs := together(t, nodes, server, func(o *delivery.Options) {
			o.Now = func() time.Time { return noon.Add(time.Since(began)) } // midnight is far, whenever it runs
			o.Pacing.Warmup = delivery.Warmup{Start: noon.Add(-time.Hour), PerDay: []int64{day, day, day}}
		})
		for i, err := range errs {
			if !errors.Is(err, delivery.ErrDayLimit) {
				t.Errorf("node %d: got %v, want ErrDayLimit", i+1, err)
			}
		}
		if got := len(server.Received()); got != day {
			t.Errorf("got %d messages, want the day's %d", got, day)
		}
	}
}

// A node whose clock is an hour ahead, and one whose clock is an hour behind, send beside
// one with the right time: no lease seems to have run out, nobody is taken over, and
// everybody gets one message.
func TestClocksThatAreOff(t *testing.T) {
	t.Parallel()
	const n = 600
	nodes := threeNodes(t, n)
	server := &deliverytest.Server{Takes: 2 * time.Millisecond}
	var mu sync.Mutex
	ahead := []time.Duration{0, time.Hour, -time.Hour}
	sums, errs := together(t, nodes, server, func(o *delivery.Options) {
		mu.Lock()
		defer mu.Unlock()
		by := ahead[0]
		ahead = ahead[1:]
		o.Now = func() time.Time { return time.Now().Add(by) }
	})
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for i, sum := range sums {
		if sum.Recovered != (delivery.Recovered{}) {
			t.Errorf("node %d: got %+v taken over, want nothing", i+1, sum.Recovered)
		}
	}
	once(t, server, n)
	nodes[0].Verify()
	if c := nodes[0].Counts(); c[delivery.Unknown] != 0 || !nodes[0].Sent() {
		t.Errorf("got %v, want it sent and nothing unknown", c)
	}
}
