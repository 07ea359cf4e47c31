package web

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// connCap bounds the connections of a server without refusing any. Each new one
// above the bound ends the connection that has been waiting longest: for the
// first request's headers, or for a next request. Ones with a request in flight
// are left to their deadlines. So idle connections, however many, never keep a
// visitor out.
type connCap struct {
	max int

	mu      sync.Mutex
	active  map[net.Conn]struct{}
	waiting *list.List // of net.Conn, the longest waiting in front
	places  map[net.Conn]*list.Element
}

func newConnCap(max int) *connCap {
	return &connCap{
		max: max, active: make(map[net.Conn]struct{}),
		waiting: list.New(), places: make(map[net.Conn]*list.Element),
	}
}

// observe is a http.Server's ConnState hook; the server calls it for a new
// connection before it serves it.
func (c *connCap) observe(conn net.Conn, state http.ConnState) {
	if victim := c.move(conn, state); victim != nil {
		_ = victim.Close() // the server sees the error and drops it
	}
}

// move notes the connection's new state and gives the one that has to go.
func (c *connCap) move(conn net.Conn, state http.ConnState) (victim net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(conn)
	switch state {
	case http.StateActive:
		c.active[conn] = struct{}{}
	case http.StateNew, http.StateIdle:
		c.places[conn] = c.waiting.PushBack(conn)
	}
	if len(c.active)+c.waiting.Len() > c.max && c.waiting.Len() > 0 {
		victim = c.waiting.Front().Value.(net.Conn)
		c.forget(victim)
	}
	return victim
}

func (c *connCap) forget(conn net.Conn) {
	delete(c.active, conn)
	if e, ok := c.places[conn]; ok {
		c.waiting.Remove(e)
		delete(c.places, conn)
	}
}
