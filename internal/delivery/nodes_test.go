//go:build unix

package delivery_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
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

// TestSeveralSenders sends an edition with three processes on one PostgreSQL while
// they are killed, stopped and continued, the database crashes and links are cut,
// and compares what the server took with what the database says.
func TestSeveralSenders(t *testing.T) {
	t.Parallel()
	events := 5
	if s := os.Getenv(eventsVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", eventsVar, err)
		}
		events = n
	}
	bin := postgrestest.Bin(t, "15")
	var total campaign
	for done := 0; done < events; {
		n := newNodes(t, bin, 3000)
		c := campaign{t: t, limit: events - done}
		n.run(&c)
		done += c.kills
		total.add(c)
	}
	t.Logf("%d events, %d readers: %d got two, %d unknown of which %d had not got it", total.kills, total.readers, total.twice, total.unknown, total.unknownNot)
}

// nodes are three processes, a database and a server.
type nodes struct {
	t      *testing.T
	server *postgrestest.Server
	f      *deliverytest.Fixture
	sink   *smtpsink.Sink
	ledger string
	list   []*node
}

type node struct {
	name  string
	proxy *proxy
	cmd   *exec.Cmd
	done  chan struct{}
}

func newNodes(t *testing.T, bin string, readers int) *nodes {
	t.Helper()
	dir, err := os.MkdirTemp("", "digest-nodes-")
	if err != nil {
		t.Fatal(err)
	}
	n := &nodes{t: t, ledger: filepath.Join(t.TempDir(), "ledger")}
	if n.server, err = postgrestest.Start(bin, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.server.Stop("immediate"); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(dir)
	})
	db, err := postgrestest.Open(n.server.URL("postgres"))
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
		n.list = append(n.list, &node{name: name, proxy: newProxy(t, n.server.Port)})
	}
	return n
}

func (n *nodes) start(x *node) {
	n.t.Helper()
	x.cmd = exec.Command(os.Args[0], "-test.run=^$")
	x.cmd.Env = append(os.Environ(), childNode+"="+x.name, childDir+"="+n.f.Dir, childAddr+"="+n.sink.Addr(),
		childURL+"="+fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres", x.proxy.port))
	x.cmd.Stderr = os.Stderr
	x.done = make(chan struct{})
	if err := x.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, done chan struct{}) { _ = cmd.Wait(); close(done) }(x.cmd, x.done)
}

// happen are the events.
func (n *nodes) happen() map[string]func(x *node) {
	return map[string]func(x *node){
		"kill": func(x *node) {
			_ = x.cmd.Process.Kill()
			<-x.done
			n.start(x)
		},
		"stop for longer than the lease": func(x *node) {
			_ = x.cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(nodeLease + 2*time.Second)
			_ = x.cmd.Process.Signal(syscall.SIGCONT)
		},
		"the database crashes": func(*node) {
			if err := n.server.Stop("immediate"); err != nil {
				n.t.Fatal(err)
			}
			if err := n.server.Run(); err != nil {
				n.t.Fatal(err)
			}
		},
		"a link is cut": func(x *node) { x.proxy.cut(time.Second) },
		"a link is cut for longer than the lease": func(x *node) { x.proxy.cut(nodeLease + time.Second) },
	}
}

// run sends the edition; c.kills counts the events.
func (n *nodes) run(c *campaign) {
	n.t.Helper()
	c.readers = int(n.f.Counts().Total())
	for _, x := range n.list {
		n.start(x)
	}
	var names []string
	for name := range n.happen() {
		names = append(names, name)
	}
	for c.kills < c.limit && !n.sent() {
		time.Sleep(time.Duration(300+rand.IntN(700)) * time.Millisecond)
		if n.sent() {
			break
		}
		name, x := names[c.kills%len(names)], n.list[rand.IntN(len(n.list))]
		n.t.Logf("%s: %s (%s)", time.Now().Format("15:04:05.000"), name, x.name)
		n.happen()[name](x)
		c.kills++
	}
	for _, x := range n.list {
		select {
		case <-x.done:
		case <-time.After(5 * time.Minute):
			n.t.Errorf("node %s has not ended: %v", x.name, n.f.Counts())
			_ = x.cmd.Process.Kill()
		}
	}
	if err := n.sink.Close(); err != nil {
		n.t.Fatal(err)
	}
	n.t.Logf("%v by %v", n.f.Counts(), n.f.Info().Journals)
	c.compareNodes(n.f, n.ledger)
}

func (n *nodes) sent() bool {
	info, err := n.f.Store.Info(context.Background(), n.f.Edition)
	return err == nil && info.State == "sent"
}

// compareNodes is compare with the limit of a campaign of several nodes.
func (c *campaign) compareNodes(f *deliverytest.Fixture, ledger string) {
	c.t.Helper()
	kills := c.kills
	c.kills = kills * connections // crashConnections a kill are enough for each of them
	c.compare(f, ledger)
	c.kills = kills
	for _, u := range f.List(delivery.Unknown) {
		if u.Node == "" {
			c.t.Errorf("got %+v, want the node of what is unknown", u)
		}
	}
}

// A proxy is a link to the database that can be cut.
type proxy struct {
	port, to int
	mu       sync.Mutex
	off      bool
	open     map[net.Conn]bool
}

func newProxy(t *testing.T, to int) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	p := &proxy{port: ln.Addr().(*net.TCPAddr).Port, to: to, open: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go p.pass(c)
		}
	}()
	return p
}

func (p *proxy) pass(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.to))
	if err != nil {
		return
	}
	defer s.Close()
	p.mu.Lock()
	if p.off {
		p.mu.Unlock()
		return
	}
	p.open[c], p.open[s] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.open, c)
		delete(p.open, s)
		p.mu.Unlock()
	}()
	go func() { _, _ = io.Copy(s, c); _ = s.Close(); _ = c.Close() }()
	_, _ = io.Copy(c, s)
}

// cut ends all connections and lets none through for so long.
func (p *proxy) cut(d time.Duration) {
	p.mu.Lock()
	p.off = true
	for c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	time.Sleep(d)
	p.mu.Lock()
	p.off = false
	p.mu.Unlock()
}
