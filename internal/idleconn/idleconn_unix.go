//go:build unix

package idleconn

import (
	"net"
	"syscall"
)

// A Prober asks the kernel, without waiting, whether something arrived on an
// idle connection: bytes, or its end (which counts as bytes: reading tells).
type Prober struct {
	rc   syscall.RawConn
	peek func(fd uintptr)
	err  error
	b    [1]byte
}

// NewProber is for the TCP connection below TLS. Of a connection without a
// descriptor it says that nothing is pending.
func NewProber(c net.Conn) *Prober {
	p := &Prober{}
	if sc, ok := c.(syscall.Conn); ok {
		p.rc, _ = sc.SyscallConn()
	}
	p.peek = func(fd uintptr) {
		_, _, p.err = syscall.Recvfrom(int(fd), p.b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}
	return p
}

// Pending reports whether something arrived. One goroutine at a time asks; another may
// be reading meanwhile, as pgx's does after a slow write: RawConn.Read would wait for it.
func (p *Prober) Pending() bool {
	if p.rc == nil {
		return false
	}
	if p.rc.Control(p.peek) != nil {
		return true
	}
	return p.err != syscall.EAGAIN && p.err != syscall.EINTR
}
