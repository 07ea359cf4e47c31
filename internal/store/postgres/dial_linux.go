package postgres

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// giveUpUnacknowledged ends a connection on which what was sent stays
// unacknowledged for linkLost (RFC 5482).
func giveUpUnacknowledged(_, _ string, c syscall.RawConn) error {
	var err error
	ctl := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(linkLost.Milliseconds()))
	})
	if ctl != nil {
		return ctl
	}
	if err == unix.ENOPROTOOPT || err == unix.EOPNOTSUPP { // a Unix-domain socket
		return nil
	}
	return err
}
