// Package smtpd is what the program's own mail servers share: the built-in mailbox
// and the listener for what comes back.
//
// The package promises that a server is bounded in connections, in the time that
// one may last and in what a client may send, that it ends with its context after
// what is in flight is finished, or a moment later, and that one address can speak
// SMTP (RFC 5321) and LMTP (RFC 2033): the first command decides.
package smtpd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"
)

// Options are a server's. What is 0 has no limit, but for Grace.
type Options struct {
	Domain      string // its name in the greeting
	MaxBytes    int64  // of a message
	MaxRcpt     int    // recipients of a message
	MaxLine     int    // bytes of a line
	Connections int    // at once
	PerAddress  int    // at once from one address of another machine
	Lifetime    time.Duration
	Idle        time.Duration // without a command or data (RFC 5321 §4.5.3.2.7)
	Grace       time.Duration // how long the end waits for clients
	LMTP        bool          // LHLO is understood too
	Log         *slog.Logger
}

// Serve answers on ln until ctx ends, and closes it. It returns when no session
// is left; what BDAT brings may still be with the backend then.
func Serve(ctx context.Context, ln net.Listener, backend smtp.Backend, o Options) error {
	gate := newGate(ln, o)
	servers := map[string]*smtp.Server{"": o.server(backend, false)}
	in := map[string]*queue{"": newQueue(ln.Addr())}
	if o.LMTP {
		servers["LHLO"], in["LHLO"] = o.server(backend, true), newQueue(ln.Addr())
	}
	g, ctx := errgroup.WithContext(ctx)
	for word, srv := range servers {
		g.Go(func() error {
			if err := srv.Serve(in[word]); err != nil && !errors.Is(err, smtp.ErrServerClosed) && ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	g.Go(func() error { return gate.run(ctx, in) })
	<-ctx.Done()
	_ = ln.Close() // says only that it was closed before
	for _, q := range in {
		_ = q.Close() // never fails
	}
	late := time.AfterFunc(o.Grace, gate.closeAll)
	defer late.Stop()
	for _, srv := range servers {
		_ = srv.Shutdown(context.Background()) // says only that the listener was closed before
	}
	return g.Wait()
}

func (o Options) server(backend smtp.Backend, lmtp bool) *smtp.Server {
	s := smtp.NewServer(backend)
	s.LMTP, s.Domain, s.EnableSMTPUTF8 = lmtp, o.Domain, true
	s.MaxMessageBytes, s.MaxRecipients = o.MaxBytes, o.MaxRcpt
	s.ReadTimeout, s.WriteTimeout = o.Idle, time.Minute
	if o.MaxLine > 0 {
		s.MaxLineLength = o.MaxLine
	}
	s.ErrorLog = slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn)
	return s
}

// A queue is a listener whose connections others accept.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
}

func newQueue(addr net.Addr) *queue {
	return &queue{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (q *queue) Addr() net.Addr { return q.addr }

// Accept implements net.Listener.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (q *queue) Close() error {
	select {
	case <-q.done:
	default:
		close(q.done)
	}
	return nil
}

// hand gives a connection to the server behind the queue.
func (q *queue) hand(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.done:
		_ = c.Close() // the client has to come again
	}
}
