package mailer

import (
	"context"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// outcome is what a fault must come to.
type outcome struct {
	name   string
	fault  smtpsink.Fault
	phase  delivery.Phase
	code   int
	broken bool
	taken  int // messages at the sink that are complete
}

func says(at smtpsink.Stage, text string) smtpsink.Fault {
	return smtpsink.Fault{At: at, Do: smtpsink.Reply, Reply: text, Nth: 1}
}

func does(at smtpsink.Stage, a smtpsink.Action) smtpsink.Fault {
	return smtpsink.Fault{At: at, Do: a, Nth: 1}
}

func outcomes() []outcome {
	const (
		mail, rcpt, data = delivery.PhaseMail, delivery.PhaseRcpt, delivery.PhaseData
		dot              = delivery.PhaseDot
	)
	return []outcome{
		{"MAIL 451", says(smtpsink.MAIL, "451 4.3.0 later"), mail, 451, false, 0},
		{"MAIL 550", says(smtpsink.MAIL, "550 5.7.1 not you"), mail, 550, false, 0},
		{"MAIL 421", says(smtpsink.MAIL, "421 4.7.0 go away"), mail, 421, true, 0},
		{"MAIL drop", does(smtpsink.MAIL, smtpsink.DropBefore), mail, 0, true, 0},
		{"MAIL half", does(smtpsink.MAIL, smtpsink.Half), mail, 0, true, 0},
		{"MAIL garbage", does(smtpsink.MAIL, smtpsink.Garbage), mail, 0, true, 0},
		{"MAIL 354", says(smtpsink.MAIL, "354 what"), mail, 0, true, 0},

		{"RCPT 450", says(smtpsink.RCPT, "450 4.2.0 greylisted"), rcpt, 450, false, 0},
		{"RCPT 550", says(smtpsink.RCPT, "550-5.1.1 no such\n550 5.1.1 user"), rcpt, 550, false, 0},
		{"RCPT 550 of long lines", says(smtpsink.RCPT, strings.Repeat("550-5.1.1 "+strings.Repeat("x", 9000)+"\n", 3)+"550 5.1.1 end"), rcpt, 550, false, 0},
		{"RCPT 550 of 200 lines", says(smtpsink.RCPT, strings.Repeat("550-5.1.1 no\n", 200)+"550 5.1.1 end"), rcpt, 550, false, 0},
		{"RCPT lines without end", says(smtpsink.RCPT, strings.Repeat("550-5.1.1 no\n", 9000)+"550 5.1.1 end"), rcpt, 0, true, 0},
		{"RCPT 421", says(smtpsink.RCPT, "421 4.7.0 go away"), rcpt, 421, true, 0},
		{"RCPT drop", does(smtpsink.RCPT, smtpsink.DropBefore), rcpt, 0, true, 0},
		{"RCPT half", does(smtpsink.RCPT, smtpsink.Half), rcpt, 0, true, 0},
		{"RCPT garbage", does(smtpsink.RCPT, smtpsink.Garbage), rcpt, 0, true, 0},
		{"RCPT 251", says(smtpsink.RCPT, "251 will forward"), dot, 250, false, 1},

		{"DATA 451", says(smtpsink.Data, "451 4.3.0 transaction stays open"), data, 451, false, 0},
		{"DATA 554", says(smtpsink.Data, "554 5.7.1 policy"), data, 554, false, 0},
		{"DATA 421", says(smtpsink.Data, "421 4.3.2 shutting down"), data, 421, true, 0},
		{"DATA drop", does(smtpsink.Data, smtpsink.DropBefore), data, 0, true, 0},
		{"DATA half", does(smtpsink.Data, smtpsink.Half), data, 0, true, 0},
		{"DATA garbage", does(smtpsink.Data, smtpsink.Garbage), data, 0, true, 0},
		{"DATA silent drop", does(smtpsink.Data, smtpsink.DropSilent), data, 0, true, 0},

		{"dot 451", says(smtpsink.Dot, "451 4.3.0 later"), dot, 451, false, 0},
		{"dot 554", says(smtpsink.Dot, "554 5.6.0 spam"), dot, 554, false, 0},
		{"dot 421", says(smtpsink.Dot, "421 4.3.2 shutting down"), dot, 421, true, 0},
		{"dot dropped, not taken", does(smtpsink.Dot, smtpsink.DropBefore), dot, 0, true, 0},
		{"dot dropped, taken", does(smtpsink.Dot, smtpsink.DropSilent), dot, 0, true, 1},
		{"dot half", does(smtpsink.Dot, smtpsink.Half), dot, 0, true, 1},
		{"dot garbage", does(smtpsink.Dot, smtpsink.Garbage), dot, 0, true, 1},
		{"dot stall", does(smtpsink.Dot, smtpsink.Stall), dot, 0, true, 1},
		{"dot 354", says(smtpsink.Dot, "354 what"), dot, 0, true, 1},
		{"dot lines", says(smtpsink.Dot, "250-2.0.0 taken\n250-2.0.0 by me\n250 2.0.0 queued"), dot, 250, false, 1},
		{"dot 250 of one long line", says(smtpsink.Dot, "250 2.0.0 "+strings.Repeat("x", 10_000)), dot, 250, false, 1},
		{"dot reply without end", says(smtpsink.Dot, "250 2.0.0 "+strings.Repeat("x", 200_000)), dot, 0, true, 1},
		{"dot 250 and 421", says(smtpsink.Dot, "250 2.0.0 taken\n421 4.4.2 enough"), dot, 250, true, 1},
		{"slow 250", smtpsink.Fault{At: smtpsink.Dot, Do: smtpsink.Slow, Nth: 1, Delay: time.Millisecond}, dot, 250, false, 1},
	}
}

func TestOutcomeOfEachFaultAndTheNextReader(t *testing.T) {
	t.Parallel()
	for _, o := range outcomes() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			inDialects(t, []smtpsink.Fault{o.fault}, func(t *testing.T, sink *smtpsink.Sink) {
				d := newDialer(t, config(sink))
				s := dialed(t, d)
				intents, calm := 0, hurry(d, o.fault)
				res := s.Send(context.Background(), mailTo("first@example.org", testMessage("first", 9000)),
					func() (*delivery.Mail, error) { intents++; return nil, nil })
				if res.Phase != o.phase || res.Code != o.code || res.Broken != o.broken {
					t.Errorf("got %+v, want phase %d, code %d, broken %t", res, o.phase, o.code, o.broken)
				}
				if (res.Code == 0) != (res.Err != nil) {
					t.Errorf("got code %d with error %v, want exactly one of them", res.Code, res.Err)
				}
				if got := intents == 1; got != (o.phase == delivery.PhaseDot) {
					t.Errorf("intent recorded: got %d times at phase %d", intents, res.Phase)
				}
				calm()
				taken(t, sink, o.taken)
				sendNext(t, d, s, res.Broken, sink)
			})
		})
	}
}

