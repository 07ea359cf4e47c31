package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A bench is a judge that keeps what it records.
type bench struct {
	*judge
	outcomes []Outcome
	pauses   []Pause
	alarms   []Alarm
}

func newBench(c Counts) *bench {
	b := &bench{judge: newJudge(c)}
	b.record = func(o Outcome) { b.outcomes = append(b.outcomes, o) }
	b.pause = func(p Pause) { b.pauses = append(b.pauses, p) }
	b.alarm = func(a Alarm) { b.alarms = append(b.alarms, a) }
	b.progress, b.now = &Progress{}, time.Now
	b.progress.begin(c, nil, time.Now())
	return b
}

func (b *bench) begin(id int64) Recipient {
	return Recipient{ID: id, Email: fmt.Sprintf("r%d@d%d.example", id, id), began: b.ticks.Add(1)}
}

func (b *bench) refuse(r Recipient) {
	res := Result{Phase: PhaseRcpt, Code: 550, Enhanced: "5.7.1", Text: "no"}
	b.settle(r, res, Classify(res), false)
}

func (b *bench) accept(r Recipient) {
	res := Result{Phase: PhaseDot, Code: 250}
	b.settle(r, res, Classify(res), true)
}

func (b *bench) states() string {
	var out []string
	for _, o := range b.outcomes {
		out = append(out, fmt.Sprintf("%d %s", o.ID, o.State))
	}
	return fmt.Sprint(out)
}

// Only an acceptance of a message that began after a refusal says that the
// refusal is its reader's affair.
func TestJudgeHolds(t *testing.T) {
	t.Parallel()
	b := newBench(Counts{Queued: 100, Accepted: 10})
	early := b.begin(1)
	b.refuse(b.begin(2))
	b.accept(early)
	if got := b.states(); got != "[1 accepted]" {
		t.Errorf("got %s, want the refusal held", got)
	}
	b.accept(b.begin(3))
	if got := b.states(); got != "[1 accepted 3 accepted 2 failed]" || b.outcomes[2].Fault != PolicyFault {
		t.Errorf("got %s, %+v, want it final as a policy's", got, b.outcomes)
	}
	for id := int64(4); id < 7; id++ {
		b.refuse(b.begin(id))
	}
	if got := b.states(); got != "[1 accepted 3 accepted 2 failed 4 queued 5 queued 6 queued]" || len(b.pauses) != 1 {
		t.Errorf("got %s, %v, want a pause that puts three domains back", got, b.pauses)
	}
	for _, o := range b.outcomes[3:] {
		if o.Attempt || o.Reply == "" {
			t.Errorf("got %+v, want no attempt counted, and the reply", o)
		}
	}
}

// Who was put back and is refused by policy again holds nobody up.
func TestJudgeOfTheRefused(t *testing.T) {
	t.Parallel()
	b := newBench(Counts{Queued: 5, Accepted: 10})
	for id := int64(1); id <= 5; id++ {
		r := b.begin(id)
		r.Refused = true
		b.refuse(r)
	}
	if got := b.states(); got != "[1 failed 2 failed 3 failed 4 failed 5 failed]" || len(b.pauses) != 0 {
		t.Errorf("got %s, %v, want them failed and no pause", got, b.pauses)
	}
}

