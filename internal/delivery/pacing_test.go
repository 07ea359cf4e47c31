package delivery_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, rate = 200, 20
		f := deliverytest.New(t, n)
		f.Freeze()
		opt := f.Options(&deliverytest.Server{})
		opt.Pacing.Rate = rate
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil || !sum.Finished {
			t.Fatalf("got %+v, %v, want the end", sum, err)
		}
		if want := time.Second * n / rate; sum.Took < want-time.Second || sum.Took > want+2*time.Second {
			t.Errorf("got %v for %d messages at %d/s, want about %v", sum.Took, n, rate, want)
		}
	})
}

// Editions that are sent side by side share a rate.
func TestRateIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, rate = 100, 20
		f := deliverytest.New(t, n)
		f.Freeze()
		other := f.AddEdition("2026-W48")
		if _, err := f.Stores.Freezer.Freeze(t.Context(), f.FreezeOf(other)); err != nil {
			t.Fatal(err)
		}
		opt := f.Options(&deliverytest.Server{})
		opt.Pacing.Rate, opt.Quotas = rate, delivery.NewQuotas(nil)
		began := time.Now()
		var both sync.WaitGroup
		for _, id := range []int64{f.Edition, other} {
			opt := opt
			opt.Edition = id
			both.Go(func() {
				if _, err := delivery.Run(t.Context(), opt); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if took, want := time.Since(began), time.Second*2*n/rate; took < want-time.Second || took > want+2*time.Second {
			t.Errorf("got %v for both, want about %v", took, want)
		}
	})
}

// A domain's limit holds for that domain and holds up nobody else.
func TestDomainLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 3000 // 60 readers a domain
		f := deliverytest.New(t, n)
		f.Freeze()
		var others atomic.Int64 // when the last of the others was sent to
		server := &deliverytest.Server{Takes: 10 * time.Millisecond}
		server.Before = func(env delivery.Envelope) {
			if r := (&delivery.Recipient{Email: env.To}); r.Domain() != "d7.example" && r.Domain() != "d8.example" {
				others.Store(time.Now().UnixNano())
			}
		}
		opt := f.Options(server)
		opt.Pacing.Connections = 10
		opt.Pacing.Domains = map[string]delivery.DomainLimit{"d7.example": {AtOnce: 1}, "d8.example": {Rate: 2}}
		began := time.Now()
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil || sum.Counts[delivery.Accepted] != n {
			t.Fatalf("got %v, %v, want all accepted", sum.Counts, err)
		}
		once(t, server, n)
		if got := server.Most("d7.example"); got != 1 {
			t.Errorf("limited domain: got %d at once, want 1", got)
		}
		if sum.Took < 28*time.Second || sum.Took > 35*time.Second {
			t.Errorf("got %v, want 60 messages at 2/s to decide", sum.Took)
		}
		if got := time.Unix(0, others.Load()).Sub(began); got > 6*time.Second {
			t.Errorf("the others took %v, want no wait for the limited ones", got)
		}
		f.Verify()
	})
}

// Many more recipients of a limited domain than memory may hold, among others:
// nobody is forgotten.
func TestCrowdedDomain(t *testing.T) {
	t.Parallel()
	const n = 12_000
	f := deliverytest.New(t, 0)
	f.AddReadersAt(n, func(id int64) string {
		if id%10 < 8 {
			return fmt.Sprintf("u%d@crowd.example", id)
		}
		return deliverytest.Email(id)
	})
	f.Freeze()
	server := &deliverytest.Server{}
	opt := f.Options(server)
	opt.Pacing.Connections = 16
	opt.Pacing.Domain = delivery.DomainLimit{AtOnce: 3}
	sum, err := delivery.Run(t.Context(), opt)
	if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
		t.Fatalf("got %+v, %v, want all accepted", sum, err)
	}
	if got := server.Most("crowd.example"); got > 3 {
		t.Errorf("got %d at once, want 3", got)
	}
	f.Verify()
}

// A domain that answers 421 4.7.x is left alone; the list goes on, and the rest of the
// domain is deferred at no attempt.
func TestSlowDomainRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 5000 // 100 readers in the domain
		f := deliverytest.New(t, n)
		f.Freeze()
		fixed := time.Now().Add(2 * time.Minute)
		server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
			if r := (&delivery.Recipient{Email: env.To}); r.Domain() == "d7.example" && time.Now().Before(fixed) {
				return deliverytest.Reply(delivery.PhaseRcpt, 421, "4.7.0", "unusual rate")
			}
			return deliverytest.Accepted()
		}}
		opt := f.Options(server)
		opt.LeaseFor = 12 * time.Hour
		opt.Stay = true
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
			t.Fatalf("got %+v, %v, want all accepted in the end", sum, err)
		}
		once(t, server, n)
		again := 0
		for _, d := range f.Deliveries() {
			if d.Attempts > 1 {
				again++
			}
		}
		if got := again; got > 20 {
			t.Errorf("got %d readers of the domain refused, want few: the others wait", got)
		}
		f.Verify()
	})
}

func TestSlowDomainIsDeferredAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 5000
		f := deliverytest.New(t, n)
		f.Freeze()
		server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
			if r := (&delivery.Recipient{Email: env.To}); r.Domain() == "d7.example" {
				return deliverytest.Reply(delivery.PhaseRcpt, 451, "4.7.650", "rate limited")
			}
			return deliverytest.Accepted()
		}}
		sum, err := delivery.Run(t.Context(), f.Options(server))
		if err != nil || sum.Finished || sum.Counts[delivery.Accepted] != n-100 || sum.Counts[delivery.Deferred] != 100 {
			t.Fatalf("got %+v, %v, want all others accepted and 100 deferred", sum, err)
		}
		if sum.Took > 5*time.Minute || sum.ResumeAt.IsZero() {
			t.Errorf("got %v, to go on at %v, want a quick end with a time", sum.Took, sum.ResumeAt)
		}
		f.Verify()
	})
}

func TestWarmup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		f := deliverytest.New(t, n)
		f.Freeze()
		server := &deliverytest.Server{}
		opt := f.Options(server)
		opt.LeaseFor = 12 * time.Hour // two days of heartbeats are many commits
		opt.Pacing.Warmup = delivery.Warmup{Start: time.Now(), PerDay: []int64{50, 150}}
		sum, err := delivery.Run(t.Context(), opt)
		if !errors.Is(err, delivery.ErrDayLimit) || sum.Counts[delivery.Accepted] != 50 {
			t.Fatalf("first day: got %v, %v, want ErrDayLimit after 50", sum.Counts, err)
		}
		if want := time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC); !sum.ResumeAt.Equal(want) {
			t.Errorf("got %v to go on, want %v", sum.ResumeAt, want)
		}
		if _, err := delivery.Run(t.Context(), opt); !errors.Is(err, delivery.ErrDayLimit) || len(server.Received()) != 50 {
			t.Errorf("again: got %d messages, %v, want still 50", len(server.Received()), err)
		}
		opt.Stay = true
		sum, err = delivery.Run(t.Context(), opt)
		if err != nil || sum.Counts[delivery.Accepted] != n {
			t.Fatalf("got %v, %v, want all accepted in the end", sum.Counts, err)
		}
		if sum.Took < 47*time.Hour || sum.Took > 49*time.Hour {
			t.Errorf("got %v, want until the third day, which has no limit", sum.Took)
		}
		once(t, server, n)
	})
}
