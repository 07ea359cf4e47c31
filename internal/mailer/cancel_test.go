package mailer

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

func TestCancelInterruptsAtOnceBeforeTheDot(t *testing.T) {
	t.Parallel()
	for stage, phase := range map[smtpsink.Stage]delivery.Phase{
		smtpsink.MAIL: delivery.PhaseMail, smtpsink.RCPT: delivery.PhaseRcpt, smtpsink.Data: delivery.PhaseData,
	} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			withTime(t, does(stage, smtpsink.Stall), func(t *testing.T, sink *smtpsink.Sink, after time.Duration) bool {
				d := newDialer(t, config(sink))
				s := dialed(t, d)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				time.AfterFunc(after, cancel)
				start := time.Now()
				res := s.Send(ctx, mailTo("a@example.org", testMessage("a", 5000)), intent)
				if res.Phase < phase {
					return false
				}
				if took := time.Since(start); took > after+patience {
					t.Errorf("took %v, want at once", took)
				}
				if !errors.Is(res.Err, context.Canceled) || res.Phase != phase || !res.Broken {
					t.Errorf("got %+v, want context.Canceled at phase %d and Broken", res, phase)
				}
				sendNext(t, d, s, true, sink)
				return true
			})
		})
	}
}

// A body too big for the socket's buffers, to a server that stops reading.
func TestCancelInterruptsTheBody(t *testing.T) {
	t.Parallel()
	f := smtpsink.Fault{At: smtpsink.Body, Do: smtpsink.Stall, Offset: 100, Nth: 1}
	inDialects(t, []smtpsink.Fault{f}, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s, msg := dialed(t, d), testMessage("a", 20<<20)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		res := s.Send(ctx, mailTo("a@example.org", msg), intent)
		if took := time.Since(start); took > patience {
			t.Errorf("took %v, want at once", took)
		}
		if !errors.Is(res.Err, context.DeadlineExceeded) || res.Phase > delivery.PhaseBody || !res.Broken {
			t.Errorf("got %+v, want context.DeadlineExceeded in the body and Broken", res)
		}
		if sink.Count() != 0 {
			t.Errorf("messages taken: got %d, want 0", sink.Count())
		}
	})
}

func TestCancelAfterTheDotWaitsForTheReply(t *testing.T) {
	t.Parallel()
	f := smtpsink.Fault{At: smtpsink.Dot, Do: smtpsink.Stall, Delay: 60 * time.Millisecond, Nth: 1}
	inDialects(t, []smtpsink.Fault{f}, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		ctx, cancel := context.WithCancel(context.Background())
		res := s.Send(ctx, mailTo("a@example.org", testMessage("a", 500)), func() (*delivery.Mail, error) { cancel(); return nil, nil })
		if !res.Accepted() || res.Broken {
			t.Errorf("got %+v, want accepted in spite of the cancel", res)
		}
		sendNext(t, d, s, false, sink)
	})
}

func TestCancelAfterTheDotWaitsNoLongerThanGrace(t *testing.T) {
	t.Parallel()
	inDialects(t, []smtpsink.Fault{does(smtpsink.Dot, smtpsink.Stall)}, func(t *testing.T, sink *smtpsink.Sink) {
		cfg := config(sink)
		cfg.Timeouts.Grace = 100 * time.Millisecond
		s := dialed(t, newDialer(t, cfg))
		ctx, cancel := context.WithCancel(context.Background())
		cancelled := make(chan time.Time, 1)
		go func() {
			taken(t, sink, 1)
			cancelled <- time.Now()
			cancel()
		}()
		res := s.Send(ctx, mailTo("a@example.org", testMessage("a", 500)), intent)
		if took := time.Since(<-cancelled); took < cfg.Timeouts.Grace || took > patience {
			t.Errorf("took %v, want a little more than %v", took, cfg.Timeouts.Grace)
		}
		if res.Phase != delivery.PhaseDot || res.Code != 0 || !res.Broken {
			t.Errorf("got %+v, want PhaseDot without a reply", res)
		}
	})
}

func TestCancelledBeforeSendKeepsTheSession(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		ctx, cancel := context.WithCancel(context.Background())
		if res := s.Send(ctx, mailTo("a@example.org", testMessage("a", 500)), intent); !res.Accepted() {
			t.Fatalf("got %+v, want accepted", res)
		}
		cancel()
		res := s.Send(ctx, mailTo("a@example.org", testMessage("a", 500)), intent)
		if !errors.Is(res.Err, context.Canceled) || res.Broken {
			t.Errorf("got %+v, want context.Canceled and a whole session", res)
		}
		sendNext(t, d, s, false, sink)
	})
}

func TestDialIsInterrupted(t *testing.T) {
	t.Parallel()
	for _, stage := range []smtpsink.Stage{smtpsink.Greeting, smtpsink.EHLO} {
		sink := startSink(t, smtpsink.Options{Faults: []smtpsink.Fault{{At: stage, Do: smtpsink.Stall}}})
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := newDialer(t, config(sink)).Dial(ctx)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > patience {
			t.Errorf("%s: got %v after %v, want context.DeadlineExceeded at once", stage, err, took)
		}
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	d := newDialer(t, Config{Host: "127.0.0.1", Port: port, TLS: NoTLS, HELO: "a.example"})
	_, err = d.Dial(context.Background())
	var refused *delivery.SMTPError
	if err == nil || errors.As(err, &refused) {
		t.Errorf("got %v, want a plain error", err)
	}
	if res := d.SendOne(context.Background(), envelopeTo("a@b.example"), nil); res.Phase != delivery.PhaseConnect || res.Err == nil {
		t.Errorf("got %+v, want PhaseConnect with an error", res)
	}
}

func TestSilenceEndsEachPhase(t *testing.T) {
	t.Parallel()
	for stage, phase := range map[smtpsink.Stage]delivery.Phase{
		smtpsink.MAIL: delivery.PhaseMail, smtpsink.Data: delivery.PhaseData, smtpsink.Dot: delivery.PhaseDot,
	} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			withTime(t, does(stage, smtpsink.Stall), func(t *testing.T, sink *smtpsink.Sink, silence time.Duration) bool {
				cfg := config(sink)
				cfg.Timeouts.Command, cfg.Timeouts.Data, cfg.Timeouts.Dot = silence, silence, silence
				d := newDialer(t, cfg)
				s := dialed(t, d)
				res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
				if res.Phase < phase {
					return false
				}
				if res.Phase != phase || res.Code != 0 || !res.Broken || res.Err == nil {
					t.Errorf("got %+v, want silence at phase %d", res, phase)
				}
				cfg.Timeouts = config(sink).Timeouts
				sendNext(t, newDialer(t, cfg), s, true, sink)
				return true
			})
		})
	}
}
