package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"verdicts.example/digest/internal/visitor"
)

// timing holds a server's patience. Tests shorten it.
type timing struct {
	header time.Duration // for the request's headers
	body   time.Duration // for a body that a route reads: at most 16 KiB
	read   time.Duration // for the whole request
	write  time.Duration // for the answer; longer than read, so that a 408 can still be said
	idle   time.Duration // between two requests of a connection
}

func defaultTiming() timing {
	return timing{header: 5 * time.Second, body: 5 * time.Second, read: 10 * time.Second, write: 30 * time.Second, idle: 60 * time.Second}
}

// maxHeaderBytes is far above what a browser without our cookies sends.
const maxHeaderBytes = 8 << 10

// NewServer makes a server that slow, idle and greedy clients cannot take from
// the others: every phase has a deadline, and above 1,000 connections, or 100 of
// one client, each new one ends the one that has kept the server waiting longest.
// Loopback and the trusted proxies are no such client. The caller listens, serves
// and shuts down.
func NewServer(addr string, h http.Handler, trusted []netip.Prefix, log *slog.Logger) *http.Server {
	exempt := func(ip netip.Addr) bool { return ip.IsLoopback() || visitor.Trusted(ip, trusted) }
	return newServer(addr, h, log, defaultTiming(), newConnCap(maxConns, maxClient, exempt))
}

func newServer(addr string, h http.Handler, log *slog.Logger, t timing, conns *connCap) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: t.header,
		ReadTimeout:       t.read,
		WriteTimeout:      t.write,
		IdleTimeout:       t.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         conns.observe,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, requestConn{conns, c, t.body})
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // clients' mistakes
	}
}
