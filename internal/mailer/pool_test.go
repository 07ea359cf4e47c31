package mailer_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/mailer"
)

// A fleet is a pool of servers in memory, by name.
type fleet struct {
	*mailer.Pool
	log bytes.Buffer
}

func newFleet(relays ...mailer.Relay) *fleet {
	f := &fleet{}
	f.Pool = mailer.NewPool(relays, slog.New(slog.NewTextHandler(&f.log, nil)), time.Now)
	return f
}

func (f *fleet) dial(t *testing.T) delivery.Session {
	t.Helper()
	s, err := f.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// send sends one message on a session.
func send(t *testing.T, s delivery.Session, to string) delivery.Result {
	t.Helper()
	m := delivery.Mail{Envelope: delivery.Envelope{From: "v@list.example", To: to}}
	return s.Send(t.Context(), m, func() (*delivery.Mail, error) { return nil, nil })
}

// Sessions are spread by weight, and no relay has more than it may.
func TestPoolWeights(t *testing.T) {
	t.Parallel()
	f := newFleet(
		mailer.Relay{Name: "a", Dialer: &deliverytest.Server{}, Weight: 3, Connections: 9},
		mailer.Relay{Name: "b", Dialer: &deliverytest.Server{}, Weight: 1, Connections: 2})
	got := map[string]int{}
	for range 8 {
		got[send(t, f.dial(t), "r@example.org").Relay]++
	}
	if got["a"] != 6 || got["b"] != 2 {
		t.Errorf("8 sessions: got %v, want 6 and 2", got)
	}
	for range 3 {
		f.dial(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("all are full: got %v, want to wait", err)
	}
}

// A relay that is down is left alone for longer each time, the others take all; one
// session asks whether it is back, and then it has its share again.
func TestPoolRelayDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		down, dials := true, 0
		a := &deliverytest.Server{OnDial: func(int) error {
			mu.Lock()
			defer mu.Unlock()
			if dials++; down {
				return errors.New("connection refused")
			}
			return nil
		}}
		f := newFleet(mailer.Relay{Name: "a", Dialer: a, Connections: 4}, mailer.Relay{Name: "b", Dialer: &deliverytest.Server{}, Connections: 4})
		for range 600 {
			s := f.dial(t)
			if res := send(t, s, "r@example.org"); res.Relay != "b" {
				t.Fatalf("a is down: got %+v", res)
			}
			_ = s.Close()
			time.Sleep(time.Second)
		}
		if dials < 10 || dials > 20 {
			t.Errorf("10 minutes down: got %d tries, want one a minute at the end", dials)
		}
		if n := strings.Count(f.log.String(), "takes nothing for now"); n != 1 {
			t.Errorf("got %d warnings, want 1: %s", n, &f.log)
		}
		mu.Lock()
		down = false
		mu.Unlock()
		time.Sleep(2 * time.Minute)
		got := map[string]int{}
		for range 60 {
			s := f.dial(t)
			got[send(t, s, "r@example.org").Relay]++
			_ = s.Close()
		}
		if got["a"] < 20 {
			t.Errorf("a is back: got %v, want its share", got)
		}
	})
}

// When no relay serves, the pool fails as one relay does: by what waiting may change,
// and by the operator's fault only where all have it.
func TestPoolNoneServes(t *testing.T) {
	t.Parallel()
	refused := &delivery.SMTPError{Result: delivery.Result{Phase: delivery.PhaseAuth, Code: 535, Enhanced: "5.7.8", Text: "bad credentials"}}
	login := &deliverytest.Server{OnDial: func(int) error { return refused }}
	down := &deliverytest.Server{OnDial: func(int) error { return errors.New("connection refused") }}
	for _, c := range []struct {
		b    *deliverytest.Server
		want delivery.Fault
	}{{down, delivery.PathFault}, {login, delivery.OperatorFault}} {
		f := newFleet(mailer.Relay{Name: "a", Dialer: login, Connections: 1}, mailer.Relay{Name: "b", Dialer: c.b, Connections: 1})
		_, err := f.Dial(t.Context())
		if got := delivery.ClassifyDial(err).Fault; got != c.want || !strings.Contains(err.Error(), "relay ") {
			t.Errorf("got %v (%s), want %s, with the relay's name", err, got, c.want)
		}
	}
}

