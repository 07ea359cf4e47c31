package mailer

import (
	"context"
	"crypto/x509"
)

// Greet connects, encrypts, authenticates and leaves, without a message. It gives
// the server's certificate, nil without TLS; errors are Dial's.
func (d *Dialer) Greet(ctx context.Context) (*x509.Certificate, error) {
	s, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	cert := s.cert
	return cert, s.Close()
}
