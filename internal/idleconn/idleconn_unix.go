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
	peek func(fd uintptr) bool
	n    int
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
	p.peek = func(fd uintptr) bool {
		p.n, _, p.err = syscall.Recvfrom(int(fd), p.b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}
	return p
}

// Pending reports whether something arrived. One goroutine at a time asks.
func (p *Prober) Pending() bool {
	if p.rc == nil {
		return false
	}
	if p.rc.Read(p.peek) != nil {
		return true
	}
	return p.err != syscall.EAGAIN && p.err != syscall.EINTR
}
