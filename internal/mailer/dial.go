package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"verdicts.example/digest/internal/delivery"
)

// Dial connects, greets, encrypts and authenticates. A refusal by the server or
// by the rules of TLS is a *delivery.SMTPError with the phase; anything else,
// the context's end among it, is nobody's fault and worth another try.
func (d *Dialer) Dial(ctx context.Context) (delivery.Session, error) {
	s, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// dial connects, once more for each mechanism of AUTH that the server turns out
// not to know: go-mail ends the connection then.
func (d *Dialer) dial(ctx context.Context) (*session, error) {
	for {
		s, err := d.dialOnce(ctx)
		if err == nil || !errors.Is(err, errMechanism) {
			return s, err
		}
	}
}

func (d *Dialer) dialOnce(ctx context.Context) (*session, error) {
	s := &session{d: d, cmd: &commands{}, next: &commands{}}
	s.begin(ctx, dialing)
	defer s.end()
	client, err := d.connect(ctx, s)
	if err == nil {
		err = d.secure(client)
	}
	if err == nil && d.cfg.Username != "" {
		err = d.login(client)
	}
	if err == nil {
		err = s.attach(client)
	}
	if err != nil {
		s.drop()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("smtp server %s: %w", d.addr(), err)
	}
	return s, nil
}

func (d *Dialer) addr() string { return net.JoinHostPort(d.cfg.Host, strconv.Itoa(d.cfg.Port)) }

// connect lets go-mail make the connection and say EHLO. The TCP connection
// is kept in s, for deadlines and because go-mail does not close it on errors.
func (d *Dialer) connect(ctx context.Context, s *session) (*smtp.Client, error) {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		nd := net.Dialer{Timeout: d.cfg.Timeouts.Connect}
		raw, err := nd.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		s.adopt(raw)
		if d.cfg.TLS == NoTLS {
			return raw, nil
		}
		s.gather = &gatherer{Conn: raw}
		if d.cfg.TLS == STARTTLS {
			return s.gather, nil
		}
		t := tls.Client(s.gather, d.tlsConfig())
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, d.tlsError(err)
		}
		return t, nil
	}
	client, err := gomail.NewClient(d.cfg.Host,
		gomail.WithPort(d.cfg.Port), gomail.WithHELO(d.cfg.HELO), gomail.WithTimeout(d.cfg.Timeouts.Greeting),
		gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutSMTPUTF8(), gomail.WithDialContextFunc(dial))
	if err != nil {
		return nil, err
	}
	c, err := client.DialToSMTPClientWithContext(ctx)
	return c, refusal(delivery.PhaseConnect, err)
}

// secure makes the connection encrypted when the mode is STARTTLS.
func (d *Dialer) secure(c *smtp.Client) error {
	if d.cfg.TLS != STARTTLS {
		return nil
	}
	if offers, _ := d.offer(c, "STARTTLS"); !offers.has("STARTTLS") {
		return policy(delivery.PhaseTLS, fmt.Errorf(
			"%w; something between may have stripped it, or the port speaks TLS at once (smtp.tls: implicit)",
			ErrNoSTARTTLS))
	}
	if err := c.StartTLS(d.tlsConfig()); err != nil {
		return d.tlsError(refusal(delivery.PhaseTLS, err))
	}
	return nil
}

func (d *Dialer) tlsConfig() *tls.Config {
	return &tls.Config{
		ServerName: d.cfg.Host, RootCAs: d.cfg.RootCAs, MinVersion: tls.VersionTLS12,
		DynamicRecordSizingDisabled: true, // bodies are large: full records from the start
	}
}

