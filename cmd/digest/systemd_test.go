package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The systemd unit starts what it says, in a folder like the one that it says,
// and what its KillSignal ends in time ends well.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("../../deploy/digest.service")
	if err != nil {
		t.Fatal(err)
	}
	value := func(key string) string {
		_, rest, found := strings.Cut(string(unit), "\n"+key+"=")
		if !found {
			t.Fatalf("got no %s in the unit", key)
		}
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	s := newSandbox(t)
	s.file("config.yaml", "site: {postal_address: \"7 Mill Lane, Exeter\"}\ndatabase: "+filepath.Join(s.dir, "data/digest.db")+"\n")
	s.quietly("mkdir comparisons")
	here := strings.NewReplacer("/usr/local/bin/digest", "digest", "/etc/digest", s.dir, "/var/lib/digest", s.dir)
	if out, err := s.bash(here.Replace(value("ExecStartPre"))).CombinedOutput(); err != nil {
		t.Fatalf("ExecStartPre: %v\n%s", err, out)
	}
	if value("KillSignal") != "SIGTERM" {
		t.Errorf("got KillSignal %s, want SIGTERM, which serve knows", value("KillSignal"))
	}
	cmd := s.bash("exec " + here.Replace(value("ExecStart")))
	var out bytes.Buffer
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() && !strings.Contains(lines.Text(), "serving ") {
		out.WriteString(lines.Text() + "\n")
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("got %v after SIGTERM, want exit 0\n%s", err, &out)
	}
	verifyUnit(t)
}

// verifyUnit asks systemd itself, where it is there.
func verifyUnit(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("left out: there is no systemd-analyze on this machine")
		return
	}
	unit, err := filepath.Abs("../../deploy/digest.service")
	if err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(path, "verify", unit).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "digest.service") && !strings.Contains(line, "is not executable") {
			t.Errorf("systemd-analyze verify: %s", strings.TrimSpace(line))
		}
	}
}
