package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/smtpsink"
)

var update = flag.Bool("update", false, "write what the commands of the manuals print into the manuals")

// The manuals' commands are run as they stand, and what they print is compared:
// indented lines that begin with "$ ", and below each what it prints. What
// differs from run to run (ports, durations, times, sizes) is not compared.
//
// go test ./cmd/digest -run Manuals -update writes the manuals anew.
func TestManuals(t *testing.T) {
	t.Parallel()
	t.Run("getting-started", func(t *testing.T) {
		t.Parallel()
		m := readManual(t, "../../docs/getting-started.md")
		s := newSandbox(t)
		for i := range m.steps {
			s.step(&m.steps[i])
		}
		m.write()
	})
	t.Run("operating", func(t *testing.T) {
		t.Parallel()
		m := readManual(t, "../../docs/operating.md")
		var s *sandbox
		for i := range m.steps {
			if m.steps[i].first { // each example of this manual stands by itself
				s = newSandbox(t)
				s.prepare(m.steps[i].command, i)
			}
			s.step(&m.steps[i])
		}
		m.write()
	})
}

// A manual is a page of docs with its commands.
type manual struct {
	t     *testing.T
	path  string
	lines []string
	steps []step
}

// A step is one command with what it prints.
type step struct {
	line    int // of the command, from 0
	first   bool
	command string
	want    []string
	got     []string
}

func readManual(t *testing.T, path string) *manual {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m := &manual{t: t, path: path, lines: strings.Split(string(text), "\n")}
	in := false
	for i, line := range m.lines {
		body, indented := strings.CutPrefix(line, "    ")
		command, is := strings.CutPrefix(body, "$ ")
		switch {
		case in && line == "" && i+1 < len(m.lines) && strings.HasPrefix(m.lines[i+1], "    ") && !strings.HasPrefix(m.lines[i+1], "    $ "):
			last := &m.steps[len(m.steps)-1]
			last.want = append(last.want, "")
		case !indented:
			in = false
		case is:
			m.steps = append(m.steps, step{line: i, first: !in, command: command})
			in = true
		case in:
			last := &m.steps[len(m.steps)-1]
			last.want = append(last.want, body)
		}
	}
	if len(m.steps) == 0 {
		t.Fatalf("%s: got no commands", path)
	}
	return m
}

// write compares, or with -update writes the manual anew.
func (m *manual) write() {
	m.t.Helper()
	changed := false
	for i := len(m.steps) - 1; i >= 0; i-- {
		s := m.steps[i]
		if same(s.want, s.got) {
			continue
		}
		if !*update {
			m.t.Errorf("%s:%d: $ %s\ngot:\n%s\nwant:\n%s", m.path, s.line+1, s.command, strings.Join(s.got, "\n"), strings.Join(s.want, "\n"))
			continue
		}
		var out []string
		for _, line := range s.got {
			out = append(out, strings.TrimRight("    "+line, " "))
		}
		rest := append(out, m.lines[s.line+1+len(s.want):]...)
		m.lines, changed = append(m.lines[:s.line+1:s.line+1], rest...), true
	}
	if changed {
		if err := os.WriteFile(m.path, []byte(strings.Join(m.lines, "\n")), 0o644); err != nil {
			m.t.Fatal(err)
		}
	}
}

// same compares lines; a last line "…" stands for any that follow.
func same(want, got []string) bool {
	if n := len(want); n > 0 && want[n-1] == "…" && len(got) >= n-1 {
		want, got = want[:n-1], got[:n-1]
	}
	return normal(want) == normal(got)
}

// normal takes out of lines what differs from run to run.
func normal(lines []string) string {
	text := strings.Join(lines, "\n")
	for _, r := range []struct{ like, by string }{
		{`127\.0\.0\.1:\d+`, "127.0.0.1:PORT"},
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
		{`\d+ bytes`, "N bytes"},
		{`<2026-w47\.\w+@`, "<MESSAGE@"},
		{`in [0-9.]+(ms|s|µs)`, "in TIME"},
		{`\(\d+ \w+ ago\)|\(less than a minute ago\)`, "(AGO)"},
		{`[ \t]+(\n|$)`, "$1"},
	} {
		text = regexp.MustCompile(r.like).ReplaceAllString(text, r.by)
	}
	return text
}

// A sandbox is a home of its own with the test's own program, whose clock stands
// at a Monday's morning.
type sandbox struct {
	t    *testing.T
	home string
	dir  string
	env  []string
	addr string // where serve listens
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	home := t.TempDir()
	return &sandbox{t: t, home: home, dir: home, env: append(os.Environ(), "HOME="+home, "NO_COLOR=1",
		clockAhead+"="+time.Until(scriptStart).String(), "DIGEST_LISTEN=127.0.0.1:0", "DIGEST_METRICS=127.0.0.1:0")}
}

func (s *sandbox) bash(command string) *exec.Cmd {
	if s.addr != "" {
		command = strings.ReplaceAll(command, "127.0.0.1:8080", s.addr)
	}
	cmd := exec.Command("bash", "-c", command)
	cmd.Dir, cmd.Env = s.dir, s.env
	return cmd
}

// step runs a command and keeps what it prints.
func (s *sandbox) step(st *step) {
	s.t.Helper()
	switch dir, cd := strings.CutPrefix(st.command, "cd "); {
	case cd:
		s.dir = strings.Replace(dir, "~", s.home, 1)
		return
	case st.command == "make build" || strings.HasPrefix(st.command, "export PATH="):
		st.got = st.want // the program is the test's own
		return
	case st.command == "digest serve" || strings.HasPrefix(st.command, "digest preview") && !strings.Contains(st.command, "--"):
		s.stays(st)
		return
	}
	out, err := s.bash(st.command).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("%s: %v", st.command, err)
	}
	st.got = s.shown(string(out))
}

