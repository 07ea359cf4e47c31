//go:build unix

package sqlite

import "syscall"

// access asks whether this process may read and write a file or folder.
func access(path string) error {
	const readWrite = 0x4 | 0x2
	return syscall.Access(path, readWrite)
}
