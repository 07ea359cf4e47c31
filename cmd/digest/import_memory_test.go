//go:build linux && !race

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// IMPORT_ROWS is how many rows TestImportInBoundedMemory imports; 200,000 where it is
// not set. The bound is that of a million.
const importRowsVar = "IMPORT_ROWS"

// An import takes little more than the program itself, whatever the file's length: of
// readers who are new, and of the same ones again. For a million the program as it is
// built takes 60 MiB in all, and some 45 when it does nothing.
func TestImportInBoundedMemory(t *testing.T) {
	t.Parallel()
	rows := 200_000
	if s := os.Getenv(importRowsVar); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		rows = n
	}
	k := newKillable(t, 0)
	f, err := os.Create(filepath.Join(k.dir, "many.csv"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	fmt.Fprintln(w, "email,name,status,created_at")
	for i := range rows {
		fmt.Fprintf(w, "reader.%x@mail%d.example.com,Reader Number %d,enabled,2025-03-%02dT10:00:00Z\n", uint32(i)*2654435761, i%97, i, i%28+1)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	const mostAbove = 24
	k.must(0, "subscribers", "add", "ada@example.com")
	idle := k.peak("subscribers", "list")
	for _, what := range []string{"new readers", "the same again"} {
		most := k.peak("subscribers", "import", "many.csv", "--yes")
		t.Logf("%d rows, %s: %d MiB at most, %d above a list's", rows, what, most, most-idle)
		if most-idle > mostAbove {
			t.Errorf("%s: got %d MiB above the %d of a list, want at most %d", what, most-idle, idle, mostAbove)
		}
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory, in MiB, that a command has had. What wait4 says is no less
// than what this process has, of which it was a copy.
func (k *killable) peak(args ...string) (most int) {
	k.t.Helper()
	cmd, out := k.command(args...)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				k.t.Fatalf("digest %s: %v\n%s", strings.Join(args, " "), err, out)
			}
			return most
		case <-time.After(2 * time.Millisecond):
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)) // it may have ended
			if g := highWater.FindSubmatch(status); g != nil {
				kib, err := strconv.Atoi(string(g[1]))
				if err != nil {
					k.t.Fatal(err)
				}
				most = max(most, kib>>10)
			}
		}
	}
}
