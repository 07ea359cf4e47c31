//go:build unix

package delivery_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
)

// TestCrashInTheFirstPart kills the sender while the first part is sent, and in the
// wait behind it. Nobody else is mailed meanwhile, and whoever skips the wait sends to
// everybody once: ledger against database.
func TestCrashInTheFirstPart(t *testing.T) {
	t.Parallel()
	const readers, part, before = 300, 40, 10
	c := campaign{t: t, readers: readers}
	f := deliverytest.New(t, readers)
	f.Freeze()
	ledger := filepath.Join(f.Dir, "ledger")
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Ledger: ledger, Faults: []smtpsink.Fault{
		{At: smtpsink.RCPT, Do: smtpsink.Stall, Nth: before}, // so that the first part is not through yet
	}})
	if err != nil {
		t.Fatal(err)
	}
	c.killWhen(f, sink, "some of the first part have it", func() bool { return sink.Count() >= before }, part)
	if sink.Count() >= part || !f.Info().Canary.Until.IsZero() {
		t.Fatalf("got %d messages, %+v, want a first part that is not through", sink.Count(), f.Info().Canary)
	}
	onlyFirstPart(t, f, sink)
	c.killWhen(f, sink, "the wait has begun", func() bool { return !f.Info().Canary.Until.IsZero() }, part)
	onlyFirstPart(t, f, sink)
	if got, counts := f.Info().Canary, f.Counts(); len(got.IDs) != part || counts[delivery.Queued] != readers-part || !got.Pending(time.Now()) {
		t.Errorf("got %+v, %v after a crash in the wait, want the others queued and waiting", got, counts)
	}
	if err := f.Store.EndCanary(t.Context(), f.Edition, time.Now(), false); err != nil { // send --now
		t.Fatal(err)
	}
	_, done := c.sender(f, sink.Addr(), childPart+"="+strconv.Itoa(part))
	if err := <-done; err != nil {
		t.Fatalf("the last sender: %v", err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	c.compare(f, ledger)
	if got := f.Counts(); got[delivery.Accepted]+got[delivery.Unknown] != readers {
		t.Errorf("got %v, want everybody accepted or unknown", got)
	}
}

// killWhen starts a sender with a first part and kills it when something is so.
func (c *campaign) killWhen(f *deliverytest.Fixture, sink *smtpsink.Sink, what string, so func() bool, part int) {
	c.t.Helper()
	cmd, done := c.sender(f, sink.Addr(), childPart+"="+strconv.Itoa(part))
	for deadline := time.After(crashPatience); !so(); {
		select {
		case err := <-done:
			c.t.Fatalf("the sender ended with %v before %s", err, what)
		case <-deadline:
			c.t.Fatalf("got %v, want that %s", f.Counts(), what)
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	<-done
	c.kills++
}

// crashPatience is how long a busy machine may need for a sender to get somewhere.
const crashPatience = 5 * time.Minute
