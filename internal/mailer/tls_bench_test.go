package mailer

import (
	"testing"
	"time"

	"verdicts.example/digest/internal/smtpsink"
)

// BenchmarkTLS sends over STARTTLS; the sink is of the same process, and its
// share is counted too.
func BenchmarkTLS(b *testing.B) {
	ca := newCA(b)
	for name, chunking := range map[string]bool{"DATA": false, "CHUNKING": true} {
		b.Run(name, func(b *testing.B) {
			sink := startSink(b, smtpsink.Options{
				Discard: true, Pipelining: true, Chunking: chunking,
				TLS: serverTLS(b, ca, "127.0.0.1", time.Now().Add(time.Hour)),
			})
			cfg := config(sink)
			cfg.TLS, cfg.RootCAs, cfg.Timeouts = STARTTLS, ca.Pool(), Timeouts{}
			cpu := sendOver(b, newDialer(b, cfg), 8)
			b.ReportMetric(float64(cpu.Microseconds())/float64(b.N), "cpu-µs/msg")
		})
	}
}
