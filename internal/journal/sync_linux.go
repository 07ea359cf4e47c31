package journal

import (
	"os"
	"syscall"
)

// datasync flushes the file's content and length, not its times.
func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
