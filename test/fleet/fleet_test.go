//go:build unix

package fleet

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// fromEnviron is a number that the environment may set.
func fromEnviron(t testing.TB, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// BenchmarkFleet sends an edition while events happen, and compares. It is no test of
// 'make test', since a slot is up to two minutes ahead: 'make crash' runs it.
func BenchmarkFleet(b *testing.B) {
	readers, most := fromEnviron(b, "FLEET_READERS", 1500), fromEnviron(b, "FLEET_EVENTS", 3)
	for b.Loop() {
		f := start(b, readers)
		events := f.events()
		began := time.Now()
		happened := 0
		for ; happened < most && !f.sent(); happened++ {
			time.Sleep(time.Duration(500+rand.IntN(1500)) * time.Millisecond)
			e, n := events[happened%len(events)], f.senders[rand.IntN(len(f.senders))]
			b.Logf("%s: %s (%s), %v", time.Now().Format("15:04:05"), e.name, n.name, f.counts())
			e.happen(n)
		}
		f.await(30*time.Minute, "the end of the send", f.sent)
		b.Logf("%d readers in %s, %d events", readers, time.Since(began).Round(time.Second), happened)
		f.stop()
		f.compare(happened)
		f.verify()
	}
}

// An event is something that happens to a sender, or to the database.
type event struct {
	name   string
	happen func(*process)
}

func (f *fleet) events() []event {
	return []event{
		{"kill", func(n *process) { n.kill(); n.run() }},
		{"a synchronous standby is promoted", func(*process) { f.must(f.cluster.FailOver()) }},
		{"an asynchronous standby is promoted that has not got the last commits", func(*process) { f.forget() }},
		{"stop for longer than the lease", func(n *process) { n.sleep(lease + 5*time.Second) }},
		{"the database crashes", func(*process) { f.must(f.cluster.Crash()) }},
		{"kill, and nobody starts it until it was taken over", f.leaveDead},
		{"a link is cut", func(n *process) { n.cut(2 * time.Second) }},
		{"the scheduler and the pages are killed", func(*process) { f.web.kill(); f.web.run() }},
		{"a link is cut for longer than the lease", func(n *process) { n.cut(lease + 5*time.Second) }},
		{"kill", func(n *process) { n.kill(); n.run() }},
		{"the database is away for a minute", func(*process) { f.away(time.Minute) }},
	}
}
