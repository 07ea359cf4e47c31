package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// systemPython is where Debian's python3 packages are seen.
const systemPython = "/usr/bin/python3"

// needPeer skips the test when the program is not there or probe, if any,
// fails; in CI that is a failure.
func needPeer(t *testing.T, why, program string, probe ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil && len(probe) > 0 {
		err = exec.CommandContext(t.Context(), path, probe...).Run()
	}
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s: %v; install it", why, err)
	default:
		t.Skipf("%s: %v", why, err)
	}
}

// runPeer gives each case, as length-prefixed JSON, to a peer that reads mail,
// and returns its output. A peer that ends with 1 has found differences.
func runPeer[T any](t *testing.T, cases []T, program string, args ...string) string {
	t.Helper()
	var in bytes.Buffer
	for _, c := range cases {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("encode a case: got %v, want JSON", err)
		}
		fmt.Fprintf(&in, "%d\n%s", len(b), b)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1 && stderr.Len() == 0) {
		t.Fatalf("%s: got %v, want exit 0\n%s", program, err, stderr.Bytes())
	}
	return string(out)
}
