package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/comparisons"
)

const (
	signUpRate = 2_000 // a second
	signUpFor  = 15 * time.Second
	visitors   = 256
)

// BenchmarkSubscribe posts 2,000 sign-ups a second to 'digest serve', each when its
// time has come whether the last was answered or not, first beside nothing and then
// while an edition is sent from the same database, by 'serve' itself or by a 'digest
// send' beside it: the 99th percentile of the time from when a sign-up was due to its
// answer.
func BenchmarkSubscribe(b *testing.B) {
	for _, own := range []bool{true, false} {
		b.Run(map[bool]string{true: "serve-sends", false: "send-beside"}[own], func(b *testing.B) {
			addr := startSink(b, "pipelining chunking")
			for b.Loop() {
				s := startServe(b, addr, 300_000)
				loads := map[string]load{"alone": s.signUps("alone")}
				end := s.send(own)
				loads["send"] = s.signUps("beside")
				end(loads["send"])
				for name, l := range loads {
					b.ReportMetric(float64(len(l.took))/l.all.Seconds(), name+"-signups/s")
					b.ReportMetric(float64(l.percentile(99).Microseconds())/1000, name+"-p99-ms")
					b.ReportMetric(float64(l.percentile(100).Microseconds())/1000, name+"-max-ms")
				}
				s.stop()
			}
		})
	}
}

// send begins to send the edition; end ends it, and fails unless it has lasted as long
// as a load.
func (s *served) send(own bool) (end func(load)) {
	s.tb.Helper()
	year, week := slot().ISOWeek()
	name := fmt.Sprintf("%d-W%02d", year, week)
	cmd := s.command("send", name, "--yes", "--quiet")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	fatal(s.tb, cmd.Start())
	if own { // what it has begun, serve goes on with
		time.Sleep(2 * time.Second)
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
		return func(load) {
			out, err := s.command("status", "--week", name, "--json").Output()
			fatal(s.tb, err)
			if !bytes.Contains(out, []byte(`"state": "sending"`)) {
				s.tb.Errorf("the send did not last as long as the sign-ups: %.300s", out)
			}
		}
	}
	began, ended := time.Now(), make(chan time.Duration, 1)
	go func() { _ = cmd.Wait(); ended <- time.Since(began) }()
	return func(l load) {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if took := <-ended; took < l.all {
			s.tb.Errorf("the send took %s, less than the sign-ups' %s: they were not beside it; it said %s", took, l.all, said.String())
		}
	}
}

// A load is how long answers took, and all of them together.
type load struct {
	took []time.Duration
	all  time.Duration
}

func (l load) percentile(p int) time.Duration { return l.took[(len(l.took)-1)*p/100] }

// A served is a 'digest serve' in a folder of its own.
type served struct {
	tb  testing.TB
	dir string
	bin string
	url string
	cmd *exec.Cmd
}

var (
	servingOn = regexp.MustCompile(`on (http://\S+)`)
	published = regexp.MustCompile(`(?m)^published: .*$`)
)

// slot is when the edition would go by itself, a while after the benchmark.
func slot() time.Time { return time.Now().UTC().AddDate(0, 0, 2) }

func startServe(tb testing.TB, sink string, readers int) *served {
	tb.Helper()
	dir := tb.TempDir()
	s := &served{tb: tb, dir: dir, bin: filepath.Join(dir, "digest")}
	if out, err := exec.Command("go", "build", "-o", s.bin, "../../cmd/digest").CombinedOutput(); err != nil {
		tb.Fatalf("build: %v: %s", err, out)
	}
	host, port, _ := strings.Cut(sink, ":")
	s.write("config.yaml", fmt.Sprintf(`
site: {name: Weekly AI Tool Verdicts, base_url: "https://digest.example.org", postal_address: "12 Harbour Lane, Exampleton"}
listen: 127.0.0.1:0
metrics: ""
schedule: {draft: "0 0 * * %[3]d", send: "0 0 * * %[3]d"}
mail: {from: "Weekly AI Tool Verdicts <verdicts@digest.example.org>", bounce_domain: bounces.digest.example.org}
smtp: {host: %[1]s, port: %[2]s, tls: none, connections: 32}
signup: {per_address: 0, per_network: 0, per_domain: 0, per_hour: 0, surge_floor: 0}
`, host, port, slot().Weekday()))
	s.writeComparisons()
	var csv strings.Builder
	csv.WriteString("email\n")
	for i := range readers {
		fmt.Fprintf(&csv, "reader%d@example%d.com\n", i, i%50)
	}
	s.write("readers.csv", csv.String())
	s.run("subscribers", "import", "readers.csv", "--yes")
	s.serve()
	return s
}

