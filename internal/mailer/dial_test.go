package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"verdicts.example/digest/internal/delivery"
	"verdicts.example/digest/internal/smtpsink"
)

func newCA(t testing.TB) *smtpsink.CA {
	t.Helper()
	ca, err := smtpsink.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func serverTLS(t testing.TB, ca *smtpsink.CA, host string, until time.Time) *tls.Config {
	t.Helper()
	cfg, err := ca.ServerTLS(host, until)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// secret notes whether a password was ever heard.
type secret struct{ heard chan string }

func (s secret) auth(user, pass string) bool {
	select {
	case s.heard <- pass:
	default:
	}
	return user == "digest" && pass == "open sesame"
}

// underTLS runs a test in each mode of TLS and each dialect, with a login.
func underTLS(t *testing.T, test func(t *testing.T, d *Dialer, sink *smtpsink.Sink)) {
	t.Helper()
	ca := newCA(t)
	for _, mode := range []TLSMode{STARTTLS, Implicit} {
		for _, d := range dialects() {
			t.Run(string(mode)+" "+d.name, func(t *testing.T) {
				t.Parallel()
				d.opt.TLS, d.opt.Implicit = serverTLS(t, ca, "127.0.0.1", time.Now().Add(time.Hour)), mode == Implicit
				d.opt.Auth = secret{make(chan string, 1)}.auth
				sink := startSink(t, d.opt)
				cfg := config(sink)
				cfg.TLS, cfg.RootCAs, cfg.Username, cfg.Password = mode, ca.Pool(), "digest", "open sesame"
				test(t, newDialer(t, cfg), sink)
			})
		}
	}
}

func TestSendsOverTLSWithAuth(t *testing.T) {
	t.Parallel()
	underTLS(t, func(t *testing.T, d *Dialer, sink *smtpsink.Sink) {
		s := dialed(t, d)
		for range 5 {
			sendNext(t, d, s, false, sink)
		}
		if m := sink.Messages()[0]; m.User != "digest" || !m.TLS {
			t.Errorf("got user %q, TLS %t, want digest under TLS", m.User, m.TLS)
		}
	})
}

func TestTLSRefusals(t *testing.T) {
	t.Parallel()
	ca, other := newCA(t), newCA(t)
	soon := time.Now().Add(time.Hour)
	for _, c := range []struct {
		name string
		mode TLSMode
		tls  *tls.Config
		imp  bool
		want error
	}{
		{"stripped STARTTLS", STARTTLS, nil, false, ErrNoSTARTTLS},
		{"wrong name", STARTTLS, serverTLS(t, ca, "other.example", soon), false, ErrCertificate},
		{"expired", STARTTLS, serverTLS(t, ca, "127.0.0.1", time.Now().Add(-time.Hour)), false, ErrCertificate},
		{"unknown", STARTTLS, serverTLS(t, other, "127.0.0.1", soon), false, ErrCertificate},
		{"wrong name, implicit", Implicit, serverTLS(t, ca, "other.example", soon), true, ErrCertificate},
		{"unknown, implicit", Implicit, serverTLS(t, other, "127.0.0.1", soon), true, ErrCertificate},
		{"plaintext where TLS is expected", Implicit, nil, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sec := secret{make(chan string, 1)}
			sink := startSink(t, smtpsink.Options{TLS: c.tls, Implicit: c.imp, Auth: sec.auth, Pipelining: true})
			cfg := config(sink)
			cfg.TLS, cfg.RootCAs, cfg.Username, cfg.Password = c.mode, ca.Pool(), "digest", "open sesame"
			_, err := newDialer(t, cfg).Dial(context.Background())
			var refused *delivery.SMTPError
			if !errors.As(err, &refused) || refused.Phase != delivery.PhaseTLS || refused.Code != 0 {
				t.Fatalf("got %v, want an SMTPError of PhaseTLS", err)
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if len(sec.heard) > 0 {
				t.Error("the password was sent")
			}
		})
	}
}

func TestRefusalsBeforeTheTransaction(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	for _, c := range []struct {
		name  string
		fault smtpsink.Fault
		pass  string
		phase delivery.Phase
		code  int // 0: nobody's fault, no SMTPError
	}{
		{"greeting 554", says(smtpsink.Greeting, "554 5.3.2 no"), "open sesame", delivery.PhaseConnect, 554},
		{"greeting 421", says(smtpsink.Greeting, "421 4.3.2 busy"), "open sesame", delivery.PhaseConnect, 421},
		{"greeting drop", does(smtpsink.Greeting, smtpsink.DropBefore), "open sesame", 0, 0},
		{"greeting garbage", does(smtpsink.Greeting, smtpsink.Garbage), "open sesame", 0, 0},
		{"EHLO drop", does(smtpsink.EHLO, smtpsink.DropBefore), "open sesame", 0, 0},
		{"STARTTLS 454", says(smtpsink.STARTTLS, "454 4.7.0 not now"), "open sesame", delivery.PhaseTLS, 454},
		{"STARTTLS drop", does(smtpsink.STARTTLS, smtpsink.DropAfter), "open sesame", 0, 0},
		{"AUTH 535", smtpsink.Fault{At: smtpsink.NOOP}, "wrong", delivery.PhaseAuth, 535},
		{"AUTH 454", says(smtpsink.AUTH, "454 4.7.0 later"), "open sesame", delivery.PhaseAuth, 454},
		{"AUTH drop", does(smtpsink.AUTH, smtpsink.DropBefore), "open sesame", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sink := startSink(t, smtpsink.Options{
				TLS:  serverTLS(t, ca, "127.0.0.1", time.Now().Add(time.Hour)),
				Auth: secret{make(chan string, 1)}.auth, Faults: []smtpsink.Fault{c.fault},
			})
			cfg := config(sink)
			cfg.TLS, cfg.RootCAs, cfg.Username, cfg.Password = STARTTLS, ca.Pool(), "digest", c.pass
			_, err := newDialer(t, cfg).Dial(context.Background())
			var refused *delivery.SMTPError
			switch got := errors.As(err, &refused); {
			case err == nil:
				t.Error("got no error")
			case got != (c.code != 0):
				t.Errorf("got %v, SMTPError %t, want %t", err, got, c.code != 0)
			case got && (refused.Code != c.code || refused.Phase != c.phase || refused.Err != nil):
				t.Errorf("got %+v, want %d at phase %d", refused.Result, c.code, c.phase)
			}
		})
	}
}

func TestConfigRefusals(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no host":            {TLS: NoTLS, HELO: "a.example"},
		"no mode":            {Host: "h", HELO: "a.example"},
		"a port":             {Host: "h", TLS: NoTLS, Port: 70000, HELO: "a.example"},
		"plaintext password": {Host: "h", TLS: NoTLS, HELO: "a.example", Username: "u", Password: "p"},
		"half a login":       {Host: "h", TLS: STARTTLS, HELO: "a.example", Username: "u"},
		"no name":            {Host: "h", TLS: STARTTLS},
		"injected name":      {Host: "h", TLS: STARTTLS, HELO: "a\r\nMAIL"},
	} {
		if _, err := New(cfg, nil); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
	d := newDialer(t, Config{Host: "h", TLS: STARTTLS, From: "Verdicts <a@bücher.example>"})
	if d.cfg.HELO != "xn--bcher-kva.example" || d.cfg.Port != 587 {
		t.Errorf("got HELO %q, port %d, want xn--bcher-kva.example and 587", d.cfg.HELO, d.cfg.Port)
	}
}
