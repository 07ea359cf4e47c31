package delivery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// at calls fn once, before the nth transaction; the others wait for it, however long
// it takes.
func at(n int64, fn func()) func(delivery.Envelope) {
	var mu sync.Mutex
	count := int64(0)
	return func(delivery.Envelope) {
		mu.Lock()
		defer mu.Unlock()
		if count++; count == n {
			fn()
		}
	}
}

// Another process's word takes effect at the next commit.
func TestPauseInMidSend(t *testing.T) {
	t.Parallel()
	const n = 600
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Before: at(200, func() { f.Pause("by the editor") })}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if told := f.Told(); len(told) != 0 {
		t.Errorf("got %q to tell, want nothing: the pause was not this run's", told)
	}
	if !errors.Is(err, delivery.ErrPaused) || sum.Counts.Sending() != 0 {
		t.Fatalf("got %v, %v, want ErrPaused and nothing in hand", sum.Counts, err)
	}
	if got := sum.Counts[delivery.Accepted]; got < 195 || got > 205 {
		t.Errorf("got %d accepted, want a stop at about 200", got)
	}
	f.Resume()
	if _, err := delivery.Run(t.Context(), f.Options(server)); err != nil {
		t.Fatal(err)
	}
	once(t, server, n)
	f.Verify()
}

func TestCancelInMidSend(t *testing.T) {
	t.Parallel()
	const n = 600
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Before: at(200, func() { f.Cancel() })}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrCancelled) {
		t.Fatalf("got %v, want ErrCancelled", err)
	}
	if got := sum.Counts; got[delivery.Accepted] > 205 || got[delivery.Accepted]+got[delivery.Suppressed] != n {
		t.Errorf("got %v, want about 200 accepted and the rest suppressed", got)
	}
	f.Verify()
}

// Who unsubscribes in mid-send gets nothing, whether still in the database or
// already in the sender's hand.
func TestUnsubscribedInMidSend(t *testing.T) {
	t.Parallel()
	const n = 3000
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Before: at(100, func() {
		f.Leave(150, 152, 700, 2900) // the first three are claimed
		if err := errors.Join(f.Database.Suppress(151), f.Database.Forget(2901)); err != nil {
			t.Error(err)
		}
	})}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || sum.Counts[delivery.Suppressed] != 6 || sum.Counts[delivery.Accepted] != n-6 {
		t.Fatalf("got %v, %v, want 6 suppressed and the rest accepted", sum.Counts, err)
	}
	got := server.Received()
	for _, id := range []int64{150, 151, 152, 700, 2900, 2901} {
		if got[deliverytest.Email(id)] != 0 {
			t.Errorf("reader %d: got a message, want none", id)
		}
	}
	f.Verify()
}

// SIGTERM: what is in flight comes to its end, nothing is lost.
func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	const n = 500
	f := deliverytest.New(t, n)
	f.Freeze()
	ctx, stop := context.WithCancel(t.Context())
	server := &deliverytest.Server{Before: at(100, stop), Takes: time.Millisecond}
	sum, err := delivery.Run(ctx, f.Options(server))
	if !errors.Is(err, context.Canceled) || sum.Counts.Sending() != 0 || sum.Counts[delivery.Unknown] != 0 {
		t.Fatalf("got %v, %v, want the context's end, nothing in hand, nothing unknown", sum.Counts, err)
	}
	if got := int64(len(server.Received())); got != sum.Counts[delivery.Accepted] || got == n {
		t.Errorf("got %d messages, %d accepted, want the same and not all", got, sum.Counts[delivery.Accepted])
	}
	if _, err := delivery.Run(t.Context(), f.Options(server)); err != nil {
		t.Fatal(err)
	}
	once(t, server, n)
	f.Verify()
}

// With Stay a run waits for what is deferred, and notices what an operator
// queued again meanwhile.
func TestStayWaitsForRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := deliverytest.New(t, 30)
		f.Freeze()
		server := &deliverytest.Server{Answer: func(env delivery.Envelope, before int) delivery.Result {
			switch {
			case env.To == deliverytest.Email(9) && before < 3:
				return deliverytest.Reply(delivery.PhaseRcpt, 450, "4.2.0", "greylisted")
			case env.To == deliverytest.Email(10) && before == 0:
				return deliverytest.Cut(delivery.PhaseDot)
			}
			return deliverytest.Accepted()
		}}
		time.AfterFunc(7*time.Minute, func() {
			if n := f.Resolve(delivery.ResolveRetry); n != 1 {
				t.Errorf("resolve: got %d, want 1", n)
			}
		})
		opt := f.Options(server)
		opt.Stay = true
		opt.LeaseFor = 12 * time.Hour
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != 30 {
			t.Fatalf("got %+v, %v, want all accepted", sum, err)
		}
		if sum.Took < 28*time.Minute || sum.Took > 43*time.Minute {
			t.Errorf("got %v, want 5 + 10 + 20 minutes of waiting, more or less a fifth", sum.Took)
		}
		f.Verify()
	})
}
