//go:build unix

package fleet

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// counts are the edition's; nothing where the database does not answer.
func (f *fleet) counts() delivery.Counts {
	c, err := f.f.Store.Counts(context.Background(), f.f.Edition)
	if err != nil {
		return delivery.Counts{}
	}
	return c
}

func (f *fleet) sent() bool {
	info, err := f.f.Store.Info(context.Background(), f.f.Edition)
	return err == nil && info.State == "sent"
}

// leaveDead kills a sender and measures how long its parts wait for another.
func (f *fleet) leaveDead(n *process) {
	n.kill()
	began := time.Now()
	f.await(5*time.Minute, "a takeover of "+n.name, func() bool { return f.shards(n.name) == 0 || f.sent() })
	f.takeovers = append(f.takeovers, time.Since(began).Round(100*time.Millisecond))
	n.run()
}

// shards is how many parts of the send a node has; -1 while nobody can tell.
func (f *fleet) shards(name string) int {
	list, err := f.db.Deliveries().Nodes(context.Background(), f.f.Edition)
	if err != nil {
		return -1
	}
	for _, n := range list {
		if n.Node == name {
			return n.Shards
		}
	}
	return 0
}

// forget has a standby promoted that lacks what was committed in the last moments.
func (f *fleet) forget() {
	f.must(f.cluster.Detach())
	before := f.took()
	time.Sleep(500 * time.Millisecond)
	f.must(f.cluster.FailOver())
	f.forgotten += f.took() - before + len(f.senders)*connections
}

// away is the database down for so long.
func (f *fleet) away(d time.Duration) {
	f.must(f.cluster.Primary.Stop("fast"))
	time.Sleep(d)
	f.must(f.cluster.Primary.Run())
}

func (f *fleet) took() int {
	f.t.Helper()
	list, err := smtpsink.ReadLedger(f.ledger)
	f.must(err)
	return len(list)
}

// stop ends every process, as an operator does.
func (f *fleet) stop() {
	f.t.Helper()
	for _, n := range append(f.senders, f.web) {
		n.end()
	}
	f.must(f.sink.Close())
}

// compare holds the database against what the server took.
func (f *fleet) compare(events int) {
	f.t.Helper()
	list, err := smtpsink.ReadLedger(f.ledger)
	f.must(err)
	received := map[string]int{}
	for _, r := range list {
		if r.Complete {
			received[r.To]++
		}
	}
	records := f.f.Deliveries()
	if len(records) != f.readers {
		f.t.Errorf("got %d deliveries, want %d", len(records), f.readers)
	}
	var twice, unknown, unknownNot int
	for _, r := range records {
		got := received[r.Email]
		switch {
		case got > 1:
			twice++
			f.t.Errorf("%s: got %d messages, want 1", r.Email, got)
		case r.State == delivery.Unknown && got == 0:
			unknownNot++
		case r.State == delivery.Accepted && got == 0 || r.State != delivery.Accepted && r.State != delivery.Unknown:
			f.t.Errorf("%s: got %s and %d messages", r.Email, r.State, got)
		}
		if r.State == delivery.Unknown {
			unknown++
		}
		if r.Node == "" {
			f.t.Errorf("%s: got no node, want that of the outcome", r.Email)
		}
	}
	if limit := events*connections*len(f.senders) + f.forgotten; unknown > limit {
		f.t.Errorf("got %d unknown, want at most one a connection and event, and what was forgotten: %d", unknown, limit)
	}
	f.t.Logf("%d events, %d readers: %d got two, %d unknown of which %d had not got it; standbys had forgotten %d at most; takeovers after %v",
		events, f.readers, twice, unknown, unknownNot, f.forgotten, f.takeovers)
}

// verify is the proof over the journals of all nodes.
func (f *fleet) verify() {
	f.t.Helper()
	all := filepath.Join(f.web.dir, "data", "journal")
	for _, n := range f.senders {
		files, err := filepath.Glob(filepath.Join(n.dir, "data", "journal", "*.journal"))
		f.must(err)
		for _, name := range files {
			b, err := os.ReadFile(name)
			f.must(err)
			f.must(os.WriteFile(filepath.Join(all, filepath.Base(name)), b, 0o600))
		}
	}
	out, err := f.web.digest("verify", "--week", f.f.Info().Week)
	f.t.Logf("digest verify: %v\n%s", err, out)
	if !strings.Contains(out, "0 accepted twice") {
		f.t.Errorf("got %q, want a proof that holds", out)
	}
	out, err = f.web.digest("status", "--week", f.f.Info().Week, "--nodes")
	f.t.Logf("digest status --nodes: %v\n%s", err, out)
}
