//go:build unix

package delivery_test

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// limitFiles keeps this process's files below a size, as a full disk would.
func limitFiles() error {
	limit, err := strconv.ParseUint(os.Getenv(childLimit), 10, 64)
	if err != nil || limit == 0 {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ) // a write gives EFBIG then
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit})
}
