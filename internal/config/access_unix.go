//go:build unix

package config

import "syscall"

// access asks whether this process may make files in a folder.
func access(dir string) error {
	const writeSearch = 0x2 | 0x1
	return syscall.Access(dir, writeSearch)
}
