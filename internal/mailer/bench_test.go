package mailer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// The benchmark's sink is this test binary, started once more: so that the
// CPU time measured is the client's alone.
const sinkEnv = "MAILER_BENCH_SINK"

func TestMain(m *testing.M) {
	if offers := os.Getenv(sinkEnv); offers != "" {
		os.Exit(benchSink(offers))
	}
	os.Exit(m.Run())
}

func benchSink(offers string) int {
	opt := smtpsink.Options{
		Discard: true, Pipelining: strings.Contains(offers, "pipelining"), Chunking: strings.Contains(offers, "chunking"),
	}
	if ms, ok := strings.CutPrefix(offers[strings.LastIndexByte(offers, ' ')+1:], "rtt="); ok {
		n, _ := strconv.Atoi(ms)
		opt.RTT = time.Duration(n) * time.Millisecond
	}
	sink, err := smtpsink.Start(opt)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer sink.Close()
	fmt.Println(sink.Port())
	io.Copy(io.Discard, os.Stdin) // until the parent is done
	return 0
}

// sinkProcess starts a sink that offers what is named and returns its port.
func sinkProcess(b *testing.B, offers string) int {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), sinkEnv+"="+offers)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stdin.Close(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		b.Fatal(err)
	}
	return port
}

// figures are what one way of sending came to.
type figures struct {
	name string
	rate float64 // messages a second
	cpu  float64 // microseconds of the client's CPU a message
}

const benchSize = 60_000

// BenchmarkSend compares the ways to send a message of 60 KB to a sink that
// throws it away: ours in each dialect, go-mail's usual way, and smtp-source
// from Postfix. `-benchtime 20000x` gives each as many messages.
func BenchmarkSend(b *testing.B) {
	var all []figures
	run := func(name, offers string, send func(b *testing.B, port int) time.Duration) {
		var f figures
		b.Run(name, func(b *testing.B) {
			port := sinkProcess(b, offers)
			b.ResetTimer()
			start := time.Now()
			cpu := send(b, port)
			wall := time.Since(start)
			b.StopTimer()
			f = figures{name, float64(b.N) / wall.Seconds(), float64(cpu.Microseconds()) / float64(b.N)}
			b.ReportMetric(f.rate, "msgs/s")
			b.ReportMetric(f.cpu, "cpu-µs/msg")
			b.ReportMetric(0, "ns/op")
		})
		if f.name != "" {
			all = append(all, f)
		}
	}
	run("smtp-source", "pipelining", sendSMTPSource)
	run("go-mail", "pipelining", sendGoMail)
	run("DATA", "plain", sendOurs(8))
	run("PIPELINING", "pipelining", sendOurs(8))
	run("CHUNKING", "pipelining chunking", sendOurs(8))
	ratios(all)
	run("20ms-50conns-DATA", "plain rtt=20", sendOurs(50))
	run("20ms-50conns-PIPELINING", "pipelining rtt=20", sendOurs(50))
	run("20ms-50conns-CHUNKING", "pipelining chunking rtt=20", sendOurs(50))
}

// ratios prints each way against the two that others use, to stdout: a
// benchmark with parts has no log that is shown.
func ratios(all []figures) {
	for _, base := range all {
		if base.name != "smtp-source" && base.name != "go-mail" {
			continue
		}
		for _, f := range all {
			fmt.Printf("# %-12s / %-12s %7.2f x messages/s %7.2f x CPU\n", f.name, base.name, f.rate/base.rate, f.cpu/base.cpu)
		}
	}
}

func cpuTime(who int) time.Duration {
	var ru syscall.Rusage
	if syscall.Getrusage(who, &ru) != nil {
		return 0
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// workers runs n of them until b.N turns are taken and returns the CPU used.
func workers(b *testing.B, n int, worker func(next func() bool) error) time.Duration {
	before := cpuTime(syscall.RUSAGE_SELF)
	turns := make(chan struct{}, 1024)
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		wg.Go(func() { errs <- worker(func() bool { _, ok := <-turns; return ok }) })
	}
	for range b.N {
		turns <- struct{}{}
	}
	close(turns)
	wg.Wait()
	for range n {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	return cpuTime(syscall.RUSAGE_SELF) - before
}

func sendOurs(conns int) func(b *testing.B, port int) time.Duration {
	return func(b *testing.B, port int) time.Duration {
		cfg := Config{Host: "127.0.0.1", Port: port, TLS: NoTLS, HELO: "verdicts.example", MaxMessages: 1000}
		return sendOver(b, newDialer(b, cfg), conns)
	}
}

// sendOver sends one message after another over so many connections.
func sendOver(b *testing.B, d *Dialer, conns int) time.Duration {
	m, ctx := mailTo("reader@example.org", testMessage("bench", benchSize)), context.Background()
	m.DotSafe = true // as internal/message's are
	return workers(b, conns, func(next func() bool) error {
		s, err := d.dial(ctx)
		if err != nil {
			return err
		}
		defer func() { s.Close() }()
		for more := next(); more; {
			res := s.Send(ctx, m, func() (*delivery.Mail, error) {
				if more = next(); more {
					return &m, nil
				}
				return nil, nil
			})
			if !res.Accepted() {
				return fmt.Errorf("got %+v", res)
			}
			if res.Broken {
				if s, err = d.dial(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// sendGoMail is go-mail's usual way: a message built for each reader, Send on a
// kept connection.
func sendGoMail(b *testing.B, port int) time.Duration {
	html := strings.Repeat("<p>The quick brown fox jumps over the lazy dog and takes a rest.</p>\n", benchSize*4/5/69)
	text := strings.Repeat("The quick brown fox jumps over the lazy dog and takes a rest.\n", benchSize/5/62)
	return workers(b, 8, func(next func() bool) error {
		c, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS),
			gomail.WithHELO("verdicts.example"))
		if err != nil {
			return err
		}
		if err := c.DialWithContext(context.Background()); err != nil {
			return err
		}
		defer c.Close()
		for next() {
			m := gomail.NewMsg()
			if err := m.From("bounce@verdicts.example"); err != nil {
				return err
			}
			if err := m.To("reader@example.org"); err != nil {
				return err
			}
			m.Subject("The digest")
			m.SetBodyString(gomail.TypeTextPlain, text)
			m.AddAlternativeString(gomail.TypeTextHTML, html)
			if err := c.Send(m); err != nil {
				return err
			}
		}
		return nil
	})
}

func sendSMTPSource(b *testing.B, port int) time.Duration {
	const path = "/usr/sbin/smtp-source"
	if _, err := os.Stat(path); err != nil {
		b.Skip("smtp-source is not installed (Debian package postfix)")
	}
	before := cpuTime(syscall.RUSAGE_CHILDREN)
	cmd := exec.Command(path, "-d", "-s", "8", "-m", strconv.Itoa(b.N), "-l", strconv.Itoa(benchSize),
		"-f", "bounce@verdicts.example", "-t", "reader@example.org", fmt.Sprintf("127.0.0.1:%d", port))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("smtp-source: %v: %s", err, out)
	}
	return cpuTime(syscall.RUSAGE_CHILDREN) - before
}
