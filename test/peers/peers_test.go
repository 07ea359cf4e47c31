package peers

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/smtpsink"
)

// unpacked is where .ci/peers.sh puts the packages that can't be installed.
func unpacked(path string) string {
	dir := os.Getenv("DIGEST_PEERS")
	if dir == "" {
		dir = "/var/cache/digest-peers"
	}
	return filepath.Join(dir, path)
}

// need leaves the test out when a program is missing.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := os.Stat(p); err != nil {
			leaveOut(t, p+" is missing: run .ci/peers.sh")
		}
	}
}

// needRoot is for servers that change their user.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		leaveOut(t, "this server must be started by root")
	}
}

// leaveOut skips the test, or fails it in CI.
func leaveOut(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// server is a running peer.
type server struct {
	port       int
	tls        mailer.TLSMode
	roots      *x509.CertPool
	user, pass string
	mail       string // folder of the files that arrived
	log        string // file to show when something goes wrong
	perConn    int    // after how many messages the sender renews a connection; 0: its default
}

// openDir is a temporary folder that other users may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "peer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// freePort is a port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// run runs a program that ends by itself.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// daemon runs a program until the test ends.
func daemon(t *testing.T, log, name string, args ...string) {
	t.Helper()
	untilEnd(t, log, exec.Command(name, args...))
}

func untilEnd(t *testing.T, log string, cmd *exec.Cmd) {
	t.Helper()
	f, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		stop := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		stop.Stop()
		f.Close()
	})
}

// patience is longer than a busy machine takes for what takes an instant on another.
const patience = 3 * time.Minute

// await waits until the server greets.
func (s *server) await(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			b := make([]byte, 3)
			c.SetDeadline(time.Now().Add(time.Minute))
			_, err = c.Read(b)
			c.Close()
			if err == nil && string(b) == "220" {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not answer: %v\n%s", err, s.logs())
		}
	}
}

func (s *server) logs() string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4000):])
}

func (s *server) dialer(t *testing.T) *mailer.Dialer {
	t.Helper()
	d, err := mailer.New(mailer.Config{
		Host: "127.0.0.1", Port: s.port, TLS: s.tls, RootCAs: s.roots, Username: s.user, Password: s.pass,
		HELO: "verdicts.example", MaxMessages: s.perConn,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// certificate writes a certificate for 127.0.0.1 and returns who signed it.
func certificate(t *testing.T, certFile, keyFile string) *x509.CertPool {
	t.Helper()
	ca, err := smtpsink.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("127.0.0.1", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM, err := smtpsink.PEM(cert)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, string(certPEM), 0o644)
	write(t, keyFile, string(keyPEM), 0o600)
	return ca.Pool()
}

// message is reader i's mail, of about 20 KB, in the form of internal/message.
func testMessage(i int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Verdicts <verdicts@verdicts.example>\r\nTo: reader%d@peer.test\r\nSubject: number %d\r\n", i, i)
	fmt.Fprintf(&b, "Date: Mon, 16 Nov 2026 09:00:00 +0000\r\nMessage-ID: <%d.peer@verdicts.example>\r\n", i)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	for n := range 280 + i%100 {
		fmt.Fprintf(&b, "<p>%06d =E2=9C=93 the quick brown fox jumps over reader %d's lazy dog</p>=\r\n", n, i)
	}
	b.WriteString("From here =2E\r\n=2E\r\nend\r\n")
	return b.Bytes()
}

const (
	messages = 1000
	workers  = 4
)

// sendAll sends the messages over several sessions; each must be accepted.
func (s *server) sendAll(t *testing.T, to func(i int) string) {
	t.Helper()
	d := s.dialer(t)
	turns := make(chan int, messages)
	for i := range messages {
		turns <- i
	}
	close(turns)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			if err := sendTurns(d, turns, to); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.Fatal(s.logs())
	}
}

func sendTurns(d *mailer.Dialer, turns <-chan int, to func(i int) string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	s, err := d.Dial(ctx)
	if err != nil {
		return err
	}
	defer func() { s.Close() }()
	mail := func(i int) delivery.Mail {
		return delivery.Mail{
			Envelope: delivery.Envelope{From: "bounce@verdicts.example", To: to(i)},
			Message:  delivery.Whole(signed()[i]),
		}
	}
	for i, more := <-turns; more; {
		next, another := <-turns
		intend := func() (*delivery.Mail, error) {
			if !another {
				return nil, nil
			}
			follow := mail(next)
			return &follow, nil
		}
		for accepted := false; !accepted; {
			res := s.Send(ctx, mail(i), intend)
			accepted = res.Accepted()
			if !accepted && res.Phase != delivery.PhaseConnect { // the connection's end is nobody's fault
				return fmt.Errorf("message %d: got %+v, want accepted", i, res)
			}
			if res.Broken {
				if s, err = d.Dial(ctx); err != nil {
					return err
				}
			}
		}
		i, more = next, another
	}
	return nil
}

// intent is one that holds, with no mail to follow.
func intent() (*delivery.Mail, error) { return nil, nil }

// arrived waits for all messages, compares them byte by byte after the trace
// fields that a server puts before them (RFC 5321 §4.4), and verifies their
// signatures as they arrived.
func (s *server) arrived(t *testing.T) {
	t.Helper()
	var files []os.DirEntry
	for deadline := time.Now().Add(patience); len(files) < messages; time.Sleep(100 * time.Millisecond) {
		var err error
		if files, err = os.ReadDir(s.mail); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("arrived: got %d messages, want %d\n%s", len(files), messages, s.logs())
		}
	}
	seen := map[int]bool{}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join(s.mail, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(got, []byte("\r\n")) {
			got = bytes.ReplaceAll(got, []byte("\n"), []byte("\r\n"))
		}
		verifySignature(t, got)
		at := bytes.Index(got, []byte("DKIM-Signature:"))
		if at < 0 {
			t.Fatalf("got a message without our signature:\n%.500s", got)
		}
		got = got[at:]
		var i int
		if _, err := fmt.Sscanf(string(got[strings.Index(string(got), "\nSubject: ")+1:]), "Subject: number %d", &i); err != nil {
			t.Fatal(err)
		}
		if want := signed()[i]; !bytes.Equal(got, want) {
			t.Errorf("message %d: got %d bytes, want %d the same", i, len(got), len(want))
		}
		seen[i] = true
	}
	if len(files) != messages || len(seen) != messages {
		t.Errorf("got %d files of %d messages, want %d", len(files), len(seen), messages)
	}
}

// one sends a single message to an address.
func (s *server) one(t *testing.T, d *mailer.Dialer, to string, msg []byte) delivery.Result {
	t.Helper()
	return d.SendOne(context.Background(), delivery.Envelope{From: "bounce@verdicts.example", To: to}, msg)
}

func anyReader(i int) string { return fmt.Sprintf("reader%d@peer.test", i) }
