package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A stand is a worker with stand-ins for all that it is handed; what it does with
// them is written down.
type stand struct {
	queue   []Recipient
	answers []Result // of the session, one a transaction; then it accepts
	refuse  error    // of intents
	dials   []error  // one a connection; then they succeed
	crowd   bool     // another run wants room
	open    bool
	log     []string
}

func (b *stand) note(format string, args ...any) { b.log = append(b.log, fmt.Sprintf(format, args...)) }

func (b *stand) isOpen() bool { return b.open }

func (b *stand) dequeue(func(bool)) (Recipient, bool) { return b.dequeueSpare(-1) }

func (b *stand) dequeueSpare(left int) (Recipient, bool) {
	if len(b.queue) == 0 || len(b.queue) <= left {
		return Recipient{}, false
	}
	r := b.queue[0]
	b.queue = b.queue[1:]
	return r, true
}

func (b *stand) giveBack(r Recipient, at place) bool {
	switch at {
	case lastOfDomain:
		return false
	case lastOfAll:
		b.note("behind %d", r.ID)
		b.queue = append(b.queue, r)
	case foremost:
		b.note("back %d", r.ID)
		b.queue = append([]Recipient{r}, b.queue...)
	}
	return true
}

func (b *stand) done(r Recipient, a answer) { b.note("done %d %d", r.ID, a) }

func (b *stand) begin() { b.note("begin") }
func (b *stand) end()   { b.note("end") }

func (b *stand) submit(in *intent) {
	b.note("intent %d", in.ID)
	in.answer <- b.refuse
}

func (b *stand) settle(r Recipient, _ Result, v Verdict, ended bool) {
	b.note("%s %d ended=%t", v.State, r.ID, ended)
}
func (b *stand) keep(r Recipient, _ Result)      { b.note("keep %d", r.ID) }
func (b *stand) withdrawn(r Recipient)           { b.note("withdrawn %d", r.ID) }
func (b *stand) unsendable(r Recipient, _ error) { b.note("unsendable %d", r.ID) }
func (b *stand) refusedUs(error)                 { b.note("refused us"); b.open = false }
func (b *stand) Writer() Writer                  { return b }
func (b *stand) Dial(context.Context) (Session, error) {
	b.note("dial")
	if len(b.dials) > 0 {
		err := b.dials[0]
		b.dials = b.dials[1:]
		return b, err
	}
	return b, nil
}
func (b *stand) Close() error       { b.note("quit"); return nil }
func (b *stand) Relay() string      { return "relay" }
func (b *stand) crowded(bool) bool  { return b.crowd }
func (b *stand) makesWay(bool) bool { return b.crowd }

func (b *stand) Compose(r *Recipient) (Message, Envelope, error) {
	if r.Name == "unsendable" {
		return Message{}, Envelope{}, errors.New("no such merge field")
	}
	return Message{}, Envelope{To: r.Email}, nil
}

func (b *stand) Send(_ context.Context, m Mail, intend func() (*Mail, error)) Result {
	res := Result{Phase: PhaseDot, Code: 250, Enhanced: "2.0.0"}
	if len(b.answers) > 0 {
		res, b.answers = b.answers[0], b.answers[1:]
	}
	if res.Phase < PhaseIntent {
		return res
	}
	follow, err := intend()
	if err != nil {
		return Result{Phase: PhaseIntent, Err: err, Broken: true}
	}
	if follow != nil {
		b.note("then %s", follow.Envelope.To)
	}
	return res
}

// work runs a worker until nothing is queued, and gives what it did.
func (b *stand) work(t *testing.T, change func(*crew)) string {
	t.Helper()
	b.open = true
	ticks := uint64(0)
	c := crew{
		dialer: b, room: b, supply: b, intents: b, verdicts: b, link: newLink(0, time.Now), workers: 1, log: slog.New(slog.DiscardHandler),
		began: func() uint64 { ticks++; return ticks }, tooMany: func() { b.note("too many") },
		end: func(err error) { b.note("end: %v", errors.Is(err, ErrUnreachable)); b.open = false },
	}
	if change != nil {
		change(&c)
	}
	newWorker(c, b).work(t.Context(), t.Context())
	return strings.Join(b.log, "; ")
}

func readersOf(ids ...int64) []Recipient {
	var out []Recipient
	for _, id := range ids {
		out = append(out, Recipient{ID: id, Email: fmt.Sprintf("r%d@d.example", id)})
	}
	return out
}

