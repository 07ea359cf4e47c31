//go:build linux

package delivery_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/smtpsink"
)

const ioRunsVar = "IO_RUNS" // failing runs for each kind of failure; 15 where it is not set

// ioFailures are the ways in which the file system fails. strace counts the
// calls of each thread and name apart; where each hundredth of them fails, about
// one in a hundred of all does. Opening reads the whole database, in one thread:
// a small one, or no run would come to send.
func ioFailures() []ioFailure {
	const (
		reads  = "pread64,read"
		writes = "pwrite64,write,fsync,fdatasync,ftruncate"
	)
	return []ioFailure{
		{name: "EIO", calls: writes, errno: "EIO", first: 100, step: 100, readers: 1500},
		{name: "ENOSPC", calls: "pwrite64,write,ftruncate,fallocate", errno: "ENOSPC", first: 100, step: 100, readers: 1500},
		{name: "EIO of the journal", calls: writes, errno: "EIO", first: 40, step: 40, only: ".journal", readers: 1500},
		{name: "EIO of reads", calls: reads, errno: "EIO", first: 100, step: 100, readers: 300},
		{name: "EIO of reads in mid-send", calls: reads, errno: "EIO", first: 50, step: 50, late: true, readers: 300},
		{name: "read-only from mid-send on", calls: writes + ",unlink,rename,fchmod,fchown", errno: "EROFS", first: 1, step: 1, late: true, readers: 1500},
	}
}

// TestIOErrors has system calls on the database and the journal fail while the
// sender works, and compares what the server took, by its synced ledger, with
// what the database says.
func TestIOErrors(t *testing.T) {
	deliverytest.NeedsFile(t)
	t.Parallel()
	needStrace(t)
	runs := 15
	if s := os.Getenv(ioRunsVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", ioRunsVar, err)
		}
		runs = n
	}
	for _, fail := range ioFailures() {
		t.Run(fail.name, func(t *testing.T) {
			t.Parallel()
			total := ioCampaign{campaign: campaign{t: t, limit: runs}, fail: fail, said: map[string]int{}}
			for total.kills < runs && !t.Failed() {
				total.edition()
			}
			total.report()
		})
	}
}

// An ioCampaign is the editions of one kind of failure; its kills are runs that
// had calls fail.
type ioCampaign struct {
	campaign
	fail          ioFailure
	calls, failed int
	said          map[string]int // what the senders said, less what differs from run to run
}

// edition sends one edition to its end, at last without failures.
func (c *ioCampaign) edition() {
	c.t.Helper()
	one := campaign{t: c.t, readers: c.fail.readers}
	f := deliverytest.New(c.t, one.readers)
	f.Freeze()
	ledger := filepath.Join(f.Dir, "ledger")
	rtt := time.Duration(rand.IntN(4)) * time.Millisecond
	if c.fail.late {
		rtt = 5 * time.Millisecond // so that it comes in mid-send
	}
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Chunking: rand.IntN(2) == 0, Ledger: ledger, RTT: rtt})
	if err != nil {
		c.t.Fatal(err)
	}
	for sent := false; !sent && !c.t.Failed(); {
		f.Close() // nobody but the sender has it open, as usual
		var fail *ioFailure
		if c.kills+one.kills < c.limit {
			fail = &c.fail
		}
		run := runSender(c.t, f.Dir, sink, fail)
		if fail != nil {
			one.kills += 1 + strings.Count(run.said, saysAgain)
		}
		c.judge(run, f.Dir, fail != nil)
		f = deliverytest.Open(c.t, f.Dir)
		dotting := int(f.Counts()[delivery.Dotting])
		if one.dotting = max(one.dotting, dotting); dotting > crashConnections {
			c.t.Errorf("got %d dotting after a run, want at most one a connection: %d", dotting, crashConnections)
		}
		sent = f.Sent()
	}
	if err := sink.Close(); err != nil {
		c.t.Fatal(err)
	}
	one.compare(f, ledger)
	c.integrity(f)
	c.add(one)
}

// judge looks at how a run ended. No call that fails damages a file: who is told
// so would restore a backup.
func (c *ioCampaign) judge(run senderRun, dir string, failing bool) {
	c.t.Helper()
	c.calls += run.calls
	c.failed += run.failed
	for line := range strings.Lines(run.said) {
		c.said[variable.ReplaceAllString(strings.TrimSpace(line), "…")]++
	}
	if !failing && run.code != 0 {
		c.t.Errorf("without failures: got exit code %d and %q, want 0", run.code, run.said)
	}
	if run.code != 0 && !strings.Contains(run.said, deliverytest.Path(dir)) {
		c.t.Errorf("got exit code %d and %q, want the name of the file", run.code, run.said)
	}
	for _, bad := range []string{"panic", "goroutine ", "fatal error", "damaged", "backup"} {
		if strings.Contains(run.said, bad) {
			c.t.Errorf("got %q in %q, want none of it", bad, run.said)
		}
	}
}

var variable = regexp.MustCompile(`/[^ :]*/|[0-9]+`) // read only

func (c *ioCampaign) integrity(f *deliverytest.Fixture) {
	c.t.Helper()
	if err := f.Database.Sound(); err != nil {
		c.t.Errorf("integrity check: got %v, want it sound", err)
	}
}

func (c *ioCampaign) report() {
	c.t.Helper()
	c.t.Logf("%d runs, %d of %d calls failed, %d readers: %d got two, %d unknown of which %d had not got it, %d dotting at most after a run",
		c.kills, c.failed, c.calls, c.readers, c.twice, c.unknown, c.unknownNot, c.dotting)
	if c.failed == 0 {
		c.t.Error("got no failed call")
	}
	if c.fail.only != "" && c.unknown > 0 {
		c.t.Errorf("got %d unknown, want none while the database can be written", c.unknown)
	}
	for _, what := range slices.Sorted(maps.Keys(c.said)) {
		c.t.Logf("%4d times %s", c.said[what], what)
	}
}