func (s *served) write(name, text string) {
	s.tb.Helper()
	path := filepath.Join(s.dir, name)
	fatal(s.tb, os.MkdirAll(filepath.Dir(path), 0o755))
	fatal(s.tb, os.WriteFile(path, []byte(text), 0o600))
}

// writeComparisons writes the shipped ones, as of yesterday.
func (s *served) writeComparisons() {
	s.tb.Helper()
	files, err := fs.Glob(comparisons.FS, "*.yaml")
	fatal(s.tb, err)
	for _, name := range files {
		text, err := comparisons.FS.ReadFile(name)
		fatal(s.tb, err)
		s.write("comparisons/"+name, string(published.ReplaceAll(text, []byte("published: "+time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)))))
	}
}

func (s *served) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.bin, args...)
	cmd.Dir = s.dir
	return cmd
}

func (s *served) run(args ...string) {
	s.tb.Helper()
	if out, err := s.command(args...).CombinedOutput(); err != nil {
		s.tb.Fatalf("digest %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// serve starts it and waits for the address that it says.
func (s *served) serve() {
	s.tb.Helper()
	r, w, err := os.Pipe()
	fatal(s.tb, err)
	s.cmd = s.command("serve")
	s.cmd.Stderr = w
	fatal(s.tb, s.cmd.Start())
	s.tb.Cleanup(func() { _ = s.cmd.Process.Kill() })
	fatal(s.tb, w.Close())
	var said bytes.Buffer
	buf := make([]byte, 4096)
	for s.url == "" {
		n, err := r.Read(buf)
		said.Write(buf[:n])
		if m := servingOn.FindStringSubmatch(said.String()); m != nil {
			s.url = m[1]
		} else if err != nil {
			s.tb.Fatalf("serve: %v: %s", err, said.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
}

func (s *served) stop() {
	s.tb.Helper()
	fatal(s.tb, s.cmd.Process.Signal(syscall.SIGTERM))
	fatal(s.tb, s.cmd.Wait())
}

// signUps posts sign-ups at the rate, each from when it is due, over as many
// connections as there are visitors.
func (s *served) signUps(who string) load {
	s.tb.Helper()
	const n = int(signUpRate * signUpFor / time.Second)
	took := make([]time.Duration, n)
	var next atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range visitors {
		all.Go(func() {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err != nil {
				s.tb.Error(err)
				return
			}
			defer c.Close()
			answers := bufio.NewReader(c)
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				due := began.Add(time.Duration(i) * time.Second / signUpRate)
				time.Sleep(time.Until(due))
				if err := signUp(c, answers, fmt.Sprintf("%s%d@visitors%d.example", who, i, i%500)); err != nil {
					s.tb.Error(err)
					return
				}
				took[i] = time.Since(due)
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	return load{took, time.Since(began)}
}

// signUp posts the form on a connection that stays open. net/http's client would need
// more of the machine than what it measures.
func signUp(c net.Conn, answers *bufio.Reader, email string) error {
	form := "email=" + url.QueryEscape(email)
	_, err := fmt.Fprintf(c, "POST /subscribe HTTP/1.1\r\nHost: digest.example.org\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form)
	if err != nil {
		return err
	}
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("%s: got status %d, want 303", email, resp.StatusCode)
	}
	return nil
}
