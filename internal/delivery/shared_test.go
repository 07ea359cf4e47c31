package delivery

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// dialerStub makes sessions that do nothing.
type dialerStub struct{ broken bool }

func (d dialerStub) Dial(context.Context) (Session, error) { return d, nil }
func (d dialerStub) Close() error                          { return nil }
func (d dialerStub) Send(context.Context, Mail, func() (*Mail, error)) Result {
	return Result{Broken: d.broken}
}

// Runs that share sessions wait for each other; a session that is closed, or
// breaks, makes room, once.
func TestShareOfSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		share := NewShare(Pacing{Connections: 2})
		one, two := share.Dialer(dialerStub{broken: true}), share.Dialer(dialerStub{})
		a, err := one.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := two.Dial(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := two.Dial(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want a wait that the context ends", err)
		}
		got := make(chan struct{})
		go func() {
			_, _ = two.Dial(t.Context())
			close(got)
		}()
		synctest.Wait()
		select {
		case <-got:
			t.Error("got a third session, want it to wait")
		default:
		}
		a.Send(t.Context(), Mail{}, nil)
		_ = a.Close()
		<-got
		if free := cap(share.slots) - len(share.slots); free != 0 {
			t.Errorf("got %d places free, want none: one was given back once", free)
		}
	})
}

// What one edition holds of a day another does not get, until it asks again or
// leaves.
func TestShareOfADay(t *testing.T) {
	t.Parallel()
	share := NewShare(Pacing{})
	sent := int64(10)
	for i, c := range []struct {
		edition, holds, want int64
		leaves               int64
	}{
		{1, 0, 15, 0}, {2, 0, 5, 0}, {2, 5, 0, 0}, {1, 15, 0, 0}, {2, 5, 15, 1},
	} {
		if c.leaves != 0 {
			share.leave(c.leaves)
		}
		got, err := share.reserve(c.edition, c.holds, 15, func() (int64, error) { return 30 - sent, nil })
		if err != nil || got != c.want {
			t.Errorf("step %d: got %d, %v, want %d", i, got, err, c.want)
		}
	}
}
