//go:build unix

package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/postgrestest"
)

// How the crash test's child is told what to do.
const (
	childDir  = "DIGEST_CRASH_DIR"  // the database's folder
	childAddr = "DIGEST_CRASH_ADDR" // the sink
	// childLimit is how large its files may grow, in bytes; 0 or unset: as they like.
	childLimit = "DIGEST_CRASH_FSIZE"
	killsVar   = "CRASH_KILLS" // how many kills; 50 where it is not set
	// childMount is a folder that is mounted read-only for it alone.
	childMount = "DIGEST_CRASH_READONLY"
	childUser  = "DIGEST_CRASH_UID"   // the user that it runs as
	childAgain = "DIGEST_CRASH_AGAIN" // how often it goes on when its run fails, as serve does
	childPart  = "DIGEST_CRASH_PART"  // how many readers are its first part; 0 or unset: there is none
)

const (
	crashConnections = 8
	saysAgain        = "going on:"
)

// TestMain is also the sender process that the crash test kills.
func TestMain(m *testing.M) {
	if node := os.Getenv(childNode); node != "" {
		os.Exit(nodeChild(node, os.Getenv(childDir), os.Getenv(childAddr)))
	}
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(crashChild(dir, os.Getenv(childAddr)))
	}
	if version := os.Getenv(deliverytest.StoreVar); version != "" {
		os.Exit(postgrestest.Main(m, version))
	}
	os.Exit(m.Run())
}

// childT lets the fixture work in the child, outside of any test.
type childT struct{ testing.TB }

func (childT) Helper()           {}
func (childT) Cleanup(func())    {}
func (childT) Error(args ...any) { fmt.Fprintln(os.Stderr, args...) }
func (childT) Fatal(args ...any) { fmt.Fprintln(os.Stderr, args...); os.Exit(2) }

func crashChild(dir, addr string) int {
	if os.Getenv(childLimit) != "" {
		if err := limitFiles(); err != nil {
			childT{}.Fatal(err)
		}
	}
	if err := confine(os.Getenv(childMount), os.Getenv(childUser)); err != nil {
		childT{}.Fatal(err)
	}
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		childT{}.Fatal(err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		childT{}.Fatal(err)
	}
	dialer, err := mailer.New(mailer.Config{
		Host: host, Port: port, TLS: mailer.NoTLS, HELO: "list.example", From: "verdicts@list.example",
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		childT{}.Fatal(err)
	}
	f := deliverytest.Open(childT{}, dir)
	opt := f.Options(dialer)
	opt.Pacing.Connections = crashConnections
	if part, _ := strconv.Atoi(os.Getenv(childPart)); part > 0 {
		opt.Pacing.Canary = delivery.Canary{Readers: part, Wait: time.Hour}
	}
	sum, err := delivery.Run(context.Background(), opt)
	for again, _ := strconv.Atoi(os.Getenv(childAgain)); err != nil && again > 0; again-- {
		fmt.Fprintln(os.Stderr, saysAgain, err)
		sum, err = delivery.Run(context.Background(), opt)
	}
	f.Close() // as the program does, whatever came of it
	if err != nil {
		childT{}.Fatal(err)
	}
	if !sum.Finished {
		childT{}.Fatal("not finished", sum.Counts)
	}
	return 0
}

// TestCrash kills the sender at random moments and compares what the server
// took, by its synced ledger, with what the database says.
func TestCrash(t *testing.T) {
	t.Parallel()
	want := 50
	if s := os.Getenv(killsVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", killsVar, err)
		}
		want = n
	}
	var total campaign
	for total.kills < want {
		c := campaign{t: t, limit: want - total.kills}
		c.run(2000)
		total.add(c)
	}
	t.Logf("%d kills, %d readers: %d got two, %d unknown of which %d had not got it, %d dotting at most after a kill",
		total.kills, total.readers, total.twice, total.unknown, total.unknownNot, total.dotting)
}

// A campaign is one edition sent with kills.
type campaign struct {
	t     *testing.T
	limit int

	kills, readers, twice, unknown, unknownNot, dotting int
}

