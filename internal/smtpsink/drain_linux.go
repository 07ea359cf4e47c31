package smtpsink

import (
	"net"
	"syscall"
)

// drain throws away what has arrived on a TCP connection, in the kernel: nobody
// would look at it, and copying it would be half of a sink's work.
type drain struct {
	rc   syscall.RawConn
	recv func(fd uintptr) bool
	most int
	n    int
}

// unread is never written to.
var unread [bufferSize]byte

// newDrain is nil for a connection that is none of the kernel's.
func newDrain(c net.Conn) *drain {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	rc, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	d := &drain{rc: rc}
	d.recv = func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), unread[:d.most], syscall.MSG_TRUNC|syscall.MSG_DONTWAIT) // tcp(7)
		if d.n = n; err != nil {
			d.n = 0
		}
		return true
	}
	return d
}

// discard throws up to n bytes away without waiting and says how many; 0 also
// for an error, which the next Read has as well.
func (d *drain) discard(n int) int {
	d.most, d.n = min(n, len(unread)), 0
	if d.rc.Read(d.recv) != nil {
		return 0
	}
	return d.n
}