// A worker is alone with what it is handed: no database, no other worker.
func TestWorkerAlone(t *testing.T) {
	t.Parallel()
	gone := Result{Phase: PhaseRcpt, Code: 550, Enhanced: "5.1.1"}
	full := Result{Phase: PhaseMail, Code: 452, Enhanced: "4.4.5", Carried: 9}
	lost := Result{Phase: PhaseDot, Err: errors.New("connection reset"), Broken: true}
	cut := Result{Phase: PhaseRcpt, Err: errors.New("connection reset"), Broken: true}
	old := Result{Phase: PhaseRcpt, Err: errors.New("connection reset"), Broken: true, Carried: 3}
	tests := map[string]struct {
		b      stand
		change func(*crew)
		want   string
	}{
		"two on one connection": {
			b:    stand{queue: readersOf(1, 2)},
			want: "dial; begin; intent 1; accepted 1 ended=true; done 1 1; intent 2; accepted 2 ended=true; done 2 1; end; quit",
		},
		"one more than the workers is begun early": {
			b:    stand{queue: readersOf(1, 2, 3)},
			want: "dial; begin; intent 1; then r2@d.example; accepted 1 ended=true; done 1 1; intent 2; accepted 2 ended=true; done 2 1; intent 3; accepted 3 ended=true; done 3 1; end; quit",
		},
		"a rate lets nothing begin early": {
			b:      stand{queue: readersOf(1, 2, 3)},
			change: func(c *crew) { c.limiter = freePace() },
			want:   "dial; begin; intent 1; accepted 1 ended=true; done 1 1; end; begin; intent 2; accepted 2 ended=true; done 2 1; end; begin; intent 3; accepted 3 ended=true; done 3 1; end; quit",
		},
		"a relay's rate lets nothing begin early either": {
			b:      stand{queue: readersOf(1, 2, 3)},
			change: func(c *crew) { c.relays = map[string]Rate{"relay": freePace()} },
			want:   "dial; begin; intent 1; accepted 1 ended=true; done 1 1; end; begin; intent 2; accepted 2 ended=true; done 2 1; end; begin; intent 3; accepted 3 ended=true; done 3 1; end; quit",
		},
		"another relay's rate is nothing to it": {
			b:      stand{queue: readersOf(1, 2)},
			change: func(c *crew) { c.relays = map[string]Rate{"other": newPace(0, time.Now)} },
			want:   "dial; begin; intent 1; accepted 1 ended=true; done 1 1; intent 2; accepted 2 ended=true; done 2 1; end; quit",
		},
		"a session makes way between messages": {
			b:    stand{queue: readersOf(1, 2, 3), crowd: true},
			want: "dial; begin; intent 1; accepted 1 ended=true; done 1 1; quit; end; dial; begin; intent 2; accepted 2 ended=true; done 2 1; quit; end; dial; begin; intent 3; accepted 3 ended=true; done 3 1; end; quit",
		},
		"no room: the reader is given back, and asked for later": {
			b:    stand{queue: readersOf(1), dials: []error{ErrNoRoom}},
			want: "dial; back 1; dial; begin; intent 1; accepted 1 ended=true; done 1 1; end; quit",
		},
		"a refusal before the message needs no intent": {
			b:    stand{queue: readersOf(1), answers: []Result{gone}},
			want: "dial; begin; failed 1 ended=false; done 1 0; end; quit",
		},
		"who left in the meantime": {
			b:    stand{queue: readersOf(1), refuse: ErrWithdrawn},
			want: "dial; begin; intent 1; withdrawn 1; done 1 0; end",
		},
		"a message that can't be made": {
			b:    stand{queue: []Recipient{{ID: 1, Name: "unsendable"}}},
			want: "dial; begin; unsendable 1; done 1 0; end; quit",
		},
		"a session at its limit is renewed at no attempt": {
			b:    stand{queue: readersOf(1), answers: []Result{full}},
			want: "dial; begin; quit; back 1; end; dial; begin; intent 1; accepted 1 ended=true; done 1 1; end; quit",
		},
		"no answer to the end is unknown, not tried again": {
			b:    stand{queue: readersOf(1), answers: []Result{lost}},
			want: "dial; begin; intent 1; unknown 1 ended=true; done 1 0; end",
		},
		"a connection lost in mid-message: the others first": {
			b:    stand{queue: readersOf(1, 2), answers: []Result{cut}},
			want: "dial; begin; behind 1; end; dial; begin; intent 2; accepted 2 ended=true; done 2 1; intent 1; accepted 1 ended=true; done 1 1; end; quit",
		},
		"a connection lost that had carried something": {
			b:    stand{queue: readersOf(1, 2), answers: []Result{old}},
			want: "dial; begin; back 1; end; dial; begin; intent 1; accepted 1 ended=true; done 1 1; intent 2; accepted 2 ended=true; done 2 1; end; quit",
		},
		"a refused login": {
			b:    stand{queue: readersOf(1), dials: []error{&SMTPError{Result{Phase: PhaseConnect, Code: 535, Enhanced: "5.7.8"}}}},
			want: "dial; back 1; refused us",
		},
		"too many connections": {
			b:    stand{queue: readersOf(1), dials: []error{&SMTPError{Result{Phase: PhaseConnect, Code: 421, Enhanced: "4.7.0"}}}},
			want: "dial; back 1; too many; dial; begin; intent 1; accepted 1 ended=true; done 1 1; end; quit",
		},
		"no server for too long": {
			b: stand{queue: readersOf(1), dials: []error{errors.New("connection refused")}},
			change: func(c *crew) {
				began := time.Now()
				c.link = newLink(time.Minute, func() time.Time { began = began.Add(time.Minute); return began })
			},
			want: "dial; back 1; end: true",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // a failed connection waits before the next
				if got := tt.b.work(t, tt.change); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

// freePace holds nobody back.
func freePace() *pace {
	p := newPace(0, time.Now)
	p.set(1e6, false)
	return p
}