func TestAcceptedThoughTheConnectionCloses(t *testing.T) {
	t.Parallel()
	inDialects(t, []smtpsink.Fault{does(smtpsink.Dot, smtpsink.DropAfter)}, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
		if !res.Accepted() {
			t.Fatalf("got %+v, want accepted", res)
		}
		if !res.Broken { // the close may be noticed only now, before anything is sent
			for end := time.Now().Add(patience); !s.probe.Pending() && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			res = s.Send(context.Background(), mailTo("b@example.org", testMessage("b", 500)), intent)
			if res.Phase != delivery.PhaseConnect || res.Code != 0 || !res.Broken {
				t.Fatalf("on the closed connection: got %+v, want PhaseConnect and Broken", res)
			}
		}
		sendNext(t, d, s, true, sink)
	})
}

func TestResetThatFailsDropsTheConnection(t *testing.T) {
	t.Parallel()
	faults := []smtpsink.Fault{says(smtpsink.RCPT, "550 5.1.1 no"), says(smtpsink.RSET, "500 5.5.2 what")}
	inDialects(t, faults, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
		if res.Code != 550 || res.Phase != delivery.PhaseRcpt || !res.Broken {
			t.Errorf("got %+v, want 550 at RCPT and Broken", res)
		}
		sendNext(t, d, s, true, sink)
	})
}

func TestIntentThatFailsEndsNoMessage(t *testing.T) {
	t.Parallel()
	inDialects(t, nil, func(t *testing.T, sink *smtpsink.Sink) {
		d := newDialer(t, config(sink))
		s := dialed(t, d)
		for _, size := range []int{0, 10, 5000, 600_000} {
			res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", size)),
				func() (*delivery.Mail, error) { return nil, errIntent })
			if res.Err != errIntent || res.Phase != delivery.PhaseIntent || !res.Broken || res.Code != 0 {
				t.Errorf("size %d: got %+v, want the intent's error and Broken", size, res)
			}
			s = dialed(t, d)
		}
		sendNext(t, d, s, false, sink)
		if got := sink.Count(); got != 1 {
			t.Errorf("messages taken: got %d, want only the next reader's", got)
		}
	})
}

// What the server says before the end of the message is about its body: there
// must be no intent, and no outcome that is unknown.
func TestServerSpeaksBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		text := "354 go on\n421 4.3.2 or rather not"
		if d.opt.Chunking {
			text = "250 2.0.0 chunk\n421 4.3.2 or rather not"
		}
		d.opt.Faults = []smtpsink.Fault{says(smtpsink.Data, text)}
		sink := startSink(t, d.opt)
		dl := newDialer(t, config(sink))
		res := dialed(t, dl).Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), func() (*delivery.Mail, error) {
			t.Errorf("%s: the intent was recorded", d.name)
			return nil, nil
		})
		if res.Phase != delivery.PhaseBody || res.Code != 421 || !res.Broken {
			t.Errorf("%s: got %+v, want 421 in the body and Broken", d.name, res)
		}
		sendNext(t, dl, nil, true, sink)
	}
}

func TestReplyIsKeptAndMadeSafe(t *testing.T) {
	t.Parallel()
	inDialects(t, []smtpsink.Fault{says(smtpsink.RCPT, "550-5.1.1 \x1b[31mno\n550-5.1.1 such\x00\n550 5.1.1 us\xffer")},
		func(t *testing.T, sink *smtpsink.Sink) {
			res := dialed(t, newDialer(t, config(sink))).Send(context.Background(),
				mailTo("a@example.org", testMessage("a", 500)), intent)
			want := delivery.Result{Phase: delivery.PhaseRcpt, Code: 550, Enhanced: "5.1.1", Text: "\ufffd[31mno such\ufffd us\ufffder", Relay: "127.0.0.1"}
			if res != want {
				t.Errorf("got %+v, want %+v", res, want)
			}
		})
}
