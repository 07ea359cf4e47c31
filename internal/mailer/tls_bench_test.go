package mailer

import (
	"context"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// BenchmarkTLS sends over STARTTLS; the sink is of the same process, and its
// share is counted too.
func BenchmarkTLS(b *testing.B) {
	ca, err := smtpsink.NewCA()
	if err != nil {
		b.Fatal(err)
	}
	cert, err := ca.Issue("127.0.0.1", time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	for name, chunking := range map[string]bool{"DATA": false, "CHUNKING": true} {
		b.Run(name, func(b *testing.B) {
			sink := startSink(b, smtpsink.Options{
				Discard: true, Pipelining: true, Chunking: chunking,
				TLS: &tls.Config{Certificates: []tls.Certificate{cert}},
			})
			cfg := config(sink)
			cfg.TLS, cfg.RootCAs, cfg.Timeouts = STARTTLS, ca.Pool(), Timeouts{}
			d := newDialer(b, cfg)
			m := mailTo("reader@example.org", testMessage("bench", benchSize))
			m.DotSafe = true
			cpu := workers(b, 8, func(next func() bool) error {
				s, err := d.dial(context.Background())
				if err != nil {
					return err
				}
				defer s.Close()
				for more := next(); more; {
					res := s.Send(context.Background(), m, func() (*delivery.Mail, error) {
						if more = next(); more {
							return &m, nil
						}
						return nil, nil
					})
					if !res.Accepted() {
						return fmt.Errorf("got %+v", res)
					}
				}
				return nil
			})
			b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-µs/msg")
		})
	}
}
