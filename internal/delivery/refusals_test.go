package delivery

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/refusal"
	"verdicts.example/digest/internal/refusal/refusaltest"
)

// met is what comes of a reply to RCPT that says so to each of five readers of one
// server, with an acceptance elsewhere between any two if apart.
func met(reply refusaltest.Reply, canary, apart bool) *bench {
	b := newBench(Counts{Queued: 200, Accepted: 50})
	b.canary.Store(canary)
	res := Result{Phase: PhaseRcpt}
	res.Code, res.Enhanced, res.Text = reply.Parts()
	for id := int64(1); id <= firstReaders; id++ {
		r := b.begin(id)
		r.Email, r.Since = fmt.Sprintf("r%d@gmail.example", id), time.Now()
		b.settle(r, res, ClassifyAgain(res), false)
		if apart {
			b.accept(b.begin(100 + id))
		}
	}
	return b
}

// Each row of package refusal's table is heeded by the send as it asks: told at
// once, and a pause when it repeats, but not what waiting does change.
func TestEachRefusalIsHeeded(t *testing.T) {
	t.Parallel()
	for _, reply := range refusaltest.Replies() {
		row, ok := refusal.ExplainLine(reply.Text)
		code, _, _ := reply.Parts()
		if !ok || code/100 < 4 {
			continue
		}
		ofAccount := row.Fault == refusal.Account
		apart := met(reply, false, true)
		if told := len(apart.alarms) > 0; code != 530 && told != (row.Then != refusal.Nothing && !ofAccount) {
			t.Errorf("%s: got told %v, want it by %q and %q", reply.Text, apart.alarms, row.Then, row.Fault)
		}
		for _, a := range apart.alarms {
			if a.Key != row.Key() || strings.Contains(a.Reply, "@") {
				t.Errorf("%s: got %+v told, want the key %q and no address", reply.Text, a, row.Key())
			}
		}
		lasting := row.Then == refusal.Pause && (code/100 == 4 || row.Fault == refusal.Setup)
		if paused := len(apart.pauses) > 0; paused != (lasting && !ofAccount || code == 530) {
			t.Errorf("%s, while others accept: got %v, want a pause: %t", reply.Text, apart.pauses, lasting && !ofAccount)
		}
		if row.Then == refusal.Pause && ofAccount && code/100 == 4 {
			if b := met(reply, false, false); len(b.pauses) != 1 {
				t.Errorf("%s, to five in a row: got %v, want a pause", reply.Text, b.pauses)
			}
		}
		if b := met(reply, true, true); row.Then == refusal.Pause && (len(b.pauses) != 1 || !strings.Contains(b.pauses[0].Reason, row.Action)) {
			t.Errorf("%s, in the first part: got %v, want a pause that says %q", reply.Text, b.pauses, row.Action)
		}
	}
}

// What only the operator can correct is never a reader's bounce when it is said of
// the message, and what a row says stands in the status and in a pause's reason.
func TestEachRefusalIsExplained(t *testing.T) {
	t.Parallel()
	for _, reply := range refusaltest.Replies() {
		row, ok := refusal.ExplainLine(reply.Text)
		if !ok {
			continue
		}
		res := Result{Phase: PhaseDot}
		res.Code, res.Enhanced, res.Text = reply.Parts()
		if v := ClassifyAgain(res); row.Fault.Operators() && (v.Fault == HardFault || v.Fault == SoftFault) {
			t.Errorf("%s: got %+v, want it to be no reader's", reply.Text, v)
		}
		if x, ok := (Refusal{Reply: reply.Text}).Explanation(); !ok || x.Key() != row.Key() {
			t.Errorf("%s: got %q, want %q", reply.Text, x.Key(), row.Key())
		}
		if got := withMeaning("the server refuses: " + reply.Text); !strings.HasSuffix(got, row.String()) {
			t.Errorf("%s: got %q, want what it means behind it", reply.Text, got)
		}
	}
}
