package main

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// full is a disk on which there is no room.
type full struct{}

func (full) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// Whatever a command prints and however: what could not be written is an error.
func TestUnwrittenOutputIsAnError(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"schedule", "next"}, {"--help"}, {"help", "send"}, {"version"}, {"completion", "bash"}, {"schedule", "next", "--json"}} {
		var stderr bytes.Buffer
		code := run(t.Context(), newApp(strings.NewReader(""), full{}, &stderr, time.Now), args)
		if code != exitTryLater || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%v: got exit code %d and %q, want %d and the reason", args, code, stderr.String(), exitTryLater)
		}
	}
}