// A refusal that says nothing of whom it speaks is its reader's, unless ten of
// several domains in a row are refused so; who is refused so again after the
// pause has failed, and no bounce is counted.
func TestJudgeOfVagueRefusals(t *testing.T) {
	t.Parallel()
	res := Result{Phase: PhaseRcpt, Code: 550, Text: "relay not permitted"}
	b := newBench(Counts{Queued: 100, Accepted: 20})
	for id := int64(1); id < rowVague; id++ {
		b.settle(b.begin(id), res, Classify(res), false)
	}
	b.accept(b.begin(50))
	if last := b.outcomes[len(b.outcomes)-1]; len(b.outcomes) != rowVague || last.State != Failed || last.Fault != SoftFault {
		t.Errorf("got %s, %+v, want the nine failed for themselves", b.states(), last)
	}
	for id := int64(11); id < 11+rowVague; id++ {
		b.settle(b.begin(id), res, Classify(res), false)
	}
	if last := b.outcomes[len(b.outcomes)-1]; len(b.pauses) != 1 || last.State != Queued || last.Attempt {
		t.Errorf("got %v, %+v, want a pause that puts them back", b.pauses, last)
	}
	b = newBench(Counts{Queued: 80, Accepted: 20})
	r := b.begin(11)
	r.Refused = true
	b.settle(r, res, Classify(res), false)
	if last := b.outcomes[0]; last.State != Failed || last.Fault != PolicyFault {
		t.Errorf("got %+v, want it failed by policy", last)
	}
}

func TestBreakerCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		accepted, refused int // the accepted first
		trips             bool
	}{
		{0, 19, false}, {0, 20, true}, {1, 30, false}, {93, 7, false}, {90, 10, true},
		{945, 55, false}, {930, 70, true}, {9500, 500, false}, {9440, 560, true},
	} {
		var b breaker
		reason := ""
		for range c.accepted {
			reason = max(reason, b.note(false, ""))
		}
		for range c.refused {
			reason = max(reason, b.note(true, "550 no"))
		}
		if got := reason != ""; got != c.trips {
			t.Errorf("%d refused of %d: got %v (%q), want %v", c.refused, c.accepted+c.refused, got, reason, c.trips)
		}
	}
}

func TestBelieved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stopped    bool
		took, gone int
		want       bool
	}{
		{false, 0, 0, true}, {false, 1, 1, true}, {false, 10, 2, true}, {false, 9, 2, false}, {false, 100, 20, true}, {false, 100, 21, false}, {true, 100, 1, false},
	} {
		if got := Believed(c.stopped, c.took, c.gone); got != c.want {
			t.Errorf("stopped %v, %d of %d: got %v, want %v", c.stopped, c.gone, c.took, got, c.want)
		}
	}
}

// A claimsStub gives what it has, then nothing.
type claimsStub struct{ left []Recipient }

func (c *claimsStub) Claim(_ context.Context, q Claim) (Claims, error) {
	n := min(q.Limit, len(c.left))
	out := Claims{Recipients: c.left[:n], From: Queued}
	c.left = c.left[n:]
	out.More = len(c.left) > 0
	return out, nil
}

// recordsStub knows of one day's messages and of what is left.
type recordsStub struct {
	sent   int64
	counts Counts
}

func (r recordsStub) Counts(context.Context, int64) (Counts, error)   { return r.counts, nil }
func (r recordsStub) SentOnDay(context.Context, int64) (int64, error) { return r.sent, nil }
func (r recordsStub) ReserveDay(_ context.Context, _ Sender, q DayRequest) (int64, error) {
	return q.Grant(r.sent, 0), nil
}
func (r recordsStub) NextDeferred(context.Context, int64) (t time.Time, e error) { return t, nil }

// The feeder keeps to the day's limit, and ends without an error when that is
// reached with the last reader.
func TestFeederKeepsToTheDay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		counts Counts
		err    error
	}{
		"more to send":    {Counts{Accepted: 10, Queued: 5}, ErrDayLimit},
		"the last reader": {Counts{Accepted: 10}, nil},
	} {
		f := &feeder{
			claims: &claimsStub{left: make([]Recipient, 5)}, records: recordsStub{sent: 10, counts: c.counts},
			dispatch: newDispatcher(Pacing{}, time.Now), flush: func() {}, progress: &Progress{},
			warmup: Warmup{Start: time.Now(), PerDay: []int64{10}}, now: time.Now,
		}
		if err := f.feed(t.Context()); !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
		}
		if f.begun != 0 {
			t.Errorf("%s: got %d claimed, want none", name, f.begun)
		}
	}
}

