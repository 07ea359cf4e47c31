package delivery

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// dialerStub makes sessions that do nothing.
type dialerStub struct{ broken bool }

func (d dialerStub) Dial(context.Context) (Session, error) { return d, nil }
func (d dialerStub) Close() error                          { return nil }
func (d dialerStub) Relay() string                         { return "" }
func (d dialerStub) Send(context.Context, Mail, func() (*Mail, error)) Result {
	return Result{Broken: d.broken}
}

// Whose turn it is for one more session, and whose session ends for others.
func TestRoom(t *testing.T) {
	t.Parallel()
	at := func(n int) time.Time { return time.Unix(int64(n), 0) }
	for name, c := range map[string]struct {
		own              room
		others           []room
		open, idle, busy bool
	}{
		"alone":                         {room{open: 3, left: 5, wants: at(9)}, nil, true, false, false},
		"alone and full":                {room{open: 8, wants: at(9)}, nil, false, false, false},
		"another has none":              {room{open: 7, left: 1, wants: at(9)}, []room{{open: 0, wants: at(1)}}, false, false, false},
		"another has none, all is full": {room{open: 8, wants: at(9)}, []room{{open: 0, wants: at(1)}}, false, true, true},
		"another has as many":           {room{open: 4, wants: at(9)}, []room{{open: 4, wants: at(1)}}, false, true, false},
		"another has one less":          {room{open: 5, wants: at(9)}, []room{{open: 4, wants: at(1)}}, false, true, false},
		"another has two less":          {room{open: 5, wants: at(9)}, []room{{open: 3, wants: at(1)}}, false, true, true},
		"another has more":              {room{open: 1, left: 1, wants: at(9)}, []room{{open: 6, wants: at(1)}}, true, false, false},
		"none has any: who waits":       {room{open: 0, left: 1, wants: at(1)}, []room{{open: 0, wants: at(2)}}, true, false, false},
		"none has any: who comes":       {room{open: 0, left: 1, wants: at(9)}, []room{{open: 0, wants: at(2)}}, false, false, false},
		"one for two, and mine":         {room{open: 1, wants: at(9)}, []room{{open: 0, wants: at(2)}}, false, true, false},
	} {
		if got := c.own.mayOpen(c.others); got != c.open {
			t.Errorf("%s: may open: got %t", name, got)
		}
		for _, m := range []struct{ idle, want bool }{{true, c.idle}, {false, c.busy}} {
			if got := c.own.makesWay(c.others, m.idle); got != m.want {
				t.Errorf("%s: makes way, idle %t: got %t", name, m.idle, got)
			}
		}
	}
}

// Nobody waits for a session; one that is closed, or breaks, makes room, once.
func TestShareOfSessions(t *testing.T) {
	t.Parallel()
	share := NewShare(Pacing{Connections: 2}, nil, nil)
	woken := 0
	one, two := share.join(dialerStub{broken: true}, func() { woken++ }), share.join(dialerStub{}, func() {})
	a, err := one.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.Dial(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Dial(t.Context()); !errors.Is(err, ErrNoRoom) || woken != 1 {
		t.Errorf("got %v and the other run woken %d times, want ErrNoRoom and once", err, woken)
	}
	a.Send(t.Context(), Mail{}, nil)
	_ = a.Close()
	if _, err := two.Dial(t.Context()); err != nil {
		t.Errorf("after the end of one: got %v, want a session", err)
	}
	if _, err := one.Dial(t.Context()); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v, want one place given back once", err)
	}
	two.leave()
}

// A run that has all sessions gives the other its half, one after the other, and no
// more; who has not asked for a while wants none.
func TestShareEvensOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		share := NewShare(Pacing{Connections: 8}, nil, nil)
		early, late := share.join(dialerStub{}, func() {}), share.join(dialerStub{}, func() {})
		var open []Session
		for range 8 {
			s, err := early.Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, s)
		}
		for early.makesWay(false) {
			t.Fatal("got a session to make way for nobody")
		}
		for got := 0; ; got++ {
			if _, err := late.Dial(t.Context()); !errors.Is(err, ErrNoRoom) {
				t.Fatalf("got %v, want no room", err)
			}
			if !early.makesWay(false) {
				if got != 4 {
					t.Errorf("got %d of 8 for the late one, want 4", got)
				}
				break
			}
			if early.makesWay(false) {
				t.Error("got two sessions to make way for one")
			}
			_ = open[got].Close()
			if _, err := early.Dial(t.Context()); !errors.Is(err, ErrNoRoom) {
				t.Errorf("got %v, want the place kept for the late one", err)
			}
			if _, err := late.Dial(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !early.crowded(true) {
			t.Error("idle: got no room for the late one, want some")
		}
		time.Sleep(wantLasts + time.Second)
		if early.crowded(true) {
			t.Error("got room made for a run that has not asked for a while")
		}
	})
}

// full is a dialer whose relays have no room.
type full struct{ dialerStub }

func (full) Dial(context.Context) (Session, error) { return nil, ErrNoRoom }

// bears are relays that bear so many sessions, of which somebody else may want one.
type bears struct {
	n     int
	waits bool
}

func (b *bears) Room() int            { return b.n }
func (b *bears) Waits() bool          { return b.waits }
func (b *bears) Stands() []RelayStand { return nil }

// What the relays bear is what is shared; a run that is refused by them wants room too,
// and an idle session ends for a single mail that waits.
func TestShareOfWhatRelaysBear(t *testing.T) {
	t.Parallel()
	relays := &bears{n: 1}
	share := NewShare(Pacing{Connections: 8}, relays, nil)
	one, two := share.join(dialerStub{}, func() {}), share.join(full{}, func() {})
	if _, err := one.Dial(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Dial(t.Context()); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v, want no second session where the relays bear one", err)
	}
	if relays.waits = true; !one.crowded(true) || one.crowded(false) {
		t.Error("a single mail waits: want idle sessions to end, and no busy ones")
	}
	relays.waits, relays.n = false, 2
	if _, err := two.Dial(t.Context()); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v, want the relays' refusal", err)
	}
	if relays.n = 1; !one.crowded(true) {
		t.Error("refused by the relays: want idle sessions of the other to end")
	}
}
