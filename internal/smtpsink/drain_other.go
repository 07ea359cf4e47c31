//go:build !linux

package smtpsink

import "net"

// drain is for Linux.
type drain struct{}

func newDrain(net.Conn) *drain { return nil }

func (*drain) discard(int) int { return 0 }
