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
