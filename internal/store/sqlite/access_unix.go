//go:build unix

package sqlite

import (
	"io/fs"
	"os"
	"syscall"
)

// access asks whether this process may read and write a file or folder.
func access(path string) error {
	const readWrite = 0x4 | 0x2
	return syscall.Access(path, readWrite)
}

// exposed reports whether everybody on the machine can read a file, and gives its
// mode.
func exposed(path string) (fs.FileMode, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&0o004 != 0
}

// lockFile locks a file for this open of it alone: waiting for whoever has it, or
// failing at once.
func lockFile(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	return syscall.Flock(int(f.Fd()), how)
}
