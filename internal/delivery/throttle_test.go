package delivery_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
)

// A bucket is a server's limit: so many messages at once, refilled with time.
type bucket struct {
	mu    sync.Mutex
	size  float64
	rate  float64 // messages a second
	level float64
	at    time.Time
}

func (b *bucket) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.at.IsZero() {
		b.level = b.size
	} else {
		b.level = min(b.size, b.level+now.Sub(b.at).Seconds()*b.rate)
	}
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// simulate sends to n readers in virtual time, until every delivery is final, and counts the transactions.
func simulate(t *testing.T, n int, email func(int64) string, answer func(env delivery.Envelope, before int) delivery.Result) (sum delivery.Summary, asked map[string]int, log string) {
	t.Helper()
	f := deliverytest.New(t, 0)
	f.AddReadersAt(n, email)
	f.Freeze()
	var mu sync.Mutex
	asked = map[string]int{}
	server := &deliverytest.Server{Takes: 50 * time.Millisecond, Answer: func(env delivery.Envelope, before int) delivery.Result {
		mu.Lock()
		asked[env.To]++
		mu.Unlock()
		return answer(env, before)
	}}
	var out bytes.Buffer
	opt := f.Options(server)
	opt.Stay, opt.LeaseFor, opt.Pacing.Connections = true, 24*time.Hour, 8
	opt.Log = slog.New(slog.NewTextHandler(&out, nil))
	sum, err := delivery.Run(t.Context(), opt)
	if err != nil {
		t.Fatalf("got %v, want the send", err)
	}
	f.Verify()
	return sum, asked, out.String()
}

// oneDomain puts every reader at one domain, but one in others, if that is not 0.
func oneDomain(others int64) func(int64) string {
	return func(id int64) string {
		if others > 0 && id%others == 0 {
			return deliverytest.Email(id)
		}
		return fmt.Sprintf("reader%d@one.example", id)
	}
}

// Greylisting of each of a thousand readers at one domain costs each one retry,
// and nobody else any time, whatever words it has.
func TestGreylisting(t *testing.T) {
	t.Parallel()
	for name, res := range map[string]delivery.Result{
		"in words":       deliverytest.Reply(delivery.PhaseRcpt, 451, "4.7.1", "Greylisted, please come back"),
		"without a code": deliverytest.Reply(delivery.PhaseRcpt, 450, "", "please try again later"),
		"as 4.2.0":       deliverytest.Reply(delivery.PhaseRcpt, 450, "4.2.0", "try again later"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 1000
				sum, asked, _ := simulate(t, n, oneDomain(0), func(_ delivery.Envelope, before int) delivery.Result {
					if before == 0 {
						return res
					}
					return deliverytest.Accepted()
				})
				if sum.Counts[delivery.Accepted] != n {
					t.Fatalf("got %v, want all accepted", sum.Counts)
				}
				for to, k := range asked {
					if k != 2 {
						t.Fatalf("%s: got %d attempts, want one retry", to, k)
					}
				}
				t.Logf("%v until all had it", sum.Took)
				if sum.Took > 15*time.Minute {
					t.Errorf("got %v, want the wait of one retry, and a little", sum.Took)
				}
			})
		})
	}
}

// A domain that takes so many a minute gets them in about the time that it needs
// for them; the others do not wait.
func TestRateLimitedDomain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		perMinute float64
		size      float64
		n         int
	}{
		"600 a minute": {600, 50, 3000},
		"60 a minute":  {60, 20, 1000},
		"6 a minute":   {6, 5, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &bucket{size: c.size, rate: c.perMinute / 60}
				began, refused, others := time.Now(), 0, time.Duration(0)
				var mu sync.Mutex
				sum, _, _ := simulate(t, c.n*10/9, oneDomain(10), func(env delivery.Envelope, _ int) delivery.Result {
					if domainOf(env) != "one.example" {
						mu.Lock()
						others = time.Since(began)
						mu.Unlock()
						return deliverytest.Accepted()
					}
					if b.take() {
						return deliverytest.Accepted()
					}
					mu.Lock()
					refused++
					mu.Unlock()
					return deliverytest.Reply(delivery.PhaseRcpt, 450, "4.7.0", "too much mail from you")
				})
				ideal := time.Duration((float64(c.n) - c.size) / b.rate * float64(time.Second))
				t.Logf("all had it after %v, ideal %v (%.2f); the others after %v; %d refusals for %d readers",
					sum.Took.Round(time.Second), ideal.Round(time.Second), sum.Took.Seconds()/ideal.Seconds(), others.Round(time.Second), refused, c.n)
				if sum.Counts.Open() != 0 || sum.Counts[delivery.Failed] != 0 {
					t.Errorf("got %v, want all accepted", sum.Counts)
				}
				if sum.Took > ideal*13/10+time.Minute {
					t.Errorf("got %v, want about %v", sum.Took, ideal)
				}
				if refused > c.n/5 {
					t.Errorf("got %d refusals for %d readers, want few", refused, c.n)
				}
				if others > time.Minute {
					t.Errorf("the others took %v, want no wait", others)
				}
			})
		})
	}
}

// A relay that tells everybody to wait is asked less and less often, says so
// once, and gets the rest when it takes mail again.
func TestRelayAsksToWait(t *testing.T) {
	t.Parallel()
	for name, res := range map[string]delivery.Result{
		"450 4.7.1": deliverytest.Reply(delivery.PhaseRcpt, 450, "4.7.1", "not now"),
		"451 4.3.0": deliverytest.Reply(delivery.PhaseRcpt, 451, "4.3.0", "queue file write error"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n, closed = 6000, 40 * time.Minute
				began, early := time.Now(), 0
				var mu sync.Mutex
				sum, asked, log := simulate(t, n, deliverytest.Email, func(delivery.Envelope, int) delivery.Result {
					mu.Lock()
					defer mu.Unlock()
					if time.Since(began) < closed {
						early++
						return res
					}
					return deliverytest.Accepted()
				})
				ideal := closed + n/8*50*time.Millisecond
				t.Logf("%d asked in %v; all had it after %v, ideal %v", early, closed, sum.Took.Round(time.Second), ideal)
				if early > 300 || len(asked) != n {
					t.Errorf("got %d attempts in %v of a list of %d, want few", early, closed, n)
				}
				if got := strings.Count(log, "the mail server asks to slow down"); got != 1 {
					t.Errorf("got %d warnings, want one", got)
				}
				if sum.Counts[delivery.Accepted] != n || sum.Took > 2*ideal {
					t.Errorf("got %v after %v, want all accepted, about %v", sum.Counts, sum.Took, ideal)
				}
			})
		})
	}
}
