//go:build unix

package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Lock takes the lock of a week's senders on this host, which the kernel drops when its holder dies.
// held is false when another process (or another Lock of this one) has it. It
// shows that a sender is dead before its lease has run out; the lease in the
// database decides. Call release once, when held.
func (f *Folder) Lock(week string) (release func() error, held bool, err error) {
	file, err := os.OpenFile(filepath.Join(f.path, week+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("lock out other senders: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, file.Close()
	}
	if err != nil {
		return nil, false, fmt.Errorf("lock out other senders: %s: %w", file.Name(), errors.Join(err, file.Close()))
	}
	return file.Close, true, nil
}
