package mailer

import (
	"strings"
	"testing"

	"verdicts.example/digest/internal/smtpsink"
)

// Greet logs in and leaves: no message, and the certificate that was checked.
func TestGreet(t *testing.T) {
	t.Parallel()
	underTLS(t, func(t *testing.T, d *Dialer, sink *smtpsink.Sink) {
		cert, err := d.Greet(t.Context())
		if err != nil || cert == nil || cert.NotAfter.IsZero() {
			t.Fatalf("got the certificate %v, %v, want one", cert, err)
		}
		if got := len(sink.Messages()); got != 0 {
			t.Errorf("got %d messages, want none", got)
		}
	})
	plain := startSink(t, smtpsink.Options{})
	if cert, err := newDialer(t, config(plain)).Greet(t.Context()); cert != nil || err != nil {
		t.Errorf("without TLS: got %v, %v, want no certificate and no error", cert, err)
	}
	sink := startSink(t, smtpsink.Options{Faults: []smtpsink.Fault{says(smtpsink.Greeting, "554 5.3.2 no")}})
	if _, err := newDialer(t, config(sink)).Greet(t.Context()); err == nil || !strings.Contains(err.Error(), "554") {
		t.Errorf("refused: got %v, want the server's words", err)
	}
}