// tlsError tells certificates and protocols that will never do from
// connections that broke.
func (d *Dialer) tlsError(err error) error {
	var (
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		name   x509.HostnameError
		bad    x509.CertificateInvalidError
	)
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "protocol version"): // its alert, or what crypto/tls says of its hello
		return policy(delivery.PhaseTLS, fmt.Errorf("%w: %w", ErrOldTLS, err))
	case errors.As(err, &name):
		return policy(delivery.PhaseTLS, fmt.Errorf("%w: it is not for the name %s (smtp.host): %w",
			ErrCertificate, d.cfg.Host, err))
	case errors.As(err, &bad) && bad.Reason == x509.Expired:
		return policy(delivery.PhaseTLS, fmt.Errorf("%w: it has expired or is not valid yet: %w", ErrCertificate, err))
	case errors.As(err, &verify):
		return policy(delivery.PhaseTLS, fmt.Errorf("%w: this machine does not trust who signed it: %w",
			ErrCertificate, err))
	case errors.As(err, &record):
		return policy(delivery.PhaseTLS, fmt.Errorf("the server does not speak TLS here (smtp.tls: %s, port %d): %w",
			d.cfg.TLS, d.cfg.Port, err))
	case errors.As(err, &alert):
		return policy(delivery.PhaseTLS, fmt.Errorf("the server refused TLS: %w", err))
	case strings.Contains(err.Error(), "tls: "): // no I/O: crypto/tls objects to what the server said
		return policy(delivery.PhaseTLS, fmt.Errorf("no TLS with this server: %w", err))
	}
	return err
}

// login authenticates, on an encrypted connection only.
func (d *Dialer) login(c *smtp.Client) error {
	if _, ok := c.TLSConnectionState(); !ok {
		return policy(delivery.PhaseAuth, errors.New("refusing to send the password in plaintext"))
	}
	offers, err := d.offer(c, "AUTH")
	if err != nil {
		return err
	}
	offered := strings.Fields(strings.ToUpper(offers["AUTH"]))
	name, auth := d.mechanism(offered)
	if auth == nil {
		return policy(delivery.PhaseAuth, fmt.Errorf("%w: it offers %q", ErrNoAuth, offers["AUTH"]))
	}
	err = refusal(delivery.PhaseAuth, c.Auth(auth))
	var refused *delivery.SMTPError
	if errors.As(err, &refused) && refused.Code == 504 { // RFC 4954 §4: it knows no such mechanism
		d.unknownAuth.Store(name, true)
		if _, next := d.mechanism(offered); next != nil {
			return fmt.Errorf("%w %s: %w", errMechanism, name, err)
		}
		d.unknownAuth.Clear() // none is left: the next connection asks anew
	}
	return err
}

// errMechanism says that another mechanism of AUTH may do.
var errMechanism = errors.New("the server offers AUTH and then does not know the command")

// mechanism picks what works with most servers first: under TLS the password
// is safe with PLAIN, and a server that offers SCRAM need not have it stored
// for every user.
func (d *Dialer) mechanism(offered []string) (name string, auth smtp.Auth) {
	user, pass := d.cfg.Username, d.cfg.Password
	for _, m := range []struct {
		name string
		auth smtp.Auth
	}{
		{"PLAIN", smtp.PlainAuth("", user, pass, d.cfg.Host, false)},
		{"LOGIN", smtp.LoginAuth(user, pass, d.cfg.Host, false)},
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(user, pass)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(user, pass)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(user, pass)},
	} {
		if _, unknown := d.unknownAuth.Load(m.name); !unknown && slices.Contains(offered, m.name) {
			return m.name, m.auth
		}
	}
	return "", nil
}

// policy is a refusal of our own, without a reply.
func policy(p delivery.Phase, err error) error {
	return &delivery.SMTPError{Result: delivery.Result{Phase: p, Err: err, Broken: true}}
}

// refusal makes an SMTPError of an error that holds the server's reply.
func refusal(p delivery.Phase, err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) || reply.Code < 400 {
		return err
	}
	enhanced, text := splitEnhanced(strings.ReplaceAll(reply.Msg, "\n", " "))
	return &delivery.SMTPError{Result: delivery.Result{
		Phase: p, Code: reply.Code, Enhanced: enhanced, Text: clean(text), Broken: true,
	}}
}
