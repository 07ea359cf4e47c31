//go:build unix

package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/smtpsink"
	"verdicts.example/digest/internal/store/postgrestest"
)

// How a node's process is told what to do.
const (
	childNode   = "DIGEST_NODE"     // its name
	childURL    = "DIGEST_NODE_URL" // its way to the database
	eventsVar   = "NODES_EVENTS"    // how many events; 5 where it is not set
	nodeLease   = 2 * time.Second
	connections = 4 // of a node
)

// nodeChild sends the edition until it is sent, whatever comes between, as serve
// does.
func nodeChild(node, dir, addr string) int {
	host, portText, _ := net.SplitHostPort(addr)
	port, _ := strconv.Atoi(portText)
	dialer, err := mailer.New(mailer.Config{
		Host: host, Port: port, TLS: mailer.NoTLS, HELO: "list.example", From: "verdicts@list.example",
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		childT{}.Fatal(err)
	}
	for {
		if sent, err := nodeRun(node, dir, dialer); sent {
			return 0
		} else if err != nil {
			fmt.Fprintf(os.Stderr, "%s %s goes on: %v\n", time.Now().Format("15:04:05.000"), node, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func nodeRun(node, dir string, dialer delivery.Dialer) (sent bool, err error) {
	db, err := postgrestest.Open(os.Getenv(childURL))
	if err != nil {
		return false, err
	}
	f := deliverytest.Over(childT{}, dir, db)
	defer f.Close()
	f.Node = node
	opt := f.Options(dialer)
	opt.LeaseFor, opt.Holder, opt.Pacing.Connections, opt.Pacing.GiveUp = nodeLease, node, connections, 0
	sum, err := delivery.Run(context.Background(), opt)
	if err == nil && sum.Finished {
		return true, nil
	}
	info, ierr := f.Store.Info(context.Background(), f.Edition)
	return ierr == nil && info.State == "sent", err
}

// TestSeveralSenders sends an edition with three processes on one PostgreSQL with
// a standby, while they are killed, stopped and continued, the database crashes,
// the standby is promoted and links are cut, and compares what the server took with
// what the database says.
func TestSeveralSenders(t *testing.T) {
	t.Parallel()
	events := 7
	if s := os.Getenv(eventsVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", eventsVar, err)
		}
		events = n
	}
	bin := postgrestest.Bin(t, "15")
	var total campaign
	var forgotten int
	for done := 0; done < events; {
		n := newNodes(t, bin, 3000)
		c := campaign{t: t, limit: events - done}
		n.run(&c)
		done += c.kills
		total.add(c)
		forgotten += n.forgotten
	}
	t.Logf("%d events, %d readers: %d got two, %d unknown of which %d had not got it; at most %d messages were forgotten by a standby",
		total.kills, total.readers, total.twice, total.unknown, total.unknownNot, forgotten)
}

// nodes are three processes, a database with a standby, and a server.
type nodes struct {
	t       *testing.T
	cluster *postgrestest.Cluster
	f       *deliverytest.Fixture
	sink    *smtpsink.Sink
	ledger  string
	list    []*node

	forgotten int // messages that a promoted standby may not have known of
}

type node struct {
	name  string
	links []*postgrestest.Link // to the cluster's servers
	cmd   *exec.Cmd
	done  chan struct{}
}

func newNodes(t *testing.T, bin string, readers int) *nodes {
	t.Helper()
	n := &nodes{t: t, ledger: filepath.Join(t.TempDir(), "ledger"), cluster: postgrestest.NewCluster(t, bin, postgrestest.NoSync)}
	db, err := postgrestest.Open(n.cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	n.f = deliverytest.Over(t, t.TempDir(), db)
	n.f.AddReaders(readers)
	n.f.Edition = n.f.AddEdition(deliverytest.Week)
	n.f.Freeze()
	n.sink, err = smtpsink.Start(smtpsink.Options{Pipelining: true, Ledger: n.ledger, RTT: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c"} {
		n.list = append(n.list, &node{name: name, links: n.cluster.Links(t)})
	}
	return n
}

func (n *nodes) start(x *node) {
	n.t.Helper()
	x.cmd = exec.Command(os.Args[0], "-test.run=^$")
	x.cmd.Env = append(os.Environ(), childNode+"="+x.name, childDir+"="+n.f.Dir, childAddr+"="+n.sink.Addr(),
		childURL+"="+postgrestest.FleetURL("postgres", x.links[0].Port, x.links[1].Port))
	x.cmd.Stderr = os.Stderr
	x.done = make(chan struct{})
	if err := x.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) { _ = cmd.Wait(); close(done) }(x.cmd, x.done)
}

// An event is something that happens to a node, or to the database.
type event struct {
	name   string
	happen func(x *node)
}

func (n *nodes) events() []event {
	return []event{
		{"kill", func(x *node) {
			_ = x.cmd.Process.Kill()
			<-x.done
			n.start(x)
		}},
		{"a synchronous standby is promoted", func(*node) { n.must(n.cluster.FailOver()) }},
		{"stop for longer than the lease", func(x *node) {
			_ = x.cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(nodeLease + 2*time.Second)
			_ = x.cmd.Process.Signal(syscall.SIGCONT)
		}},
		{"an asynchronous standby is promoted that has not got the last commits", func(*node) { n.forget() }},
		{"the database crashes", func(*node) { n.must(n.cluster.Crash()) }},
		{"a link is cut", func(x *node) { x.cut(time.Second) }},
		{"a link is cut for longer than the lease", func(x *node) { x.cut(nodeLease + time.Second) }},
	}
}

// cut is a node without the database for so long.
func (x *node) cut(d time.Duration) {
	for _, l := range x.links {
		l.Cut()
	}
	time.Sleep(d)
	for _, l := range x.links {
		l.Heal()
	}
}

// forget has a standby promoted that lacks what was committed in the last moments.
func (n *nodes) forget() {
	n.must(n.cluster.Detach())
	before := n.took()
	time.Sleep(time.Duration(200+rand.IntN(400)) * time.Millisecond)
	n.must(n.cluster.FailOver())
	n.forgotten += n.took() - before + len(n.list)*connections
}

func (n *nodes) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// took is how many messages the server has taken.
func (n *nodes) took() int {
	n.t.Helper()
	list, err := smtpsink.ReadLedger(n.ledger)
	if err != nil {
		n.t.Fatal(err)
	}
	return len(list)
}

// run sends the edition; c.kills counts the events.
func (n *nodes) run(c *campaign) {
	n.t.Helper()
	c.readers = int(n.f.Counts().Total())
	for _, x := range n.list {
		n.start(x)
	}
	events := n.events()
	for c.kills < c.limit && !n.sent() {
		time.Sleep(time.Duration(300+rand.IntN(700)) * time.Millisecond)
		if n.sent() {
			break
		}
		e, x := events[c.kills%len(events)], n.list[rand.IntN(len(n.list))]
		n.t.Logf("%s: %s (%s)", time.Now().Format("15:04:05.000"), e.name, x.name)
		e.happen(x)
		c.kills++
	}
	n.wait()
	if err := n.sink.Close(); err != nil {
		n.t.Fatal(err)
	}
	n.t.Logf("%v by %v", n.f.Counts(), n.f.Info().Journals)
	n.compare(c)
}

// wait waits until every node has ended, and ends them all where one does not.
func (n *nodes) wait() {
	n.t.Helper()
	patience := time.After(5 * time.Minute)
	for _, x := range n.list {
		select {
		case <-x.done:
		case <-patience:
			n.t.Errorf("node %s has not ended: %v\n%s", x.name, n.f.Counts(), n.cluster.Report())
			for _, x := range n.list {
				_ = x.cmd.Process.Kill()
			}
			return
		}
	}
}

func (n *nodes) sent() bool {
	info, err := n.f.Store.Info(context.Background(), n.f.Edition)
	return err == nil && info.State == "sent"
}

// compare is campaign.compare with the limit of a campaign of several nodes.
func (n *nodes) compare(c *campaign) {
	c.t.Helper()
	kills := c.kills
	// crashConnections a kill are enough for each of them.
	c.kills = kills*connections + (n.forgotten+crashConnections-1)/crashConnections
	c.compare(n.f, n.ledger)
	c.kills = kills
	for _, u := range n.f.List(delivery.Unknown) {
		if u.Node == "" {
			c.t.Errorf("got %+v, want the node of what is unknown", u)
		}
	}
}