// What only the operator can change is told at the first refusal, once a kind, and
// pauses when it repeats over several readers or for one who has waited. What a
// reader's own server or the rate is to blame for does not.
func TestJudgeHeedsProviders(t *testing.T) {
	t.Parallel()
	reply := func(code int, enhanced, text string) Result {
		return Result{Phase: PhaseRcpt, Code: code, Enhanced: enhanced, Text: text}
	}
	for _, tt := range []struct {
		name   string
		res    Result
		told   int  // after the first refusal
		after  int  // readers refused at a pause, an acceptance between any two; 0: none
		second bool // one reader, refused again after a wait, pauses
	}{
		{"DKIM, for now", reply(450, "4.7.30", "DKIM does not pass"), 1, firstReaders, true},
		{"unauthenticated, for good", reply(550, "5.7.26", "unauthenticated"), 1, firstReaders, false},
		{"Microsoft's 5.7.515", reply(550, "5.7.515", "Access denied"), 1, firstReaders, false},
		{"Yahoo's TSS", reply(451, "4.7.0", "[TSS04] deferred"), 1, 0, false},
		{"the relay's rate", reply(454, "", "Throttling failure: Maximum sending rate exceeded."), 0, 0, false},
		{"one server that does not relay", reply(554, "5.7.1", "Relay access denied"), 0, 0, false},
		{"a full mailbox", reply(452, "4.2.2", "full"), 0, 0, false},
	} {
		b := newBench(Counts{Queued: 200, Accepted: 50})
		for id := int64(1); id <= 12; id++ {
			r := b.begin(id)
			r.Email = fmt.Sprintf("r%d@gmail.example", id)
			b.settle(r, tt.res, Classify(tt.res), false)
			if id == 1 && len(b.alarms) != tt.told {
				t.Errorf("%s: got %v told at the first, want %d", tt.name, b.alarms, tt.told)
			}
			if want := tt.after > 0 && int(id) >= tt.after; (len(b.pauses) > 0) != want {
				t.Errorf("%s: got pauses %v after %d, want them %v", tt.name, b.pauses, id, want)
				break
			}
			b.accept(b.begin(100 + id))
		}
		if len(b.alarms) != tt.told {
			t.Errorf("%s: got %d told, want %d", tt.name, len(b.alarms), tt.told)
		}
		b = newBench(Counts{Queued: 200, Accepted: 50})
		r := b.begin(1)
		r.Attempts, r.Since = 1, time.Now()
		b.settle(r, tt.res, Classify(tt.res), false)
		if (len(b.pauses) > 0) != tt.second {
			t.Errorf("%s, again: got pauses %v, want them %v", tt.name, b.pauses, tt.second)
		}
	}
}

// A pause says what the reply means and what to do.
func TestPauseExplains(t *testing.T) {
	t.Parallel()
	b := newBench(Counts{Queued: 200, Accepted: 50})
	res := Result{Phase: PhaseRcpt, Code: 450, Enhanced: "4.7.30", Text: "DKIM does not pass for <r1@gmail.example>"}
	for id := int64(1); id <= firstReaders; id++ {
		b.settle(b.begin(id), res, Classify(res), false)
	}
	if len(b.pauses) != 1 || !strings.Contains(b.pauses[0].Reason, "450 4.7.30") || !strings.Contains(b.pauses[0].Reason, "publish the DKIM key") || !strings.Contains(b.pauses[0].Reason, "digest doctor") {
		t.Errorf("got %v, want the reply, what it means and what to do", b.pauses)
	}
	if strings.Contains(b.alarms[0].Reply, "@") {
		t.Errorf("got %q told, want no address", b.alarms[0].Reply)
	}
}

// One hard bounce alone is believed; nothing is while the send is stopped.
func TestDoubtful(t *testing.T) {
	t.Parallel()
	for hard, want := range map[int]bool{0: false, 1: false, 2: true, 100: true} {
		if got := Doubtful(false, hard); got != want || Doubtful(true, hard) {
			t.Errorf("%d hard bounces: got %t, %t when stopped, want %t, false", hard, got, Doubtful(true, hard), want)
		}
	}
}
