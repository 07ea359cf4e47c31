package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

// Keywords of EHLO are written in any case (RFC 5321 §4.1.1.1).
func TestKeywordsInAnyCase(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	sink := startSink(t, smtpsink.Options{
		Pipelining: true, Chunking: true, SMTPUTF8: true,
		TLS:  serverTLS(t, ca, "127.0.0.1", time.Now().Add(time.Hour)),
		Auth: secret{make(chan string, 1)}.auth,
		Faults: []smtpsink.Fault{{
			At: smtpsink.EHLO, Do: smtpsink.Reply,
			Reply: "250-sink.test\n250-pipelining\n250-Chunking\n250-smtpUTF8\n250-size 5000000\n250-auth login\n250 starttls",
		}},
	})
	cfg := config(sink)
	cfg.TLS, cfg.RootCAs, cfg.Username, cfg.Password = STARTTLS, ca.Pool(), "digest", "open sesame"
	d := newDialer(t, cfg)
	s := dialed(t, d)
	want := extensions{pipelining: true, chunking: true, smtputf8: true, size: true, maxSize: 5_000_000}
	if s.ext != want || !s.tls {
		t.Errorf("got %+v, TLS %t, want %+v under TLS", s.ext, s.tls, want)
	}
	sendNext(t, d, s, false, sink)
	if got := sink.Messages()[0].User; got != "digest" {
		t.Errorf("got user %q, want digest", got)
	}
}

// A server that knows no EHLO is spoken to without extensions.
func TestWithoutEHLO(t *testing.T) {
	t.Parallel()
	sink := startSink(t, smtpsink.Options{Pipelining: true, Faults: []smtpsink.Fault{
		{At: smtpsink.EHLO, Do: smtpsink.Reply, Nth: 1, Reply: "502 5.5.1 what"},
		{At: smtpsink.EHLO, Do: smtpsink.Reply, Nth: 3, Reply: "502 5.5.1 what"}, // HELO was between
	}})
	d := newDialer(t, config(sink))
	s := dialed(t, d)
	if s.ext != (extensions{}) {
		t.Errorf("got %+v, want no extension", s.ext)
	}
	sendNext(t, d, s, false, sink)
}

// A server may offer AUTH PLAIN and not know it (RFC 4954 §4: 504).
func TestRefusedMechanismIsFollowedByTheNext(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for _, c := range []struct {
		name   string
		faults []smtpsink.Fault
		conns  int
		code   int
	}{
		{"PLAIN unknown", []smtpsink.Fault{
			{At: smtpsink.AUTH, Do: smtpsink.Reply, Nth: 1, Reply: "504 5.5.4 Unrecognized authentication type"},
		}, 2, 0},
		{"none known", []smtpsink.Fault{
			{At: smtpsink.AUTH, Do: smtpsink.Reply, Reply: "504 5.5.4 Unrecognized authentication type"},
		}, 2, 504},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sink := startSink(t, smtpsink.Options{
				TLS:  serverTLS(t, ca, "127.0.0.1", time.Now().Add(time.Hour)),
				Auth: secret{make(chan string, 1)}.auth, Faults: c.faults,
			})
			cfg := config(sink)
			cfg.TLS, cfg.RootCAs, cfg.Username, cfg.Password = STARTTLS, ca.Pool(), "digest", "open sesame"
			d := newDialer(t, cfg)
			s, err := d.Dial(context.Background())
			if got := sink.Conns(); got != c.conns {
				t.Errorf("got %d connections, want %d", got, c.conns)
			}
			if c.code != 0 {
				var refused *delivery.SMTPError
				if !errors.As(err, &refused) || refused.Phase != delivery.PhaseAuth || refused.Code != c.code {
					t.Fatalf("got %v, want %d to AUTH", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sendNext(t, d, s, false, sink)
			if again := dialed(t, d); again == nil || sink.Conns() != 3 {
				t.Errorf("got %d connections after a second session, want 3: what the server does not know is remembered", sink.Conns())
			}
		})
	}
}

// A server with old TLS only is a fault with a name, and the operator's.
func TestOldTLSIsNamed(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for _, mode := range []TLSMode{STARTTLS, Implicit} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			old := serverTLS(t, ca, "127.0.0.1", time.Now().Add(time.Hour))
			old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			sink := startSink(t, smtpsink.Options{TLS: old, Implicit: mode == Implicit})
			cfg := config(sink)
			cfg.TLS, cfg.RootCAs = mode, ca.Pool()
			_, err := newDialer(t, cfg).Dial(context.Background())
			var refused *delivery.SMTPError
			if !errors.Is(err, ErrOldTLS) || !errors.As(err, &refused) || refused.Phase != delivery.PhaseTLS {
				t.Fatalf("got %v, want ErrOldTLS in PhaseTLS", err)
			}
			if v := delivery.ClassifyDial(err); v.Fault != delivery.OperatorFault {
				t.Errorf("got %+v, want the operator's fault", v)
			}
			if !strings.Contains(err.Error(), "TLS 1.2") {
				t.Errorf("got %q, want it to say what is needed", err)
			}
		})
	}
}

// What crypto/tls says of a hello that chose an old version; no alert came.
func TestOldTLSWithoutAnAlert(t *testing.T) {
	t.Parallel()
	d := newDialer(t, Config{Host: "mx.example.com", TLS: STARTTLS, From: "verdicts@example.com"})
	err := d.tlsError(errors.New("tls: server selected unsupported protocol version 302"))
	if !errors.Is(err, ErrOldTLS) {
		t.Errorf("got %v, want ErrOldTLS", err)
	}
	if err := d.tlsError(errors.New("read tcp: connection reset by peer")); errors.Is(err, ErrOldTLS) || delivery.ClassifyDial(err).Fault == delivery.OperatorFault {
		t.Errorf("got %v as the operator's, want a lost connection to be nobody's fault", err)
	}
}

// A result says how much its session had carried before.
func TestCarried(t *testing.T) {
	t.Parallel()
	inDialects(t, []smtpsink.Fault{
		{At: smtpsink.RCPT, Do: smtpsink.Reply, Nth: 2, Reply: "550 5.1.1 nobody"},
		{At: smtpsink.MAIL, Do: smtpsink.Reply, Nth: 4, Reply: "452 4.4.5 Mails per session limit"},
	}, func(t *testing.T, sink *smtpsink.Sink) {
		s := dialed(t, newDialer(t, config(sink)))
		for i, code := range []int{250, 550, 250, 452} {
			res := s.Send(context.Background(), mailTo("a@example.org", testMessage("a", 500)), intent)
			if res.Carried != i || res.Code != code {
				t.Errorf("message %d: got code %d, carried %d, want %d and %d", i, res.Code, res.Carried, code, i)
			}
		}
	})
}
