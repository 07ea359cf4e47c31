package delivery

import "time"

// A HeldLease is an edition's lease as recorded; the zero value is that of an
// edition that nobody has sent yet.
type HeldLease struct {
	Host   string
	Holder string
	Epoch  int64
	Until  time.Time
}

// Yield reports whether l may take the lease over at a time: nil, or a
// *LockedError. A lease that has run out is anybody's; one that runs is given up
// only when its holder was on l's host and is known to be dead.
func (h HeldLease) Yield(l Lease, sameHostDead bool, at time.Time) error {
	if !h.Until.After(at) || sameHostDead && h.Host == l.Host {
		return nil
	}
	return &LockedError{Holder: h.Holder, Epoch: h.Epoch, Until: h.Until}
}
