//go:build unix

package delivery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
)

// What a server says to everybody, from the first reader on or after some that it
// took, over real SMTP: how many it may be said to until the send pauses, and how
// many of them have failed. After the operator has corrected it everybody who has
// not failed gets it once.
func TestToldToEverybody(t *testing.T) {
	t.Parallel()
	const taken = 20
	many := func(i int64) string { return deliverytest.Email(i) }
	one := func(i int64) string { return fmt.Sprintf("reader%d@one.example", i) }
	for _, c := range []struct {
		at      smtpsink.Stage
		replies []string
		email   func(int64) string
		first   int // told until it pauses, when it is told to the first reader already
		later   int // and when it is told after some were taken
		failed  int // of those, at most; their servers, or one behind the relay, said so of the mailbox
	}{
		{smtpsink.MAIL, []string{"550 5.7.1 not owned by user", "550 no", "530 5.7.0 log in", "503 AUTH first"}, many, 4, 4, 0},
		{smtpsink.Data, []string{"554 5.7.1 no", "550 no more today"}, many, 4, 4, 0},
		{smtpsink.RCPT, []string{"530 5.7.0 log in", "503 5.5.1 authentication required"}, many, 4, 4, 0},
		{smtpsink.RCPT, []string{
			"550 5.1.8 sender", "554 5.2.252 SendAsDenied", "552 5.3.4 too big", "550 5.4.5 limit", "554 5.7.1 relay access denied", "550 5.1.1 Email address is not verified",
		}, many, 8, 8, 0},
		{smtpsink.Dot, []string{
			"554 Message rejected: Email address is not verified", "550 5.4.5 Daily sending limit exceeded", "550 5.1.7 sender",
			"550 5.6.0 no", "554 5.7.1 spam", "524 5.2.4 Mailing list expansion problem", "550 5.0.0 no", "554 no",
		}, many, 8, 8, 0},
		// One text for all, at one domain: nobody but 20 readers in a row can tell.
		{smtpsink.Dot, []string{"554 5.7.1 spam", "524 5.2.4 list"}, one, 8, 23, 0},
		{smtpsink.RCPT, []string{"554 5.7.1 no"}, one, 8, 23, 0},
		// What names no mailbox may be one's own affair: ten of three domains.
		{smtpsink.RCPT, []string{"524 5.2.4 Mailing list expansion problem", "550 5.0.0 no", "550 relay not permitted", "550 5.4.1 Access denied", "550 5.2.3 no"}, many, 8, 13, 0},
		{smtpsink.RCPT, []string{"524 5.2.4 list", "550 no such domain here"}, one, 8, 23, 0},
		// What names the mailbox is believed until the circuit breaker does not.
		{smtpsink.RCPT, []string{"550 5.1.1 no such user", "552 5.2.2 full", "551 5.1.6 moved"}, many, 23, 100, 100},
		{smtpsink.Dot, []string{"550 5.1.1 no such user"}, many, 23, 100, 100},
	} {
		for _, reply := range c.replies {
			for _, after := range []int{0, taken} {
				t.Run(fmt.Sprintf("%s %s after %d at %s", c.at, reply, after, c.email(1)), func(t *testing.T) {
					t.Parallel()
					most := c.first
					if after > 0 {
						most = c.later
					}
					n := 60
					if c.failed > 0 {
						n = 130 // more than the circuit breaker asks of a share
					}
					toldToEverybody(t, smtpsink.Fault{At: c.at, Do: smtpsink.Reply, Reply: reply, After: after}, n, c.email, most, c.failed)
				})
			}
		}
	}
}

func toldToEverybody(t *testing.T, fault smtpsink.Fault, n int, email func(int64) string, most, failed int) {
	f := deliverytest.Open(t, t.TempDir())
	f.AddReadersAt(n, email)
	f.Edition = f.AddEdition(deliverytest.Week)
	f.Freeze()
	run := func(faults ...smtpsink.Fault) (*smtpsink.Sink, delivery.Summary, error) {
		sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: faults})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := delivery.Run(t.Context(), f.Options(dialer(t, sink)))
		if err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		return sink, sum, err
	}
	bad, sum, err := run(fault)
	words := strings.TrimSpace(fault.Reply[4:])
	if !errors.Is(err, delivery.ErrPaused) || !strings.Contains(err.Error(), words) {
		t.Fatalf("got %v and %v, want a pause with the server's words", sum.Counts, err)
	}
	told := 0
	for _, d := range f.Deliveries() {
		if strings.Contains(d.Reply, words) || d.State == delivery.Failed {
			told++
		}
	}
	if got := int(sum.Counts[delivery.Failed]); told > most || got > failed {
		t.Errorf("got it told to %d, of whom %d failed, want at most %d and %d", told, got, most, failed)
	}
	f.Resume()
	good, sum, err := run()
	if err != nil || !sum.Finished || int(sum.Counts[delivery.Accepted]+sum.Counts[delivery.Failed]) != n {
		t.Fatalf("corrected: got %+v, %v, want the end", sum, err)
	}
	if got := bad.Count() + good.Count(); got != int(sum.Counts[delivery.Accepted]) {
		t.Errorf("got %d messages taken, want one for each of %d", got, sum.Counts[delivery.Accepted])
	}
	if got := f.Suppressed(int64(n)); got != 0 {
		t.Errorf("got %d suppressed, want none", got)
	}
	f.Verify()
}
