package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/store/sqlite"
)

// What the operating system refuses comes with what to do; a port that may not
// be listened on is no file.
func TestFileHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string // "": no hint
	}{
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, "mount it writable"},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "the owner of the file"},
		{&sqlite.FileError{Path: "x", Errno: syscall.EACCES, Err: errors.New("unable to open")}, "the owner of the file"},
		{&sqlite.FileError{Path: "x", Errno: syscall.ENOSPC, Err: errors.New("full")}, "make room"},
		{fmt.Errorf("claim: %w", &sqlite.FileError{Path: "x", Errno: syscall.EIO, Err: errors.New("disk I/O error")}), "before you restore a backup"},
		{&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}, ""},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, ""},
		{&sqlite.FileError{Path: "x", Err: errors.New("malformed, or not given")}, ""},
	} {
		got := fileHint(c.err)
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}

// A command line that is wrong comes with the help of the command that it was meant for.
func TestUsageHintNamesTheCommand(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"send --nope":                 "'digest help send' explains it",
		"edition edit W47 W48":        "'digest help edition edit' explains it",
		"resolve":                     "'digest help resolve' explains it",
		"nope":                        "'digest help' lists the commands, 'digest help COMMAND' explains one",
		"subscribers import a.csv b.": "'digest help subscribers import' explains it",
	} {
		var stderr bytes.Buffer
		a := newApp(strings.NewReader(""), io.Discard, &stderr, time.Now)
		if code := run(t.Context(), a, strings.Fields(args)); code != exitUsage {
			t.Errorf("%s: got exit %d, want %d", args, code, exitUsage)
		}
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: got %q, want %q", args, stderr.String(), want)
		}
	}
}
