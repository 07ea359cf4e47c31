package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/smtpsink"
)

// A killable runs commands of this test's binary in a folder, and kills some.
type killable struct {
	t    *testing.T
	dir  string
	sink *smtpsink.Sink
	env  []string
}

func newKillable(t *testing.T, readers int) *killable {
	t.Helper()
	k := &killable{t: t, dir: t.TempDir()}
	var err error
	if k.sink, err = smtpsink.Start(smtpsink.Options{Pipelining: true, RTT: 5 * time.Millisecond, Ledger: filepath.Join(k.dir, "ledger")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.sink.Close() })
	k.env = append(os.Environ(), clockAhead+"="+time.Until(scriptStart).String())
	ln, port := listenLocally(t)
	_ = ln.Close() // serve listens there
	k.write("config.yaml", fmt.Sprintf(`listen: 127.0.0.1:%s
metrics: ""
editors: [editor@verdicts.example]
smtp: {host: 127.0.0.1, port: %d, tls: none, connections: 4}
site: {base_url: "https://verdicts.example", postal_address: "Verdicts, 5 Real Road, Townsville"}
mail: {from: "Verdicts <verdicts@verdicts.example>"}
`, port, k.sink.Port()))
	list := "email\n"
	for i := range readers {
		list += fmt.Sprintf("reader%d@d%d.example\n", i, i%7)
	}
	k.write("readers.csv", list)
	k.write("words.md", "Quill is **$9 a seat**, not free.\n")
	k.write("comparisons/quill-vs-inkwell.yaml", strings.ReplaceAll(`published: TODAY
tools:
  - {name: Quill, entry: $9, panel: {ship: 1, skip: 1, percent: 50}, reviews: [{reviewer: Builder, score: 70, verdict: ship, take: "It found the breaking change that we had forgotten."}, {reviewer: Skeptic, score: 40, verdict: skip, take: "As good as the commit messages, so: not very."}]}
  - {name: Inkwell, entry: Free, panel: {ship: 1, skip: 0, percent: 100}, reviews: [{reviewer: Builder, score: 81, verdict: ship, take: "One question a merge is a habit that a team keeps."}]}
`, "TODAY", scriptStart.Format(time.DateOnly)))
	return k
}

func (k *killable) write(name, text string) {
	k.t.Helper()
	path := filepath.Join(k.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// command is a command that has not begun.
func (k *killable) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command("digest", args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = k.dir, k.env, &out, &out
	return cmd, &out
}

// run runs a command to its end and gives its exit code and what it printed.
func (k *killable) run(args ...string) (int, string) {
	k.t.Helper()
	cmd, out := k.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		k.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// must runs a command that has to end with want.
func (k *killable) must(want int, args ...string) string {
	k.t.Helper()
	code, out := k.run(args...)
	if code != want {
		k.t.Fatalf("digest %s: got exit code %d, want %d:\n%s", strings.Join(args, " "), code, want, out)
	}
	return out
}

// killed runs a command and kills it when something is so, or lets it end. It
// reports whether it was killed.
func (k *killable) killed(so func() bool, args ...string) bool {
	k.t.Helper()
	cmd, out := k.command(args...)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }() // its state says how it ended
	for deadline := time.After(5 * time.Minute); !so(); {
		select {
		case <-done:
			return false
		case <-deadline:
			_ = cmd.Process.Kill()
			<-done
			k.t.Fatalf("digest %s: went on for too long:\n%s", strings.Join(args, " "), out)
		case <-time.After(time.Millisecond):
		}
	}
	_ = cmd.Process.Kill() // or it has ended
	<-done
	return cmd.ProcessState.ExitCode() == -1
}