func (s *sandbox) shown(out string) []string {
	if s.dir != s.home {
		out = strings.ReplaceAll(out, s.dir+"/", "…/")
	}
	out = strings.ReplaceAll(out, s.home, "~")
	if out = strings.TrimRight(out, "\n"); out == "" {
		return nil
	}
	return strings.Split(out, "\n")
}

// stays runs a command that stays until the manual's end, and reads what it
// prints first.
func (s *sandbox) stays(st *step) {
	s.t.Helper()
	cmd := s.bash("exec " + st.command)
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		go func() { _, _ = io.Copy(io.Discard, r) }()
		if err := cmd.Wait(); err != nil {
			s.t.Errorf("%s: got %v after an interrupt, want exit 0", st.command, err)
		}
	})
	lines := bufio.NewScanner(r)
	for range max(len(st.want), 1) {
		if !lines.Scan() {
			break
		}
		st.got = append(st.got, s.shown(lines.Text())...)
	}
	if found := regexp.MustCompile(`on http://(127\.0\.0\.1:\d+)`).FindStringSubmatch(strings.Join(st.got, "\n")); found != nil {
		s.addr = found[1]
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
}

// quietly runs what an example needs before it.
func (s *sandbox) quietly(command string) {
	s.t.Helper()
	if out, err := s.bash(command).CombinedOutput(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		s.t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func (s *sandbox) file(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// list begins a list of five readers that mails through a relay with faults.
func (s *sandbox) list(faults ...smtpsink.Fault) {
	s.t.Helper()
	sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Faults: faults})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = sink.Close() })
	s.quietly("digest init")
	s.file("config.yaml", fmt.Sprintf(`site: {base_url: "https://digest.example.org", postal_address: "7 Mill Lane, Exeter"}
mail: {from: "Weekly AI Tool Verdicts <verdicts@example.org>"}
smtp: {host: 127.0.0.1, port: %d, tls: none, connections: 1}
`, sink.Port()))
	s.file("readers.csv", "email\nada@example.com\ngone@example.com\nfull@example.com\ngrace@example.com\nlost@example.com\n")
	s.quietly("digest subscribers import readers.csv --yes")
}

// prepare makes what an example of docs/operating.md begins with.
func (s *sandbox) prepare(command string, number int) {
	s.t.Helper()
	switch {
	case strings.Contains(command, "bad.yaml"):
		s.quietly("mkdir comparisons")
		s.file("bad.yaml", "smtp: {hots: mx.example.org}\nedition: {max: many}\n")
	case strings.Contains(command, "import readers.csv"):
		s.file("readers.csv", "email,status\nada@example.com,active\nalan@example.com,maybe\nnobody@localhost,active\n")
	case command == "digest status":
		s.list(smtpsink.Fault{At: smtpsink.MAIL, Do: smtpsink.Reply, Reply: "553 5.7.1 sender not allowed"})
		s.quietly("digest send --yes")
	case strings.HasPrefix(command, "digest backup"):
		s.list()
	case command == "digest send --yes" && s.restores(number):
		s.list()
		s.quietly("digest backup before.db && digest send --limit 2 --yes && true; rm data/digest.db*; cp before.db data/digest.db")
	case command == "digest send --yes":
		s.list(
			smtpsink.Fault{At: smtpsink.RCPT, To: "gone@*", Do: smtpsink.Reply, Reply: "550 5.1.1 no such user"},
			smtpsink.Fault{At: smtpsink.RCPT, To: "full@*", Do: smtpsink.Reply, Reply: "452 4.2.2 mailbox full"},
			smtpsink.Fault{At: smtpsink.Dot, To: "lost@*", Do: smtpsink.DropSilent},
		)
	}
}

// restores reports whether the example with this number is the one of a restored
// backup: the one that goes on with resume.
func (s *sandbox) restores(number int) bool {
	m := readManual(s.t, "../../docs/operating.md")
	return number+1 < len(m.steps) && strings.HasPrefix(m.steps[number+1].command, "digest resume")
}

// Each command of the operators' bad days is one that there is, and those of a
// lost machine bring the list back. The mail server is the built-in one, so that
// doctor asks nobody outside.
func TestBadDays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Bad days\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 6 {
		t.Fatalf("got %d blocks of commands, want 6", len(blocks))
	}
	for _, b := range blocks {
		t.Run(strings.SplitN(b[1], "\n", 2)[0], func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t)
			s.quietly("digest init; printf 'email\nada@example.com\n' >r.csv; digest subscribers import r.csv --yes; digest send --yes; touch mail.log; mkdir backups")
			s.quietly("cp -r data/journal backups/journal; digest backup backups/digest-20261129T033000Z.db")
			lost := strings.Contains(b[1], "digest restore")
			if lost {
				s.quietly("rm -rf data")
			}
			for line := range strings.Lines(b[1]) {
				out, err := s.bash(strings.ReplaceAll(line, "/var/log/", "")).CombinedOutput()
				var exit *exec.ExitError
				if err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 2 || lost) {
					t.Errorf("%s: got %v\n%s", strings.TrimSpace(line), err, out)
				}
			}
			if out, err := s.bash("digest verify").CombinedOutput(); lost && (err != nil || !strings.Contains(string(out), "the proof holds")) {
				t.Errorf("verify after the restore: got %v\n%s", err, out)
			}
		})
	}
}
