package delivery_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/subscribers"
)

// Every outcome, recorded for its reader alone: the neighbours are accepted.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	rcpt, dot := delivery.PhaseRcpt, delivery.PhaseDot
	first := func(r delivery.Result) func(int) delivery.Result {
		return func(before int) delivery.Result {
			if before == 0 {
				return r
			}
			return deliverytest.Accepted()
		}
	}
	cases := []struct {
		name       string
		answer     func(before int) delivery.Result
		state      delivery.State
		suppressed subscribers.Reason
		messages   int
	}{
		{"hard bounce", first(deliverytest.Reply(rcpt, 550, "5.1.1", "no such user")), delivery.Failed, subscribers.HardBounce, 0},
		{"soft bounce", first(deliverytest.Reply(rcpt, 552, "5.2.2", "full")), delivery.Failed, 0, 0},
		{"greylisted", first(deliverytest.Reply(rcpt, 450, "4.2.0", "greylisted")), delivery.Deferred, 0, 0},
		{"4xx after the end", first(deliverytest.Reply(dot, 451, "4.3.0", "try again")), delivery.Deferred, 0, 0},
		{"421 after the end", first(deliverytest.Reply(dot, 421, "4.7.0", "closing")), delivery.Accepted, 0, 1},
		{"disabled", first(deliverytest.Reply(dot, 550, "5.2.1", "disabled")), delivery.Failed, 0, 0},
		{"5xx after the end", first(deliverytest.Reply(dot, 554, "5.6.0", "refused")), delivery.Failed, 0, 0},
		{"no reply after the end", first(deliverytest.Cut(dot)), delivery.Unknown, 0, 1},
		{"cut at MAIL", first(deliverytest.Cut(delivery.PhaseMail)), delivery.Accepted, 0, 1},
		{"cut in the body", first(deliverytest.Cut(delivery.PhaseBody)), delivery.Accepted, 0, 1},
		{"busy at MAIL", first(deliverytest.Reply(delivery.PhaseMail, 452, "4.3.1", "full disk")), delivery.Accepted, 0, 1},
		{"out of step", first(deliverytest.Reply(rcpt, 503, "5.5.1", "bad sequence")), delivery.Accepted, 0, 1},
	}
	const n = 300
	f := deliverytest.New(t, n)
	f.Freeze()
	special := map[string]func(int) delivery.Result{}
	id := func(i int) int64 { return int64(10 + 25*i) }
	for i, c := range cases {
		special[deliverytest.Email(id(i))] = c.answer
	}
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, before int) delivery.Result {
		if answer := special[env.To]; answer != nil {
			return answer(before)
		}
		return deliverytest.Accepted()
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || sum.Finished || sum.ResumeAt.IsZero() {
		t.Fatalf("got %+v, %v, want an end with a time to go on", sum, err)
	}
	got, records := server.Received(), f.Deliveries()
	for i, c := range cases {
		if s := records[id(i)].State; s != c.state {
			t.Errorf("%s: got %s, want %s", c.name, s, c.state)
		}
		if m := got[deliverytest.Email(id(i))]; m != c.messages {
			t.Errorf("%s: got %d messages, want %d", c.name, m, c.messages)
		}
		delete(got, deliverytest.Email(id(i)))
	}
	if len(got) != n-len(cases) {
		t.Errorf("got %d others with a message, want %d", len(got), n-len(cases))
	}
	opt := f.Options(server)
	opt.Now = func() time.Time { return time.Now().Add(time.Hour) }
	if sum, err := delivery.Run(t.Context(), opt); err != nil || !sum.Finished {
		t.Fatalf("an hour later: got %+v, %v, want the end", sum, err)
	}
	for i, c := range cases {
		if s := f.Suppression(id(i)); s != c.suppressed {
			t.Errorf("%s: got suppression %d, want %d", c.name, s, c.suppressed)
		}
	}
	if p := f.Verify(); len(p.Unknown) != 1 || p.Unknown[0].ID != id(7) || !strings.Contains(p.Unknown[0].Reply, "reset by peer") {
		t.Errorf("unknown: got %+v, want subscriber %d with the reason", p.Unknown, id(7))
	}
}