func (c *campaign) add(d campaign) {
	c.kills += d.kills
	c.readers += d.readers
	c.twice += d.twice
	c.unknown += d.unknown
	c.unknownNot += d.unknownNot
	c.dotting = max(c.dotting, d.dotting)
}

func (c *campaign) run(readers int) {
	c.t.Helper()
	c.readers = readers
	f := deliverytest.New(c.t, readers)
	f.Freeze()
	ledger := filepath.Join(f.Dir, "ledger")
	sink, err := smtpsink.Start(smtpsink.Options{
		Pipelining: true, Chunking: rand.IntN(2) == 0, Ledger: ledger,
		RTT: time.Duration(rand.IntN(4)) * time.Millisecond,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for c.killOne(f, sink.Addr()) {
		dotting := int(f.Counts()[delivery.Dotting])
		c.dotting = max(c.dotting, dotting)
		if dotting > crashConnections {
			c.t.Errorf("got %d dotting after a kill, want at most one a connection: %d", dotting, crashConnections)
		}
	}
	if err := sink.Close(); err != nil {
		c.t.Fatal(err)
	}
	c.compare(f, ledger)
}

// killOne runs a sender and kills it at a random moment; false when the edition
// is sent.
func (c *campaign) killOne(f *deliverytest.Fixture, addr string) bool {
	c.t.Helper()
	before := f.Counts()[delivery.Queued]
	cmd, done := c.sender(f, addr)
	if c.kills < c.limit {
		c.whenSending(f, before, done)
		if err := cmd.Process.Kill(); err == nil {
			err := <-done
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.ExitCode() == -1 {
				c.kills++
				return !f.Sent()
			}
			done <- err // it had ended
		}
	}
	if err := <-done; err != nil {
		c.t.Fatalf("sender: %v", err)
	}
	return false
}

// sender starts a sender that can be killed.
func (c *campaign) sender(f *deliverytest.Fixture, addr string, env ...string) (cmd *exec.Cmd, done chan error) {
	c.t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(append(os.Environ(), childDir+"="+f.Dir, childAddr+"="+addr), env...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	done = make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return cmd, done
}

// whenSending waits until the sender has begun, in most cases, and then for a
// random moment.
func (c *campaign) whenSending(f *deliverytest.Fixture, before int64, done chan error) {
	if rand.IntN(10) > 0 {
		for range 4000 {
			if len(done) > 0 || f.Counts()[delivery.Queued] < before {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	time.Sleep(time.Duration(rand.IntN(80_000)) * time.Microsecond)
}

func (c *campaign) compare(f *deliverytest.Fixture, ledger string) {
	c.t.Helper()
	took, err := smtpsink.ReadLedger(ledger)
	if err != nil {
		c.t.Fatal(err)
	}
	received := map[string]int{}
	for _, r := range took {
		if r.Complete {
			received[r.To]++
		}
	}
	records := f.Deliveries()
	for id := int64(1); id <= int64(c.readers); id++ {
		c.compareOne(id, records[id].State, received[deliverytest.Email(id)])
	}
	if limit := c.kills * crashConnections; c.unknown > limit {
		c.t.Errorf("got %d unknown, want at most one a connection and kill: %d", c.unknown, limit)
	}
	if listed := f.List(delivery.Unknown); len(listed) != c.unknown {
		c.t.Errorf("got %d unknown listed, want %d", len(listed), c.unknown)
	}
	f.Verify()
}

func (c *campaign) compareOne(id int64, state delivery.State, messages int) {
	c.t.Helper()
	if messages > 1 {
		c.twice++
		c.t.Errorf("reader %d: got %d messages, want 1", id, messages)
	}
	switch {
	case state == delivery.Unknown:
		c.unknown++
		if messages == 0 {
			c.unknownNot++
		}
	case state != delivery.Accepted:
		c.t.Errorf("reader %d: got %s, want accepted or unknown", id, state)
	case messages == 0:
		c.t.Errorf("reader %d: got accepted and no message at the server", id)
	}
}