// What is the relay's own fault is asked elsewhere, and its sessions end; the fault of
// a reader is not. A relay that is the only one left is believed.
func TestPoolBlames(t *testing.T) {
	t.Parallel()
	limit := deliverytest.Reply(delivery.PhaseDot, 550, "5.4.5", "daily sending quota exceeded")
	sender := deliverytest.Reply(delivery.PhaseDot, 550, "5.7.1", "sender is not verified")
	for name, c := range map[string]struct {
		says            delivery.Result
		elsewhere, ends bool
	}{
		"account":         {limit, true, true},
		"sender":          {sender, true, false},
		"mailbox":         {deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "no such user"), false, false},
		"greylisted":      {deliverytest.Reply(delivery.PhaseRcpt, 450, "4.7.1", "greylisted"), false, false},
		"many at once":    {deliverytest.Reply(delivery.PhaseRcpt, 450, "4.3.2", "too many connections"), false, false},
		"of the operator": {deliverytest.Reply(delivery.PhaseMail, 530, "5.7.0", "authenticate first"), true, true},
	} {
		a := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result { return c.says }}
		f := newFleet(mailer.Relay{Name: "a", Dialer: a, Weight: 9, Connections: 9}, mailer.Relay{Name: "b", Dialer: &deliverytest.Server{}, Connections: 9})
		s, other := f.dial(t), f.dial(t)
		if res := send(t, s, "r@example.org"); res.Elsewhere != c.elsewhere || res.Relay != "a" {
			t.Errorf("%s: got %+v, want elsewhere %t", name, res, c.elsewhere)
		}
		if got := send(t, other, "q@example.org").Phase == delivery.PhaseConnect; got != c.ends {
			t.Errorf("%s: another session ended: got %t, want %t", name, got, c.ends)
		}
	}
	a := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result { return limit }}
	f := newFleet(mailer.Relay{Name: "a", Dialer: a, Connections: 9})
	if res := send(t, f.dial(t), "r@example.org"); res.Elsewhere {
		t.Error("the only relay: got elsewhere, want its word to count")
	}
}

// A relay that refuses one connection more keeps as many as it bears, and is asked for
// one more a round of messages.
func TestPoolTooMany(t *testing.T) {
	t.Parallel()
	bears, open := 3, 0
	a := &deliverytest.Server{OnDial: func(int) error {
		if open >= bears {
			return &delivery.SMTPError{Result: delivery.Result{Phase: delivery.PhaseConnect, Code: 421, Enhanced: "4.7.0", Text: "too many connections"}}
		}
		open++
		return nil
	}}
	f := newFleet(mailer.Relay{Name: "a", Dialer: a, Connections: 8})
	var sessions []delivery.Session
	for range 3 {
		sessions = append(sessions, f.dial(t))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := f.Dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v, want the fourth to wait", err)
	}
	bears = 8
	for range 3 {
		send(t, sessions[0], "r@example.org")
	}
	f.dial(t)
	if open != 4 {
		t.Errorf("got %d sessions after a round of messages, want 4", open)
	}
}

// A single message goes through the next relay where one refuses for its own reasons.
func TestPoolSendOne(t *testing.T) {
	t.Parallel()
	a := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		return deliverytest.Reply(delivery.PhaseMail, 550, "5.7.1", "sender rejected")
	}}
	f := newFleet(mailer.Relay{Name: "a", Dialer: a, Weight: 9, Connections: 1}, mailer.Relay{Name: "b", Dialer: &deliverytest.Server{}, Connections: 1})
	res := f.SendOne(t.Context(), delivery.Envelope{From: "v@list.example", To: "r@example.org"}, []byte("Subject: x\r\n\r\nx\r\n"))
	if !res.Accepted() || res.Relay != "b" {
		t.Errorf("got %+v, want it accepted by b", res)
	}
}

