//go:build !unix

package mailer

import "net"

// pending can't be asked here without waiting: a dead connection is noticed by
// the next command.
func pending(net.Conn) bool { return false }
