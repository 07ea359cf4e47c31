package web

import (
	"log/slog"
	"net/http"
	"time"
)

// timing holds a server's patience. Tests shorten it.
type timing struct {
	header time.Duration // for the request's headers
	read   time.Duration // for the whole request
	write  time.Duration // for the answer; longer than read, so that a 408 can still be said
	idle   time.Duration // between two requests of a connection
}

var defaultTiming = timing{header: 5 * time.Second, read: 15 * time.Second, write: 30 * time.Second, idle: 60 * time.Second}

// maxHeaderBytes is far above what a browser without our cookies sends.
const maxHeaderBytes = 16 << 10

// maxConns is how many connections are held. A connection that waits costs
// about 20 KiB, so that they stay below 40 MiB together.
const maxConns = 2000

// NewServer makes a server that slow, idle and greedy clients cannot take from
// the others: every phase has a deadline, and above 2,000 connections each new
// one ends the one that has waited longest without a request in flight. The
// caller listens, serves and shuts down.
func NewServer(addr string, h http.Handler, log *slog.Logger) *http.Server {
	return newServer(addr, h, log, defaultTiming, maxConns)
}

func newServer(addr string, h http.Handler, log *slog.Logger, t timing, conns int) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: t.header,
		ReadTimeout:       t.read,
		WriteTimeout:      t.write,
		IdleTimeout:       t.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         newConnCap(conns).observe,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // clients' mistakes
	}
}
