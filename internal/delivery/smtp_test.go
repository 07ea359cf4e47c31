//go:build unix

package delivery_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
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
)

func dialer(t testing.TB, sink *smtpsink.Sink) *mailer.Dialer {
	t.Helper()
	d, err := mailer.New(mailer.Config{
		Host: "127.0.0.1", Port: sink.Port(), TLS: mailer.NoTLS, HELO: "list.example", From: "verdicts@list.example",
		Timeouts: mailer.Timeouts{Dot: 5 * time.Second}, // some ends are never answered
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Over real SMTP with every command failing in every way at times, nobody gets
// two, and what is accepted is in the server's synced ledger.
func TestFaultyServer(t *testing.T) {
	t.Parallel()
	for _, chunking := range []bool{false, true} {
		var faults []smtpsink.Fault
		for _, stage := range []smtpsink.Stage{smtpsink.Greeting, smtpsink.EHLO, smtpsink.MAIL, smtpsink.RCPT, smtpsink.Data, smtpsink.Dot} {
			for _, do := range []smtpsink.Action{smtpsink.DropBefore, smtpsink.DropSilent, smtpsink.DropAfter, smtpsink.Half, smtpsink.Garbage} {
				faults = append(faults, smtpsink.Fault{At: stage, Do: do, Chance: 0.004})
			}
			faults = append(faults, smtpsink.Fault{At: stage, Do: smtpsink.Reply, Reply: "451 4.3.0 try again", Chance: 0.01})
		}
		faults = append(faults,
			smtpsink.Fault{At: smtpsink.Body, Do: smtpsink.DropBefore, Offset: 50, Chance: 0.01},
			smtpsink.Fault{At: smtpsink.Dot, Do: smtpsink.Stall, Chance: 0.001},
			smtpsink.Fault{At: smtpsink.RCPT, Do: smtpsink.Reply, Reply: "550 5.1.1 no such user", Chance: 0.01})
		t.Run(map[bool]string{false: "DATA", true: "BDAT"}[chunking], func(t *testing.T) {
			t.Parallel()
			faultySend(t, smtpsink.Options{Pipelining: true, Chunking: chunking, Faults: faults, Seed: rand.Uint64()})
		})
	}
}

func faultySend(t *testing.T, o smtpsink.Options) {
	const n = 1500
	f := deliverytest.New(t, n)
	f.Freeze()
	o.Ledger = filepath.Join(f.Dir, "ledger")
	sink, err := smtpsink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now()
	runs := 0
	for finished := false; !finished; runs++ {
		opt := f.Options(dialer(t, sink))
		opt.Pacing.Connections = 8
		at := clock
		opt.Now = func() time.Time { return at }
		sum, err := delivery.Run(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		finished = sum.Finished
		clock = clock.Add(5 * time.Hour)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	got, records := ledger(t, o.Ledger), f.Deliveries()
	for id := int64(1); id <= n; id++ {
		state := records[id].State
		messages := got[deliverytest.Email(id)]
		ok := map[delivery.State]bool{delivery.Accepted: messages == 1, delivery.Unknown: messages <= 1, delivery.Failed: messages == 0}
		if !ok[state] {
			t.Errorf("reader %d: got %d messages and %s", id, messages, state)
		}
	}
	c := f.Counts()
	t.Logf("%d runs: %d accepted, %d failed, %d unknown", runs, c[delivery.Accepted], c[delivery.Failed], c[delivery.Unknown])
	if runs < 2 || c[delivery.Unknown] == 0 || c[delivery.Failed] == 0 {
		t.Error("got too few faults for a test")
	}
	f.Verify()
}

// ledger counts the complete messages by recipient.
func ledger(t *testing.T, path string) map[string]int {
	t.Helper()
	records, err := smtpsink.ReadLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, r := range records {
		if r.Complete {
			got[r.To]++
		}
	}
	return got
}

// A disk that fills up in mid-send stops it: what left is recorded, and with
// room again the send goes on.
func TestDiskFull(t *testing.T) {
	deliverytest.NeedsFile(t)
	t.Parallel()
	const n = 4000
	f := deliverytest.New(t, n)
	f.Freeze()
	path := filepath.Join(f.Dir, "ledger")
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Ledger: path})
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(deliverytest.Path(f.Dir))
	if err != nil {
		t.Fatal(err)
	}
	child := func(limit int64) error {
		cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), childDir+"="+f.Dir, childAddr+"="+sink.Addr(), childLimit+"="+strconv.FormatInt(limit, 10))
		out, err := cmd.CombinedOutput()
		t.Logf("child: %v %s", err, out)
		return err
	}
	if _, err := f.Database.Size(); err != nil { // writes the WAL back
		t.Fatal(err)
	}
	for extra := int64(64 << 10); extra <= 256<<10; extra *= 2 {
		if err := child(st.Size() + extra); err == nil {
			t.Error("got a full disk and no error")
		}
		if dotting := f.Counts()[delivery.Dotting]; dotting > crashConnections {
			t.Errorf("got %d dotting, want at most one a connection", dotting)
		}
		if _, err := f.Database.Size(); err != nil { // writes the WAL back
			t.Fatal(err)
		}
	}
	full := f.Counts()
	if full[delivery.Accepted] == 0 || full[delivery.Queued] == 0 {
		t.Errorf("got %v, want a stop in the middle", full)
	}
	if err := child(0); err != nil {
		t.Error(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	unknown := 0
	for to, got := range ledger(t, path) {
		if got != 1 {
			t.Errorf("%s: got %d messages, want 1", to, got)
		}
	}
	unknown = int(f.Counts()[delivery.Unknown])
	if c := f.Counts(); c[delivery.Accepted]+c[delivery.Unknown] != n || unknown > 3*crashConnections {
		t.Errorf("got %v, want all accepted but at most one a connection and stop", c)
	}
	f.Verify()
}