// The operator's faults pause the edition, touch nobody, and a resumption sends
// to everybody once.
func TestOperatorsFaultPauses(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]delivery.Result{
		"MAIL 550":       deliverytest.Reply(delivery.PhaseMail, 550, "", "sender editor@list.example rejected"),
		"DATA 554":       deliverytest.Reply(delivery.PhaseData, 554, "5.5.1", "no"),
		"RCPT 5.7.1":     deliverytest.Reply(delivery.PhaseRcpt, 554, "5.7.1", "<x@y.example>: relay access denied"),
		"end 5.7.26":     deliverytest.Reply(delivery.PhaseDot, 550, "5.7.26", "unauthenticated"),
		"AUTH 535":       deliverytest.Reply(delivery.PhaseAuth, 535, "5.7.8", "authentication failed"),
		"a 554 greeting": deliverytest.Reply(delivery.PhaseConnect, 554, "", "blocked"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 200
			f := deliverytest.New(t, n)
			f.Freeze()
			var fixed atomic.Bool
			server := &deliverytest.Server{
				OnDial: func(int) error {
					if !fixed.Load() && result.Phase < delivery.PhaseMail {
						return &delivery.SMTPError{Result: result}
					}
					return nil
				},
				Answer: func(delivery.Envelope, int) delivery.Result {
					if fixed.Load() {
						return deliverytest.Accepted()
					}
					return result
				},
			}
			sum, err := delivery.Run(t.Context(), f.Options(server))
			if !errors.Is(err, delivery.ErrPaused) || sum.Counts[delivery.Queued] != n {
				t.Fatalf("got %v, %v, want ErrPaused and all %d queued", sum.Counts, err, n)
			}
			if told := f.Told(); len(told) != 1 || strings.Contains(told[0], "@") || !strings.Contains(told[0], fmt.Sprint(result.Code)) {
				t.Errorf("told: got %q, want the reply once, without addresses", told)
			}
			if got := f.Suppressed(n); got != 0 {
				t.Errorf("got %d suppressed, want none", got)
			}
			if _, err := delivery.Run(t.Context(), f.Options(server)); !errors.Is(err, delivery.ErrPaused) {
				t.Errorf("run while paused: got %v, want ErrPaused", err)
			}
			fixed.Store(true)
			f.Resume()
			if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished {
				t.Fatalf("after the resumption: got %+v, %v, want the end", sum, err)
			}
			once(t, server, n)
			f.Verify()
		})
	}
}

// One server's policy is no reason to stop, and says nothing of its reader.
func TestPolicyOfOneServer(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 400)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		if domainOf(env) == "d7.example" { // 8 readers, far apart
			return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.7.1", "we take no newsletters")
		}
		return deliverytest.Accepted()
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || !sum.Finished || sum.Counts[delivery.Failed] != 8 || sum.Counts[delivery.Accepted] != 392 {
		t.Fatalf("got %+v, %v, want 392 accepted and 8 failed", sum, err)
	}
	if got := f.Suppressed(400); got != 0 {
		t.Errorf("got %d suppressed, want none", got)
	}
	for _, d := range f.List(delivery.Failed) {
		if d.Fault != delivery.PolicyFault || d.Attempts != 1 {
			t.Errorf("got %+v, want a policy's refusal", d)
		}
	}
}

func domainOf(env delivery.Envelope) string { return (&delivery.Recipient{Email: env.To}).Domain() }

func TestBreaker(t *testing.T) {
	t.Parallel()
	const n = 2000
	f := deliverytest.New(t, n)
	f.Freeze()
	var tried atomic.Int64
	server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		if tried.Add(1)%10 == 0 {
			return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "no such user")
		}
		return deliverytest.Accepted()
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrPaused) || !strings.Contains(err.Error(), "were permanently rejected") {
		t.Fatalf("got %v, want the breaker's pause", err)
	}
	if got := sum.Counts[delivery.Accepted] + sum.Counts[delivery.Failed]; got < 100 || got > 120 {
		t.Errorf("got %d attempts, want a stop at about 100", got)
	}
	f.Verify()
}

// Temporary refusals come back later and later, and end after 48 hours.
func TestRetriesUpToTwoDays(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 1)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		return deliverytest.Reply(delivery.PhaseRcpt, 450, "4.2.0", "busy")
	}}
	start := time.Now()
	clock := start
	var waits []time.Duration
	for range 100 {
		opt := f.Options(server)
		at := clock
		opt.Now = func() time.Time { return at }
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Finished {
			break
		}
		waits = append(waits, sum.ResumeAt.Sub(clock))
		clock = sum.ResumeAt
	}
	if got := f.Counts(); got[delivery.Failed] != 1 {
		t.Fatalf("got %v, want a failure in the end", got)
	}
	if total := clock.Sub(start); total < 42*time.Hour || total > delivery.RetryFor {
		t.Errorf("got tried for %v, want nearly %v", total, delivery.RetryFor)
	}
	if w := waits[0]; w < 4*time.Minute || w > 6*time.Minute {
		t.Errorf("first wait: got %v, want about 5 minutes", w)
	}
	if w := waits[len(waits)-1]; w < 3*time.Hour || w > 5*time.Hour {
		t.Errorf("last wait: got %v, want about 4 hours", w)
	}
	if !f.Sent() {
		t.Error("got the edition open, want it sent: every delivery is final")
	}
}
