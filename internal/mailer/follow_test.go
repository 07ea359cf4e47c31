package mailer

import (
	"context"
	"errors"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// followedBy is an intent that holds and names the mail that follows.
func followedBy(m delivery.Mail) func() (*delivery.Mail, error) {
	return func() (*delivery.Mail, error) { return &m, nil }
}

var (
	first  = mailTo("first@example.org", testMessage("first", 9000))
	second = mailTo("second@example.org", testMessage("second", 9000))
)

// Whatever goes wrong with a message that was begun behind another one is told
// by its own Send, as if it had been begun alone.
func TestOutcomeOfAMessageBegunBehindAnother(t *testing.T) {
	t.Parallel()
	for _, o := range outcomes() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			o.fault.Nth = 2 // the first message passes
			inDialects(t, []smtpsink.Fault{o.fault}, func(t *testing.T, sink *smtpsink.Sink) {
				d := newDialer(t, config(sink))
				d.follow.Store(followWorks)
				s := dialed(t, d)
				res := s.Send(context.Background(), first, followedBy(second))
				if !res.Accepted() || res.Broken {
					t.Fatalf("first: got %+v, want accepted", res)
				}
				intents, calm := 0, hurry(d, o.fault)
				res = s.Send(context.Background(), second, func() (*delivery.Mail, error) { intents++; return nil, nil })
				calm()
				if res.Phase != o.phase || res.Code != o.code || res.Broken != o.broken {
					t.Errorf("got %+v, want phase %d, code %d, broken %t", res, o.phase, o.code, o.broken)
				}
				if got := intents == 1; got != (o.phase == delivery.PhaseDot) {
					t.Errorf("intent recorded: got %d times at phase %d", intents, res.Phase)
				}
				taken(t, sink, 1+o.taken)
				sendNext(t, d, s, res.Broken, sink)
			})
		})
	}
}

// What goes wrong at the end of a message does not touch the one that was begun
// in the same write.
func TestMessageBegunBehindAFaultyEnd(t *testing.T) {
	t.Parallel()
	for _, o := range outcomes() {
		if o.fault.At != smtpsink.Dot {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			inDialects(t, []smtpsink.Fault{o.fault}, func(t *testing.T, sink *smtpsink.Sink) {
				d := newDialer(t, config(sink))
				s, calm := delivery.Session(dialed(t, d)), hurry(d, o.fault)
				res := s.Send(context.Background(), first, followedBy(second))
				calm()
				taken(t, sink, o.taken)
				if res.Phase != o.phase || res.Code != o.code {
					t.Errorf("first: got %+v, want phase %d, code %d", res, o.phase, o.code)
				}
				for range 2 { // a 421 behind the 250 may be heard only now
					if res.Broken {
						s = dialed(t, d)
					}
					if res = s.Send(context.Background(), second, intent); res.Accepted() {
						break
					}
					if v := delivery.Classify(res); v.State != delivery.Queued || v.Fault != delivery.PathFault && v.Fault != delivery.SessionFault {
						t.Fatalf("second: got %+v, want accepted or a lost connection", res)
					}
				}
				if !res.Accepted() || sink.Count() != o.taken+1 {
					t.Errorf("second: got %+v and %d messages taken, want it accepted, and %d", res, sink.Count(), o.taken+1)
				}
				sendNext(t, d, s, res.Broken, sink)
			})
		})
	}
}

// Only the mail that was begun may follow: another would go to its recipient.
func TestAnotherMailThanTheOneBegun(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		sink := startSink(t, d.opt)
		dl := newDialer(t, config(sink))
		s := dialed(t, dl)
		if res := s.Send(context.Background(), first, followedBy(second)); !res.Accepted() {
			t.Fatalf("%s: got %+v, want accepted", d.name, res)
		}
		third := mailTo("third@example.org", testMessage("third", 9000))
		res := s.Send(context.Background(), third, intent)
		if d.opt.Pipelining && (!errors.Is(res.Err, ErrOtherBegun) || res.Phase != delivery.PhaseConnect || !res.Broken) {
			t.Errorf("%s: got %+v, want ErrOtherBegun", d.name, res)
		}
		if !d.opt.Pipelining && !res.Accepted() {
			t.Errorf("%s: got %+v, want it accepted: nothing is begun without PIPELINING", d.name, res)
		}
		sendNext(t, dl, s, res.Broken, sink)
		for _, m := range complete(sink) {
			if m.To == second.To {
				t.Errorf("%s: got a message to the reader who was only begun", d.name)
			}
		}
	}
}

func TestCloseWithAMessageBegun(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		s := dialed(t, newDialer(t, config(sink)))
		if res := s.Send(context.Background(), first, followedBy(second)); !res.Accepted() {
			t.Fatalf("got %+v, want accepted", res)
		}
		if err := s.Close(); err != nil {
			t.Errorf("got %v, want a closed session", err)
		}
		if res := s.Send(context.Background(), second, intent); !errors.Is(res.Err, ErrClosed) {
			t.Errorf("after the end: got %+v, want ErrClosed", res)
		}
		if err := sink.Close(); err != nil { // waits for the connection's end
			t.Fatal(err)
		}
		if got := complete(sink); len(got) != 1 {
			t.Errorf("got %d messages, want the first only", len(got))
		}
	})
}

// The intent of a message that was begun may fail like any other.
func TestIntentOfABegunMessageFails(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		if res := s.Send(context.Background(), first, followedBy(second)); !res.Accepted() {
			t.Fatalf("got %+v, want accepted", res)
		}
		res := s.Send(context.Background(), second, func() (*delivery.Mail, error) { return nil, errIntent })
		if res.Err != errIntent || res.Phase != delivery.PhaseIntent || !res.Broken {
			t.Errorf("got %+v, want the intent's error and Broken", res)
		}
		sendNext(t, d, s, true, sink)
		if got := sink.Count(); got != 2 {
			t.Errorf("got %d messages, want the first and the next reader's", got)
		}
	})
}

// Many in a row, over connections that end after five messages, by our limit or
// by the server's: all arrive once and whole.
func TestManyInARow(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		for _, ours := range []int{5, 1 << 20} {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				d.opt.MaxPerConn = 5
				sink := startSink(t, d.opt)
				cfg := config(sink)
				cfg.MaxMessages = ours
				manyInARow(t, newDialer(t, cfg), sink)
			})
		}
	}
}

func manyInARow(t *testing.T, d *Dialer, sink *smtpsink.Sink) {
	t.Helper()
	const n = 23
	mail := func(i int) delivery.Mail {
		id := string(rune('a' + i))
		return mailTo(id+"@example.org", testMessage(id, 2000+i*800))
	}
	s := delivery.Session(dialed(t, d))
	for i := 0; i < n; {
		intend := intent
		if i+1 < n {
			intend = followedBy(mail(i + 1))
		}
		res := s.Send(context.Background(), mail(i), intend)
		switch {
		case res.Accepted():
			i++
		case res.Phase != delivery.PhaseConnect || !res.Broken:
			t.Fatalf("message %d: got %+v, want accepted or the connection's end", i, res)
		}
		if res.Broken {
			s = dialed(t, d)
		}
	}
	got := complete(sink)
	if len(got) != n {
		t.Fatalf("got %d messages, want %d", len(got), n)
	}
	for i, m := range got {
		want := mail(i)
		if m.To != want.To || string(m.Data) != string(want.Pieces[0]) {
			t.Errorf("message %d: got %d bytes to %s, want %d to %s", i, len(m.Data), m.To, want.Len(), want.To)
		}
	}
}
