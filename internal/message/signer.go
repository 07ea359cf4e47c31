package message

import (
	"bytes"
	"crypto"
	"fmt"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// signedFields are the fields that a signature covers, each as often as it is
// there (RFC 6376 §5.4.1; RFC 8058 §4 for the List-Unsubscribe fields). What
// differs between readers comes last, so that the rest is hashed once.
func signedFields() []string {
	return []string{
		"From", "Reply-To", "Subject", "Date", "MIME-Version", "Content-Type",
		"List-Id", "List-Unsubscribe-Post", "List-Archive", "Feedback-ID",
		"To", "Message-ID", "List-Unsubscribe",
	}
}

// oversignedFields are named once more than they are there, so that one that
// is added on the way breaks the signature (RFC 6376 §8.15).
func oversignedFields() []string {
	return []string{
		"From", "Reply-To", "Subject", "Date", "To", "Cc", "Message-ID",
		"MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post",
	}
}

// signatureNames is the list for h=, given how often each field is there.
func signatureNames(count func(name string) int) []string {
	var names []string
	for _, name := range signedFields() {
		names = append(names, slices.Repeat([]string{name}, count(name))...)
	}
	return append(names, oversignedFields()...)
}

// A DKIMKey is a key and where its public half is published: a TXT record at
// Selector._domainkey.Domain.
type DKIMKey struct {
	Domain   string // the SDID (d=); aligned with From for DMARC
	Selector string
	Key      *PrivateKey
}

// A Signer adds DKIM signatures (RFC 6376, RFC 8463), relaxed/relaxed, one a
// key. Without keys it signs nothing. It is safe for concurrent use.
type Signer struct {
	keys []DKIMKey
	now  func() time.Time
}

// NewSigner checks domains, selectors and keys; errors wrap ErrKey.
func NewSigner(now func() time.Time, keys ...DKIMKey) (*Signer, error) {
	for i, k := range keys {
		switch {
		case k.Key == nil:
			return nil, fmt.Errorf("%w: selector %q has no key", ErrKey, k.Selector)
		case !validDomain(k.Domain):
			return nil, fmt.Errorf("%w: %q is not a domain; write it as example.org", ErrKey, k.Domain)
		case !validDomain(k.Selector):
			return nil, fmt.Errorf("%w: %q is not a selector; use letters, digits and hyphens", ErrKey, k.Selector)
		}
		for _, other := range keys[:i] {
			if strings.EqualFold(other.Domain, k.Domain) && strings.EqualFold(other.Selector, k.Selector) {
				return nil, fmt.Errorf("%w: two keys have the selector %q; each needs its own", ErrKey, k.Selector)
			}
		}
	}
	return &Signer{slices.Clone(keys), now}, nil
}

// Identity says as whom the signer signs: "example.org (s1)", "" when it
// does not.
func (s *Signer) Identity() string {
	var list []string
	for _, k := range s.keys {
		list = append(list, k.Domain+" ("+k.Selector+")")
	}
	return strings.Join(list, ", ")
}

// Sign gives msg, a whole message with CRLF line ends, with its signatures
// before it. It takes any mail; digests are signed faster by Seal.
func (s *Signer) Sign(msg []byte) ([]byte, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		return nil, fmt.Errorf("sign: read the mail's head: %w", err)
	}
	names := signatureNames(func(name string) int {
		return len(parsed.Header[textproto.CanonicalMIMEHeaderKey(name)])
	})
	var signed []byte
	for _, k := range s.keys {
		one, err := dkim.NewSigner(&dkim.SignOptions{
			Domain: k.Domain, Selector: k.Selector, Signer: k.Key.signer, Hash: crypto.SHA256,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed,
			BodyCanonicalization:   dkim.CanonicalizationRelaxed,
			HeaderKeys:             names,
		})
		if err != nil {
			return nil, fmt.Errorf("sign for %s: %w", k.Domain, err)
		}
		if _, err := one.Write(msg); err != nil {
			return nil, fmt.Errorf("sign for %s: %w", k.Domain, err)
		}
		if err := one.Close(); err != nil {
			return nil, fmt.Errorf("sign for %s: %w", k.Domain, err)
		}
		signed = append(signed, one.Signature()...)
	}
	return append(signed, msg...), nil
}
