//go:build unix

package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/smtpsink"
)

// TestRelays sends through four relays over real SMTP: one dies in mid-send, one's
// account reaches its limit, one refuses every login, one goes on. Everybody is given
// the edition, nobody twice, and what nobody knows is what was on its way to the dead
// one.
func TestRelays(t *testing.T) {
	t.Parallel()
	const n, each = 2000, 4
	f := deliverytest.New(t, n)
	f.Freeze()
	start := func(name string, o smtpsink.Options) (*smtpsink.Sink, mailer.Relay) {
		o.Pipelining, o.Chunking, o.Ledger = true, true, filepath.Join(f.Dir, name)
		sink, err := smtpsink.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = sink.Close() }) // also after the send
		return sink, mailer.Relay{Name: name, Dialer: dialer(t, sink), Weight: 1, Connections: each}
	}
	quota := smtpsink.Fault{At: smtpsink.Dot, Do: smtpsink.Reply, Reply: "550 5.4.5 daily sending quota exceeded", After: 100}
	login := smtpsink.Fault{At: smtpsink.Greeting, Do: smtpsink.Reply, Reply: "554 5.7.1 your address is not known here"}
	dies, a := start("dies", smtpsink.Options{})
	_, b := start("quota", smtpsink.Options{Faults: []smtpsink.Fault{quota}})
	_, c := start("login", smtpsink.Options{Faults: []smtpsink.Fault{login}})
	_, d := start("good", smtpsink.Options{})
	a.Dialer = &mortal{Dialer: a.Dialer, sink: dies, after: 150}

	pool := mailer.NewPool([]mailer.Relay{a, b, c, d}, slog.New(slog.DiscardHandler), time.Now)
	opt := f.Options(pool)
	opt.Pacing.Connections = 4 * each
	sum, err := delivery.Run(t.Context(), opt)
	if err != nil || !sum.Finished {
		t.Fatalf("got %+v, %v, want the end", sum, err)
	}
	all, tookBy := map[string]int{}, map[string]map[string]int{}
	for _, name := range []string{"dies", "quota", "login", "good"} {
		got := ledger(t, filepath.Join(f.Dir, name))
		for to, times := range got {
			all[to] += times
		}
		tookBy[name] = got
		if taken := len(got); name != "login" && taken < 50 || name == "login" && taken > 0 {
			t.Errorf("relay %s: got %d messages", name, taken)
		}
	}
	unknown := 0
	for id, r := range f.Deliveries() {
		messages := all[deliverytest.Email(id)]
		if r.State == delivery.Unknown {
			unknown++
		}
		if r.State == delivery.Accepted && tookBy[r.Relay][deliverytest.Email(id)] != 1 || r.State == delivery.Unknown && r.Relay != "dies" {
			t.Errorf("reader %d: got %s at relay %q, want it at the one that took it", id, r.State, r.Relay)
		}
		if ok := map[delivery.State]bool{delivery.Accepted: messages == 1, delivery.Unknown: messages <= 1}; !ok[r.State] {
			t.Errorf("reader %d: got %d messages and %s (%s)", id, messages, r.State, r.Reply)
		}
	}
	if unknown > each || len(all) < n-each {
		t.Errorf("got %d unknown and %d of %d given, want at most one a connection of the dead relay unknown", unknown, len(all), n)
	}
	for _, r := range f.Verify().Relays {
		if took := int64(len(tookBy[r.Relay])); r.Counts[delivery.Accepted] > took || r.Counts[delivery.Accepted]+r.Counts[delivery.Unknown] < took {
			t.Errorf("proof: got %v accepted and %v unknown through %s, which took %d", r.Counts[delivery.Accepted], r.Counts[delivery.Unknown], r.Relay, took)
		}
	}
}

// A mortal relay goes down, with all its sessions, after some messages.
type mortal struct {
	delivery.Dialer
	sink  *smtpsink.Sink
	after int
	once  sync.Once
}

func (m *mortal) Dial(ctx context.Context) (delivery.Session, error) {
	s, err := m.Dialer.Dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("mortal: %w", err)
	}
	return mortalSession{s, m}, nil
}

type mortalSession struct {
	delivery.Session
	of *mortal
}

func (s mortalSession) Send(ctx context.Context, m delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	if s.of.sink.Count() >= s.of.after {
		s.of.once.Do(func() { _ = s.of.sink.Close() })
	}
	return s.Session.Send(ctx, m, intend)
}
