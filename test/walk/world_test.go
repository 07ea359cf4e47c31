package walk

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	"verdicts.example/digest/internal/smtpsink"
)

// The addresses that exist in the machine's network: the manual's own, and those of
// the test's resolver and of the readers' mail servers.
const (
	here         = "192.0.2.25"
	resolver     = "192.0.2.53"
	eximAddr     = "198.51.100.10"
	chasquidAddr = "198.51.100.11"
)

// readersZone are the domains of the readers: Exim's, with Gmail's name among them for
// the canary's choice by provider, and chasquid's.
const readersZone = `
25.2.0.192.in-addr.arpa. PTR mail.example.org.
mx.far.example.   A  ` + eximAddr + `
far.example.      MX 10 mx.far.example.
reader.example.   MX 10 mx.far.example.
gmail.com.        MX 10 mx.far.example.
mx.other.example. A  ` + chasquidAddr + `
other.example.    MX 10 mx.other.example.
`

// network gives the machine its addresses, and the readers' servers a network of their
// own behind a cable: the machine's Postfix listens on all addresses that are its own.
const network = `ip netns add far
ip link add here type veth peer name there netns far
ip address add ` + here + `/32 dev here
ip address add ` + resolver + `/32 dev lo
ip link set here up
ip -n far link set lo up
ip -n far link set there up
ip -n far address add ` + eximAddr + `/24 dev there
ip -n far address add ` + chasquidAddr + `/24 dev there
ip -n far route add default dev there
ip route add 198.51.100.0/24 dev here src ` + here + `
`

// A world is the network that the machine is in.
type world struct {
	m  *machine
	mu sync.Mutex
	rr map[string][]dns.RR
}

func newWorld(m *machine) *world {
	m.t.Helper()
	w := &world{m: m, rr: map[string][]dns.RR{}}
	m.run(network)
	w.publish(readersZone)
	servers := []*dns.Server{{Handler: dns.HandlerFunc(w.answer)}, {Handler: dns.HandlerFunc(w.answer)}}
	m.inside(func() (err error) {
		if servers[0].PacketConn, err = net.ListenPacket("udp", resolver+":53"); err != nil {
			return err
		}
		servers[1].Listener, err = net.Listen("tcp", resolver+":53")
		return err
	})
	for _, s := range servers {
		go func() { _ = s.ActivateAndServe() }()
		m.t.Cleanup(func() { _ = s.Shutdown() })
	}
	return w
}

// inside runs f on a thread in the machine's network: what it listens on is there.
func (m *machine) inside(f func() error) {
	m.t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", m.pid))
		if err == nil {
			defer ns.Close()
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		m.t.Fatalf("in the machine's network: %v", err)
	}
}

// publish adds records in the form of a zone file.
func (w *world) publish(zone string) {
	w.m.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	records := dns.NewZoneParser(strings.NewReader(zone), "", "")
	records.SetDefaultTTL(60)
	for rr, ok := records.Next(); ok; rr, ok = records.Next() {
		name := strings.ToLower(rr.Header().Name)
		w.rr[name] = append(w.rr[name], rr)
	}
	if err := records.Err(); err != nil {
		w.m.t.Fatal(err)
	}
}

func (w *world) answer(out dns.ResponseWriter, q *dns.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	records := w.rr[strings.ToLower(q.Question[0].Name)]
	if len(records) == 0 {
		m.Rcode = dns.RcodeNameError
	}
	for _, rr := range records {
		if rr.Header().Rrtype == q.Question[0].Qtype {
			m.Answer = append(m.Answer, rr)
		}
	}
	_ = out.WriteMsg(m)
}

// certify writes a certificate for the site from an authority that the machine trusts.
func (w *world) certify() {
	t := w.m.t
	t.Helper()
	ca, err := smtpsink.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	for host, dir := range map[string]string{"digest.example.org": "/etc/ssl/digest.example.org", "mx.other.example": "/srv/other/etc/certs/mx.other.example"} {
		cert, err := ca.Issue(host, time.Now().AddDate(0, 0, 60))
		if err != nil {
			t.Fatal(err)
		}
		chain, key, err := smtpsink.PEM(cert)
		if err != nil {
			t.Fatal(err)
		}
		w.m.write(filepath.Join(dir, "fullchain.pem"), string(chain), 0o644)
		w.m.write(filepath.Join(dir, "privkey.pem"), string(key), 0o600)
	}
	const bundle = "/etc/ssl/certs/ca-certificates.crt"
	w.m.write(bundle, w.m.read(bundle)+string(ca.PEM()), 0o644)
}

// peers is where .ci/peers.sh unpacks Exim and chasquid.
func peers(path string) string {
	dir := os.Getenv("DIGEST_PEERS")
	if dir == "" {
		dir = "/var/cache/digest-peers"
	}
	return filepath.Join(dir, path)
}
