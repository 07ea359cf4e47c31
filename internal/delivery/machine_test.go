package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

const machineReaders = 40

// TestAnySend drives random sends: any answer, any stop, failing commits,
// readers who leave, pauses, resolutions. After each step nobody has more
// messages than the operator asked for, and what is accepted was received.
func TestAnySend(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, machineReaders)
	var weeks int
	rapid.Check(t, func(rt *rapid.T) {
		if err := f.Database.Return(); err != nil {
			rt.Fatal(err)
		}
		weeks++
		f.Edition = f.AddEdition(fmt.Sprintf("%04d-W%02d", 2030+weeks/50, 1+weeks%50))
		m := &machine{rt: rt, f: f, clock: time.Now(), retried: map[string]int{}}
		m.server = &deliverytest.Server{Answer: m.answers(), Before: m.before}
		f.T = t
		f.Freeze()
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			m.step()
			m.check()
		}
		m.finish()
	})
}

// A machine is one random send.
type machine struct {
	rt      *rapid.T
	f       *deliverytest.Fixture
	server  *deliverytest.Server
	clock   time.Time
	retried map[string]int // by an operator's word
	hook    atomic.Pointer[func(delivery.Envelope)]
}

func (m *machine) before(env delivery.Envelope) {
	if fn := m.hook.Load(); fn != nil {
		(*fn)(env)
	}
}

// answers draws for each reader what the server says, attempt by attempt; in
// the end it accepts.
func (m *machine) answers() func(delivery.Envelope, int) delivery.Result {
	all := []delivery.Result{
		deliverytest.Accepted(), deliverytest.Accepted(), deliverytest.Accepted(),
		deliverytest.Reply(delivery.PhaseRcpt, 450, "4.2.0", "later"),
		deliverytest.Reply(delivery.PhaseDot, 451, "4.3.0", "later"),
		deliverytest.Reply(delivery.PhaseRcpt, 552, "5.2.2", "full"),
		deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "nobody"),
		deliverytest.Reply(delivery.PhaseRcpt, 550, "5.7.1", "policy"),
		deliverytest.Reply(delivery.PhaseDot, 550, "5.7.1", "spam"),
		deliverytest.Reply(delivery.PhaseDot, 554, "", "no"),
		deliverytest.Cut(delivery.PhaseBody),
		deliverytest.Cut(delivery.PhaseDot),
	}
	script := map[string][]int{}
	for id := int64(1); id <= machineReaders; id++ {
		script[deliverytest.Email(id)] = rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 0, 3).Draw(m.rt, "answers")
	}
	return func(env delivery.Envelope, before int) delivery.Result {
		if s := script[env.To]; before < len(s) {
			return all[s[before]]
		}
		return deliverytest.Accepted()
	}
}

func (m *machine) options() delivery.Options {
	opt := m.f.Options(m.server)
	clock, began := m.clock, time.Now()
	opt.Now = func() time.Time { return clock.Add(time.Since(began)) }
	return opt
}

// run runs the sender; only failures that were asked for are taken.
func (m *machine) run(ctx context.Context, opt delivery.Options) {
	_, err := delivery.Run(ctx, opt)
	for _, expected := range []error{nil, errDisk, context.Canceled, delivery.ErrPaused, delivery.ErrNotSending} {
		if errors.Is(err, expected) {
			return
		}
	}
	m.rt.Fatalf("run: got %v, want no such error", err)
}

// during runs fn before the nth transaction of a run.
func (m *machine) during(what string, fn func()) {
	n := rapid.Int64Range(1, machineReaders).Draw(m.rt, what)
	hook := at(n, fn)
	m.hook.Store(&hook)
	defer m.hook.Store(nil)
	m.run(context.Background(), m.options())
}

func (m *machine) step() {
	ctx := context.Background()
	switch action := rapid.SampledFrom([]string{"run", "limit", "stop", "disk", "leave", "pause", "resume", "sent", "retry", "wait"}).Draw(m.rt, "action"); action {
	case "run":
		m.run(ctx, m.options())
	case "limit":
		opt := m.options()
		opt.Limit = rapid.Int64Range(1, 20).Draw(m.rt, "limit")
		m.run(ctx, opt)
	case "stop":
		stoppable, stop := context.WithCancel(ctx)
		hook := at(rapid.Int64Range(1, machineReaders).Draw(m.rt, "stop at"), stop)
		m.hook.Store(&hook)
		m.run(stoppable, m.options())
		m.hook.Store(nil)
		stop()
	case "disk":
		opt := m.options()
		left := rapid.Int64Range(0, 12).Draw(m.rt, "commits")
		opt.Store = brokenStore{m.f.Store, func(*delivery.Group) error {
			if left--; left < 0 {
				return errDisk
			}
			return nil
		}}
		m.run(ctx, opt)
	case "leave":
		reader := rapid.Int64Range(1, machineReaders).Draw(m.rt, "reader")
		m.during("leave at", func() { m.f.Leave(reader) })
	case "pause":
		m.during("pause at", func() { m.f.Pause("editor") })
	case "resume":
		m.f.Resume()
	case "sent", "retry":
		m.resolve(action == "retry")
	case "wait":
		m.clock = m.clock.Add(time.Duration(rapid.IntRange(1, 50).Draw(m.rt, "hours")) * time.Hour)
	}
}

func (m *machine) resolve(retry bool) {
	list := m.f.List(delivery.Unknown)
	if retry {
		for _, d := range list {
			m.retried[d.Email]++
		}
	}
	as := delivery.ResolveSent
	if retry {
		as = delivery.ResolveRetry
	}
	n, err := m.f.Store.Resolve(context.Background(), m.f.Edition, as, m.clock)
	if err != nil || n != int64(len(list)) {
		m.rt.Fatalf("resolve: got %d, %v, want %d", n, err, len(list))
	}
}

func (m *machine) check() {
	got, records := m.server.Received(), m.f.Deliveries()
	for id := int64(1); id <= machineReaders; id++ {
		to := deliverytest.Email(id)
		state := records[id].State
		if got[to] > 1+m.retried[to] {
			m.rt.Fatalf("reader %d: got %d messages, want at most %d", id, got[to], 1+m.retried[to])
		}
		resolved := strings.HasPrefix(records[id].Reply, "resolved")
		if state == delivery.Accepted && got[to] == 0 && !resolved {
			m.rt.Fatalf("reader %d: got accepted, want it received", id)
		}
		settled := state == delivery.Accepted || state == delivery.Unknown || state == delivery.Dotting
		if got[to] > m.retried[to] && !settled {
			m.rt.Fatalf("reader %d: got %s though the message was received", id, state)
		}
	}
	p, err := delivery.Verify(context.Background(), m.f.Store, m.f.Journals, m.f.Edition)
	if err != nil || len(p.Problems()) > 0 {
		m.rt.Fatalf("verify: got %q, %v, want no problem", p.Problems(), err)
	}
}

// finish goes on, as a patient operator would, until every delivery is final.
func (m *machine) finish() {
	for range 3 * machineReaders { // each reader's policy can pause it
		m.f.Resume()
		m.clock = m.clock.Add(5 * time.Hour)
		m.run(context.Background(), m.options())
		m.check()
		if m.f.Sent() {
			return
		}
	}
	m.rt.Fatalf("got %v, want the edition sent in the end", m.f.Counts())
}