// A number of connections that is to be found begins small, grows by one a round of
// messages up to its bound, and halves when the relay says that it is too much.
func TestPoolAuto(t *testing.T) {
	t.Parallel()
	busy := false
	a := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		if busy {
			return deliverytest.Reply(delivery.PhaseRcpt, 451, "4.3.2", "too busy")
		}
		return deliverytest.Accepted()
	}}
	f := newFleet(mailer.Relay{Name: "a", Dialer: a, Connections: 10, Auto: true})
	room := func() (n int) {
		var open []delivery.Session
		for {
			s, err := f.Dial(delivery.WithoutWaiting(t.Context()))
			if err != nil {
				break
			}
			open = append(open, s)
		}
		for _, s := range open {
			_ = s.Close()
		}
		return len(open)
	}
	s := f.dial(t)
	took := func(n int) {
		for range n {
			send(t, s, "r@example.org")
		}
	}
	if got := room() + 1; got != 4 {
		t.Errorf("at first: got room for %d, want 4", got)
	}
	took(4 + 5)
	if got := room() + 1; got != 6 {
		t.Errorf("after two rounds: got room for %d, want 6", got)
	}
	took(200)
	if got := room() + 1; got != 10 {
		t.Errorf("at the bound: got room for %d, want 10", got)
	}
	busy = true
	took(1)
	if got := room() + 1; got != 5 {
		t.Errorf("too busy: got room for %d, want 5", got)
	}
}

// A mail that waits for room comes before a send's next session, which does not wait.
func TestPoolWhoWaitsIsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(mailer.Relay{Name: "a", Dialer: &deliverytest.Server{}, Connections: 1})
		s := f.dial(t)
		got := make(chan delivery.Session)
		go func() {
			s, err := f.Dial(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- s
		}()
		synctest.Wait()
		if !f.Waits() {
			t.Error("got nobody waiting, want one")
		}
		_ = s.Close()
		if _, err := f.Dial(delivery.WithoutWaiting(t.Context())); !errors.Is(err, delivery.ErrNoRoom) {
			t.Errorf("got %v, want the place kept for who waits", err)
		}
		_ = (<-got).Close()
		if f.Waits() {
			t.Error("got somebody waiting, want nobody")
		}
		if _, err := f.Dial(delivery.WithoutWaiting(t.Context())); err != nil {
			t.Errorf("got %v, want a session", err)
		}
	})
}

// How the relays stand: open sessions, what each bears, and why one rests.
func TestPoolStands(t *testing.T) {
	t.Parallel()
	refused := &delivery.SMTPError{Result: delivery.Result{Phase: delivery.PhaseAuth, Code: 535, Enhanced: "5.7.8", Text: "no such user <list@a.example>"}}
	f := newFleet(
		mailer.Relay{Name: "a", Dialer: &deliverytest.Server{OnDial: func(int) error { return refused }}, Weight: 9, Connections: 5},
		mailer.Relay{Name: "b", Dialer: &deliverytest.Server{}, Connections: 10, Auto: true})
	s := f.dial(t)
	f.dial(t)
	if s.Relay() != "b" || f.Room() != 4 {
		t.Errorf("got a session with %q and room for %d, want b and 4", s.Relay(), f.Room())
	}
	stands := f.Stands()
	if a := stands[0]; a.Relay != "a" || a.Open != 0 || a.May != 1 || a.Most != 5 || a.RestsUntil.Before(time.Now()) ||
		!strings.Contains(a.Reason, "535 5.7.8") || strings.Contains(a.Reason, "@") {
		t.Errorf("got %+v, want it at rest, with the reason and no address", a)
	}
	if b, want := stands[1], (delivery.RelayStand{Relay: "b", Open: 2, May: 4, Most: 10}); b != want {
		t.Errorf("got %+v, want %+v", b, want)
	}
}
