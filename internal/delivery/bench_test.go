//go:build unix

package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/delivery/deliverytest"
	"verdicts.example/digest/internal/journal"
	"verdicts.example/digest/internal/mailer"
	"verdicts.example/digest/internal/smtpsink"
)

// instant is a server that takes everything at once, at no cost.
type instant struct{}

func (instant) Dial(context.Context) (delivery.Session, error) { return instant{}, nil }
func (instant) Close() error                                   { return nil }
func (instant) Relay() string                                  { return "instant" }
func (instant) Send(_ context.Context, _ delivery.Mail, intend func() (*delivery.Mail, error)) delivery.Result {
	if _, err := intend(); err != nil {
		return delivery.Result{Phase: delivery.PhaseIntent, Err: err, Broken: true}
	}
	return deliverytest.Accepted()
}

// cpu is what the process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkRun is the engine and its records alone: each operation is one
// message, with every record kept at synchronous=FULL.
func BenchmarkRun(b *testing.B) {
	for _, connections := range []int{8, 32, 64} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			n := max(b.N, 2000)
			f := deliverytest.New(b, n)
			f.Freeze()
			opt := f.Options(instant{})
			opt.Pacing.Connections = connections
			b.ResetTimer()
			before, began := cpu(b), time.Now()
			sum, err := delivery.Run(context.Background(), opt)
			if err != nil || sum.Counts[delivery.Accepted] != int64(n) {
				b.Fatalf("got %+v, %v, want %d accepted", sum, err, n)
			}
			took := time.Since(began)
			b.ReportMetric(float64(n)/took.Seconds(), "messages/s")
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-µs/message")
			b.ReportMetric(float64(n)/float64(f.Commits()), "messages/commit")
		})
	}
}

// BenchmarkMillion is what grows with the list: DIGEST_READERS readers, a
// million where it is not set.
func BenchmarkMillion(b *testing.B) {
	n := 1_000_000
	if s := os.Getenv("DIGEST_READERS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	f := deliverytest.New(b, n)
	size := func() float64 {
		n, err := f.Database.Size()
		if err != nil {
			b.Fatal(err)
		}
		return float64(n)
	}
	timed := func(name string, fn func() error) {
		began := time.Now()
		if err := fn(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), name+"-s")
	}
	ctx := context.Background()
	empty := size()
	b.ResetTimer()
	freezing := watchMemory(b)
	timed("freeze", func() error { f.Freeze(); return nil })
	b.ReportMetric(freezing(), "freeze-MiB")
	opt := f.Options(instant{})
	opt.Pacing.Connections = 32
	sending := watchMemory(b)
	timed("send", func() error { _, err := delivery.Run(ctx, opt); return err })
	b.ReportMetric(sending(), "send-MiB")
	timed("status", func() error { _, err := f.Store.Counts(ctx, f.Edition); return err })
	timed("domains", func() error { _, err := f.Store.Domains(ctx, f.Edition, 10); return err })
	verifying := watchMemory(b)
	timed("verify", func() error {
		p, err := delivery.Verify(ctx, f.Store, f.Journals, f.Edition)
		if err == nil && len(p.Problems()) > 0 {
			err = fmt.Errorf("problems: %v", p.Problems())
		}
		return err
	})
	b.ReportMetric(verifying(), "verify-MiB")
	b.ReportMetric((size()-empty)/float64(n), "bytes/reader")
	if st, err := os.Stat(f.Journals.Path(journal.Name{Week: deliverytest.Week})); err == nil {
		b.ReportMetric(float64(st.Size())/float64(n), "journal-bytes/reader")
	}
}

// watchMemory samples the resident set (Linux), and gives the most in MiB.
func watchMemory(b *testing.B) (most func() float64) {
	var peak int
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			peak = max(peak, resident(b))
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(stop); <-done; return float64(peak*os.Getpagesize()) / (1 << 20) }
}

// resident is the process's resident set in pages.
func resident(b *testing.B) int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, rss int
	if _, err := fmt.Sscan(string(text), &size, &rss); err != nil {
		b.Error(err)
	}
	return rss
}

// BenchmarkSMTP is the whole send over real SMTP on loopback: 60 KB messages,
// every record kept. With DIGEST_SINK=host:port it goes to that server (Postfix's
// smtp-sink) and the CPU is the sender's alone; else to the project's own sink
// in this process.
func BenchmarkSMTP(b *testing.B) {
	for _, connections := range []int{8, 32, 64} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			n := max(b.N, 2000)
			f := deliverytest.New(b, n)
			f.Freeze()
			opt := f.Options(benchDialer(b))
			opt.Pacing.Connections = connections
			opt.Composer = deliverytest.Composer{Body: bytes.Repeat([]byte("The quick brown fox jumps over the lazy dog, and again and so on.\r\n"), 900)}
			b.ResetTimer()
			before, began := cpu(b), time.Now()
			sum, err := delivery.Run(context.Background(), opt)
			if err != nil || sum.Counts[delivery.Accepted] != int64(n) {
				b.Fatalf("got %+v, %v, want %d accepted", sum, err, n)
			}
			took := time.Since(began)
			b.ReportMetric(float64(n)/took.Seconds(), "messages/s")
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-µs/message")
			b.ReportMetric(float64(n)/float64(f.Commits()), "messages/commit")
		})
	}
}

func benchDialer(b *testing.B) delivery.Dialer {
	b.Helper()
	addr := os.Getenv("DIGEST_SINK")
	if addr == "" {
		sink, err := smtpsink.Start(smtpsink.Options{Pipelining: true, Chunking: true, Discard: true})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = sink.Close() })
		addr = sink.Addr()
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		b.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		b.Fatal(err)
	}
	d, err := mailer.New(mailer.Config{
		Host: host, Port: number, TLS: mailer.NoTLS, HELO: "list.example", From: "verdicts@list.example", MaxMessages: 1000,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	return d
}
