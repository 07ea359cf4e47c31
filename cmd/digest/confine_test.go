//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// condition knows "confine": whether programs can be run as by "readonly" and
// "nobody". It is an error in CI when they cannot.
func condition(name string) (bool, error) {
	if name != "confine" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	err := cmd.Run()
	if err == nil && os.Getuid() != 0 {
		err = syscall.EPERM
	}
	if err != nil && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("only root can mount a file system read-only: %w", err)
	}
	return err == nil, nil
}

// readOnly runs digest with a folder mounted read-only, for it alone: readonly
// FOLDER args...
func readOnly() {
	runtime.LockOSThread() // the thread that becomes the program
	dir := os.Args[1]
	must(syscall.Unshare(syscall.CLONE_NEWNS))
	must(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	must(syscall.Mount(dir, dir, "", syscall.MS_BIND, ""))
	must(syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""))
	self, err := os.Executable()
	must(err)
	must(syscall.Exec(self, append([]string{"digest"}, os.Args[2:]...), os.Environ()))
}

// asNobody runs digest as a user who owns nothing but what was given to them:
// nobody args...
func asNobody() {
	const nobody = 65534
	must(syscall.Setgroups(nil))
	must(syscall.Setgid(nobody))
	must(syscall.Setuid(nobody))
	os.Exit(process(scriptClock()))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}
