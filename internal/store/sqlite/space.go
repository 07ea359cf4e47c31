//go:build linux || darwin || freebsd

package sqlite

import "syscall"

// space is how many bytes this process may still write to the disk that holds
// path.
func space(path string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}
