//go:build linux

package delivery_test

import (
	"fmt"
	"strconv"
	"syscall"
)

// confine mounts a folder read-only, in the mount namespace that this process
// has of its own, and becomes another user; "" leaves either as it is.
func confine(readOnly, user string) error {
	if readOnly != "" {
		if err := syscall.Mount(readOnly, readOnly, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("bind %s: %w", readOnly, err)
		}
		const flags = syscall.MS_REMOUNT | syscall.MS_BIND | syscall.MS_RDONLY
		if err := syscall.Mount("", readOnly, "", flags, ""); err != nil {
			return fmt.Errorf("mount %s read-only: %w", readOnly, err)
		}
	}
	if user == "" {
		return nil
	}
	uid, err := strconv.Atoi(user)
	if err != nil {
		return err
	}
	if err := syscall.Setgroups(nil); err != nil {
		return err
	}
	if err := syscall.Setgid(uid); err != nil {
		return err
	}
	return syscall.Setuid(uid)
}
