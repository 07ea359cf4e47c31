package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/check"
)

// nuSays is one message of the Nu Html Checker.
type nuSays struct {
	Type    string `json:"type"`
	URL     string `json:"url"`
	Line    int    `json:"lastLine"`
	Message string `json:"message"`
	Extract string `json:"extract"`
}

// askNu checks all documents in one run of the JVM and gives the messages by
// document.
func askNu(t testing.TB, documents []string) [][]nuSays {
	t.Helper()
	java, err := exec.LookPath("java")
	need(t, "Java runtime", err)
	jar, err := tool("vnu-jar/build/dist/vnu.jar")
	need(t, "Nu Html Checker", err)
	dir := t.TempDir()
	args := []string{"-Xss4m", "-XX:TieredStopAtLevel=1", "-jar", jar, "--format", "json", "--exit-zero-always"}
	for i, doc := range documents {
		file := filepath.Join(dir, fmt.Sprintf("%03d.html", i))
		if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(t.Context(), java, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("Nu Html Checker: %v: %.300s", err, said.String())
	}
	var all struct {
		Messages []nuSays `json:"messages"`
	}
	if err := json.Unmarshal(said.Bytes(), &all); err != nil {
		t.Fatalf("Nu Html Checker's answer: %v: %.300s", err, said.String())
	}
	byDocument := make([][]nuSays, len(documents))
	for _, m := range all.Messages {
		var i int
		if _, err := fmt.Sscanf(filepath.Base(m.URL), "%03d.html", &i); err != nil || i >= len(documents) {
			t.Fatalf("Nu Html Checker: a message about %q: %s", m.URL, m.Message)
		}
		byDocument[i] = append(byDocument[i], m)
	}
	return byDocument
}

// startSpamd runs SpamAssassin's daemon on a socket of its own, without network
// tests and without anybody's settings, and stops it when t ends.
func startSpamd(t testing.TB) (socket string) {
	t.Helper()
	spamd, err := exec.LookPath("spamd")
	if err != nil {
		if _, statErr := os.Stat("/usr/sbin/spamd"); statErr == nil {
			spamd, err = "/usr/sbin/spamd", nil
		}
	}
	need(t, "spamd (SpamAssassin)", err)
	dir, err := os.MkdirTemp("", "sa") // short: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	cmd := exec.Command(spamd, "--local", "--nouser-config", "--max-children=2", "--syslog=stderr", "--socketpath="+socket, "--pidfile="+filepath.Join(dir, "pid"))
	cmd.Env = append(os.Environ(), "HOME="+dir)
	var said bytes.Buffer
	cmd.Stderr, cmd.Stdout = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start spamd: %v", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-exited:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-exited
		}
		_ = os.RemoveAll(dir)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	for {
		if _, err = check.AskSpamd(ctx, socket, []byte("Subject: x\r\n\r\nx\r\n")); err == nil {
			return socket
		}
		select {
		case <-ctx.Done():
			t.Fatalf("spamd does not answer: %v", err)
		case err := <-exited:
			exited <- err
			t.Fatalf("spamd ended: %v: %s", err, strings.TrimSpace(said.String()))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
