//go:build !linux

package doctor

// ClockSynced knows nothing on this system.
func ClockSynced() (bool, error) { return false, ErrNotTold }
