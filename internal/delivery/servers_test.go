package delivery_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// Servers that refuse the sender, the message or the account pause the edition
// within a few readers, whoever was accepted before; nobody has failed, nobody is
// counted, and once it is fixed everybody gets it once.
func TestServersThatRefuseUs(t *testing.T) {
	t.Parallel()
	dot, rcpt := delivery.PhaseDot, delivery.PhaseRcpt
	for _, c := range []struct {
		accepts int64 // before it refuses
		res     delivery.Result
	}{
		{0, deliverytest.Reply(dot, 554, "5.2.0", "STOREDRV.Submission.Exception:SendAsDenied")},
		{20, deliverytest.Reply(dot, 554, "5.2.0", "STOREDRV.Submission.Exception:SendAsDenied")},
		{0, deliverytest.Reply(dot, 554, "", "Message rejected: Email address is not verified")},
		{20, deliverytest.Reply(dot, 550, "5.4.5", "Daily user sending limit exceeded")},
		{20, deliverytest.Reply(rcpt, 550, "5.7.1", "Service unavailable, client host blocked")},
		{0, deliverytest.Reply(rcpt, 550, "", "relay not permitted")},
		{20, deliverytest.Reply(dot, 552, "5.3.4", "message size exceeds the limit")},
		{20, deliverytest.Reply(dot, 550, "5.6.0", "headers are not RFC 5322 compliant")},
		{20, deliverytest.Reply(dot, 554, "", "Message rejected: Sending paused for this account")},
		{20, deliverytest.Reply(dot, 554, "5.2.0", "STOREDRV.Submission.Exception:SubmissionQuotaExceededException")},
		{20, deliverytest.Reply(dot, 554, "", "mail server permanently rejected message (#5.3.0)")},
		{0, deliverytest.Reply(dot, 550, "5.7.60", "Client does not have permissions to send as this sender")},
		// Of these it takes more to see that they are not about the readers.
		{20, deliverytest.Reply(rcpt, 550, "", "relay not permitted")},
		{20, deliverytest.Reply(rcpt, 550, "5.0.0", "Administrative prohibition")},
		{20, deliverytest.Reply(rcpt, 550, "5.4.1", "Recipient address rejected: Access denied")},
		{20, deliverytest.Reply(rcpt, 553, "", "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)")},
		{20, deliverytest.Reply(rcpt, 550, "", "Requested action not taken: Sender address is not allowed")},
	} {
		t.Run(fmt.Sprintf("%d %s after %d", c.res.Code, c.res.Text, c.accepts), func(t *testing.T) {
			t.Parallel()
			const n = 200
			f := deliverytest.New(t, n)
			f.Freeze()
			var fixed atomic.Bool
			var asked atomic.Int64
			server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
				if asked.Add(1) <= c.accepts || fixed.Load() {
					return deliverytest.Accepted()
				}
				return c.res
			}}
			sum, err := delivery.Run(t.Context(), f.Options(server))
			if !errors.Is(err, delivery.ErrPaused) || !strings.Contains(err.Error(), c.res.Text) {
				t.Fatalf("got %v, want a pause with the server's words", err)
			}
			if got := sum.Counts; got[delivery.Accepted] > c.accepts || got[delivery.Accepted]+got[delivery.Queued] != n {
				t.Errorf("got %v, want at most %d accepted and the others queued", got, c.accepts)
			}
			if got := asked.Load() - c.accepts; got > 20 {
				t.Errorf("got %d readers refused, want a stop within a few", got)
			}
			fixed.Store(true)
			f.Resume()
			sum, err = delivery.Run(t.Context(), f.Options(server))
			if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
				t.Fatalf("fixed: got %+v, %v, want all accepted", sum, err)
			}
			if got := f.Suppressed(n); got != 0 {
				t.Errorf("got %d suppressed, want none", got)
			}
			f.Verify()
		})
	}
}

// A list smaller than the first few is refused as a whole.
func TestSmallListRefused(t *testing.T) {
	t.Parallel()
	f := deliverytest.New(t, 2)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		return deliverytest.Reply(delivery.PhaseRcpt, 554, "5.7.1", "Relay access denied")
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrPaused) || sum.Counts[delivery.Queued] != 2 {
		t.Errorf("got %v, %v, want a pause and both queued", sum.Counts, err)
	}
}

// Twenty readers in a row whose servers have policies of their own cost an
// operator a few resumptions, not one each.
func TestManyPolicies(t *testing.T) {
	t.Parallel()
	const n = 600
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		if id := readerOf(env); id > 100 && id <= 120 {
			return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.7.1", "no newsletters here")
		}
		return deliverytest.Accepted()
	}}
	resumed := 0
	for {
		sum, err := delivery.Run(t.Context(), f.Options(server))
		if err == nil {
			if sum.Counts[delivery.Accepted] != n-20 || sum.Counts[delivery.Failed] != 20 {
				t.Errorf("got %v, want all but 20 accepted", sum.Counts)
			}
			break
		}
		if !errors.Is(err, delivery.ErrPaused) || resumed > 8 {
			t.Fatalf("got %v after %d resumptions", err, resumed)
		}
		resumed++
		f.Resume()
	}
	t.Logf("%d resumptions", resumed)
	f.Verify()
}

