//go:build unix

package mailer

import (
	"net"
	"syscall"
)

// prober asks the kernel, without waiting, whether something arrived on an
// idle connection: bytes, or its end (which counts as bytes: reading tells).
type prober struct {
	rc   syscall.RawConn
	peek func(fd uintptr) bool
	n    int
	err  error
	b    [1]byte
}

func newProber(c net.Conn) *prober {
	p := &prober{}
	if sc, ok := c.(syscall.Conn); ok {
		p.rc, _ = sc.SyscallConn()
	}
	p.peek = func(fd uintptr) bool {
		p.n, _, p.err = syscall.Recvfrom(int(fd), p.b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}
	return p
}

func (p *prober) pending() bool {
	if p.rc == nil {
		return false
	}
	if p.rc.Read(p.peek) != nil {
		return true
	}
	return p.err != syscall.EAGAIN && p.err != syscall.EINTR
}
