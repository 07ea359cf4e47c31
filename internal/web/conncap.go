package web

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"verdicts.example/digest/internal/visitor"
)

// How many connections are held: in all, and of one client (an address in IPv4, a
// /64 in IPv6). One that waits costs up to 50 KiB: its buffers and stacks, 12 KiB of
// headers, 17 KiB of a body. What serve holds under attack stays below 100 MiB by
// them.
const (
	maxConns  = 1000
	maxClient = 100
)

// leastWait is how long every connection may keep the server waiting, however
// many come: who is quick gets through among any number that are not. Until the
// longest waiting one has had it, no other is accepted.
const leastWait = 200 * time.Millisecond

// connCap bounds the connections of a server without refusing any. Each new one
// above a bound ends the connection that has kept the server waiting longest: for
// a request's headers, for its body, for a next request, or for the taking of
// the answer. Only a request that is being worked on is left alone. So neither
// idle connections nor trickled bodies, however many, keep a visitor out.
//
// One client is bounded too, also behind a trusted proxy, whose connection counts
// for the client of the request on it; loopback and the proxies themselves are
// not.
type connCap struct {
	max, client int
	exempt      func(netip.Addr) bool
	leastWait   time.Duration

	mu      sync.Mutex
	conns   map[net.Conn]*heldConn
	waiting *list.List // of *heldConn, the longest waiting in front
	clients map[netip.Prefix]int
}

// heldConn is a connection and what it counts for.
type heldConn struct {
	net.Conn
	peer   netip.Prefix  // its own client; zero: exempt
	client netip.Prefix  // whom it counts for now; zero: nobody
	place  *list.Element // in waiting, nil while a request is worked on
	since  time.Time     // in waiting
}

func newConnCap(max, client int, exempt func(netip.Addr) bool) *connCap {
	return &connCap{
		max: max, client: client, exempt: exempt, leastWait: leastWait,
		conns: make(map[net.Conn]*heldConn), waiting: list.New(), clients: make(map[netip.Prefix]int),
	}
}

type connKey struct{}

// requestConn is the connection that a request came on.
type requestConn struct {
	cap  *connCap
	conn net.Conn
	body time.Duration // for the request's body
}

// connOf is the zero value for a request that came on no server of this package.
func connOf(r *http.Request) requestConn {
	rc, _ := r.Context().Value(connKey{}).(requestConn)
	return rc
}

// from says which client the request is of.
func (rc requestConn) from(ip netip.Addr) {
	if rc.cap != nil {
		rc.cap.update(rc.conn, func(h *heldConn) { rc.cap.count(h, rc.cap.clientOf(ip)) })
	}
}

// waits says that the server waits for the client, until works.
func (rc requestConn) waits() {
	if rc.cap != nil {
		rc.cap.update(rc.conn, rc.cap.wait)
	}
}

// works says that the server works on the request.
func (rc requestConn) works() {
	if rc.cap != nil {
		rc.cap.update(rc.conn, rc.cap.work)
	}
}

// observe is a http.Server's ConnState hook; the server calls it for a new
// connection before it serves it.
func (c *connCap) observe(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.pace()
		h := &heldConn{Conn: conn, peer: c.clientOf(visitor.ParseIP(conn.RemoteAddr().String()))}
		c.mu.Lock()
		c.conns[conn] = h
		c.mu.Unlock()
		fallthrough
	case http.StateIdle:
		c.update(conn, func(h *heldConn) {
			c.count(h, h.peer)
			c.wait(h)
		})
	case http.StateActive:
		c.update(conn, c.work)
	case http.StateClosed, http.StateHijacked:
		c.update(conn, c.forget)
	}
}

// pace waits until the connection that a new one would end has had its time. The
// server accepts no other meanwhile.
func (c *connCap) pace() {
	c.mu.Lock()
	var rest time.Duration
	if e := c.waiting.Front(); e != nil && len(c.conns) >= c.max {
		rest = c.leastWait - time.Since(e.Value.(*heldConn).since)
	}
	c.mu.Unlock()
	if rest > 0 {
		time.Sleep(rest)
	}
}

// clientOf is what a client has many addresses of, zero for one that is exempt.
func (c *connCap) clientOf(ip netip.Addr) netip.Prefix {
	if !ip.IsValid() || c.exempt(ip) {
		return netip.Prefix{}
	}
	return visitor.Network(ip, 32, 64)
}

// update changes what is known of a connection and ends what is then too many.
func (c *connCap) update(conn net.Conn, change func(*heldConn)) {
	c.mu.Lock()
	var victims []*heldConn
	if h := c.conns[conn]; h != nil {
		change(h)
		victims = c.tooMany(h.client)
	}
	c.mu.Unlock()
	for _, v := range victims {
		_ = v.Close() // the server sees the error and drops it
	}
}

// tooMany takes out who has to go: of the client, and of all.
func (c *connCap) tooMany(client netip.Prefix) (victims []*heldConn) {
	if client.IsValid() && c.clients[client] > c.client {
		for e := c.waiting.Front(); e != nil; e = e.Next() {
			if h := e.Value.(*heldConn); h.client == client {
				victims = append(victims, h)
				c.forget(h)
				break
			}
		}
	}
	if e := c.waiting.Front(); e != nil && len(c.conns) > c.max {
		h := e.Value.(*heldConn)
		victims = append(victims, h)
		c.forget(h)
	}
	return victims
}

// count makes the connection one of the client's.
func (c *connCap) count(h *heldConn, client netip.Prefix) {
	if h.client == client {
		return
	}
	if h.client.IsValid() {
		if c.clients[h.client]--; c.clients[h.client] == 0 {
			delete(c.clients, h.client)
		}
	}
	if h.client = client; client.IsValid() {
		c.clients[client]++
	}
}

func (c *connCap) wait(h *heldConn) {
	c.work(h)
	h.place, h.since = c.waiting.PushBack(h), time.Now()
}

func (c *connCap) work(h *heldConn) {
	if h.place != nil {
		c.waiting.Remove(h.place)
		h.place = nil
	}
}

func (c *connCap) forget(h *heldConn) {
	c.work(h)
	c.count(h, netip.Prefix{})
	delete(c.conns, h.Conn)
}