// Those who failed through no fault of theirs come back by the operator's word.
func TestResendFailed(t *testing.T) {
	t.Parallel()
	const n = 100
	f := deliverytest.New(t, n)
	f.Freeze()
	var fixed atomic.Bool
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
		switch {
		case env.To == deliverytest.Email(20) && !fixed.Load():
			return deliverytest.Reply(delivery.PhaseDot, 550, "5.7.1", "spam")
		case env.To == deliverytest.Email(60):
			return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "no such user")
		}
		return deliverytest.Accepted()
	}}
	if sum, err := delivery.Run(t.Context(), f.Options(server)); err != nil || sum.Counts[delivery.Failed] != 2 {
		t.Fatalf("got %v, %v, want 2 failed", sum.Counts, err)
	}
	fixed.Store(true)
	if got := f.Resolve(delivery.ResendFailed); got != 1 {
		t.Errorf("got %d to send again, want the one whose fault it was not", got)
	}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n-1 {
		t.Fatalf("got %+v, %v, want it accepted", sum, err)
	}
	f.Verify()
}

// A relay that drops the connection after each end pauses the edition after some
// ten readers whose outcome nobody knows.
func TestUnknownPauses(t *testing.T) {
	t.Parallel()
	const n = 200
	f := deliverytest.New(t, n)
	f.Freeze()
	var asked atomic.Int64
	server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		if asked.Add(1) <= 30 {
			return deliverytest.Accepted()
		}
		return deliverytest.Cut(delivery.PhaseDot)
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrPaused) {
		t.Fatalf("got %v, want a pause", err)
	}
	if got := sum.Counts[delivery.Unknown]; got < 10 || got > 18 {
		t.Errorf("got %d unknown, want 10, or a few more on other connections", got)
	}
	f.Verify()
}

// A limit of messages a session is the session's: nobody waits for it.
func TestSessionLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 300
		f := deliverytest.New(t, n)
		f.Freeze()
		server := &deliverytest.Server{PerSession: 5}
		sum, err := delivery.Run(t.Context(), f.Options(server))
		if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
			t.Fatalf("got %+v, %v, want all accepted in one run", sum, err)
		}
		if sum.Took > time.Second {
			t.Errorf("got %v, want no wait between sessions", sum.Took)
		}
		once(t, server, n)
		f.Verify()
	})
}

// 421 after two unknown users is the session's matter: the reader is asked again
// at once.
func TestSessionEndsAfterUnknownUsers(t *testing.T) {
	t.Parallel()
	const n = 200
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(env delivery.Envelope, before int) delivery.Result {
		if domainOf(env) == "d7.example" && before == 0 {
			return deliverytest.Reply(delivery.PhaseRcpt, 421, "4.7.0", "too many errors")
		}
		return deliverytest.Accepted()
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if err != nil || !sum.Finished || sum.Counts[delivery.Accepted] != n {
		t.Fatalf("got %+v, %v, want all accepted in one run", sum, err)
	}
	once(t, server, n)
	f.Verify()
}

// The circuit breaker counts readers: the first twenty who are all refused for
// good stop it, and nobody is suppressed for what it stopped.
func TestBreakerOfTheFirst(t *testing.T) {
	t.Parallel()
	const n = 300
	f := deliverytest.New(t, n)
	f.Freeze()
	server := &deliverytest.Server{Answer: func(delivery.Envelope, int) delivery.Result {
		return deliverytest.Reply(delivery.PhaseRcpt, 550, "5.1.1", "no such user")
	}}
	sum, err := delivery.Run(t.Context(), f.Options(server))
	if !errors.Is(err, delivery.ErrPaused) || !strings.Contains(err.Error(), "first 20") {
		t.Fatalf("got %v, want the breaker's pause", err)
	}
	if got := sum.Counts[delivery.Failed]; got < 20 || got > 25 {
		t.Errorf("got %d failed, want 20, or a few more on other connections", got)
	}
	f.Resume()
	server.Answer = nil
	if sum, err = delivery.Run(t.Context(), f.Options(server)); err != nil || !sum.Finished {
		t.Fatalf("got %+v, %v, want the end", sum, err)
	}
	if got := f.Suppressed(n); got != 0 {
		t.Errorf("got %d suppressed, want none", got)
	}
}

// A relay that puts everybody off for two days is nobody's bounce; the edition
// pauses before most have run out of time.
func TestPathExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 60
		f := deliverytest.New(t, n)
		f.Freeze()
		server := &deliverytest.Server{Answer: func(env delivery.Envelope, _ int) delivery.Result {
			if readerOf(env) <= 10 {
				return deliverytest.Accepted()
			}
			return deliverytest.Reply(delivery.PhaseRcpt, 451, "4.3.0", "queue file write error")
		}}
		opt := f.Options(server)
		opt.Stay, opt.LeaseFor = true, 24*time.Hour
		sum, err := delivery.Run(t.Context(), opt)
		if !errors.Is(err, delivery.ErrPaused) || sum.Took < 40*time.Hour {
			t.Fatalf("got %v after %v, want a pause when the first have run out of time", err, sum.Took)
		}
		if c := f.Counts(); c[delivery.Failed] < 20 || c[delivery.Failed] > 30 {
			t.Errorf("got %v, want few given up", c)
		}
		for _, d := range f.List(delivery.Failed) {
			if d.Fault != delivery.PathFault {
				t.Errorf("got %+v, want nobody's bounce", d)
			}
		}
		if got := f.Resolve(delivery.ResendFailed); got < 20 {
			t.Errorf("got %d to send again, want those who were given up", got)
		}
	})
}

// readerOf is the number of a mail's reader.
func readerOf(env delivery.Envelope) (id int64) {
	if _, err := fmt.Sscanf(env.To, "reader%d@", &id); err != nil {
		panic(err)
	}
	return id
}
