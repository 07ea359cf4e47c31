package postgrestest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticks are how many a second /proc counts processors' time in, on every architecture
// that Go knows.
const ticks = 100

// CPU is what the server's processes have used so far, those that have ended too; Linux
// only.
func (s *Server) CPU() (time.Duration, error) {
	postmaster := s.cmd.Process.Pid
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		used, err := used(string(text), postmaster)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		sum += used
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// used are the ticks of a process, as proc_pid_stat(5) has it, if it is the postmaster
// (with the children that it has waited for) or a child of it.
func used(stat string, postmaster int) (int64, error) {
	pid, rest, _ := strings.Cut(stat, " ")
	fields := strings.Fields(rest[strings.LastIndex(rest, ")")+1:]) // the name may have spaces
	count := 2                                                      // utime, stime
	switch strconv.Itoa(postmaster) {
	case pid:
		count = 4 // cutime, cstime
	case fields[1]:
	default:
		return 0, nil
	}
	var sum int64
	for _, f := range fields[11 : 11+count] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
