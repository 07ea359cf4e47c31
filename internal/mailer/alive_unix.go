//go:build unix

package mailer

import (
	"net"
	"syscall"
)

// pending asks the kernel, without waiting, whether something arrived on an
// idle connection: bytes, or its end (which counts as bytes: reading tells).
func pending(c net.Conn) bool {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	var b [1]byte
	n, rerr := 0, error(nil)
	err = rc.Read(func(fd uintptr) bool {
		n, _, rerr = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	if err != nil {
		return true
	}
	return n > 0 || rerr == nil || rerr != syscall.EAGAIN && rerr != syscall.EINTR
}
