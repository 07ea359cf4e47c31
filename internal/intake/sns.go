package intake

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // SNS's signature version 1 is SHA-1
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// An snsMessage is what Amazon SNS posts.
type snsMessage struct {
	Type             string
	MessageId        string //nolint:revive // SNS's own name
	TopicArn         string
	Subject          *string
	Message          string
	Timestamp        string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
	SubscribeURL     string
	Token            string
}

// SNS's types.
const (
	snsNotification = "Notification"
	snsSubscribe    = "SubscriptionConfirmation"
	snsUnsubscribe  = "UnsubscribeConfirmation"
)

var errForged = errors.New("it is not signed by Amazon SNS for this topic")

// signed is what the signature covers ("Verifying the signatures of Amazon SNS
// messages"): names and values, a line each, in the names' order.
func (m snsMessage) signed() string {
	var b strings.Builder
	add := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	add("Message", m.Message)
	add("MessageId", m.MessageId)
	if m.Type == snsNotification {
		if m.Subject != nil {
			add("Subject", *m.Subject)
		}
	} else {
		add("SubscribeURL", m.SubscribeURL)
	}
	add("Timestamp", m.Timestamp)
	if m.Type != snsNotification {
		add("Token", m.Token)
	}
	add("TopicArn", m.TopicArn)
	add("Type", m.Type)
	return b.String()
}

// An sns verifies messages of one topic.
type sns struct {
	topic string
	hosts map[string]bool // of the topic's region
	fetch func(ctx context.Context, url string) ([]byte, error)
	now   func() time.Time

	mu    sync.Mutex
	certs map[string]*x509.Certificate
	next  time.Time // no certificate is fetched before
}

var certPath = regexp.MustCompile(`^/SimpleNotificationService-[0-9a-f]{32}\.pem$`)

// fetchEvery bounds how often strangers can make the program fetch.
const fetchEvery = 5 * time.Second

func newSNS(topic string, fetch func(ctx context.Context, url string) ([]byte, error), now func() time.Time) *sns {
	host := "sns." + strings.Split(topic+":::::", ":")[3] + ".amazonaws.com"
	return &sns{topic: topic, hosts: map[string]bool{host: true, host + ".cn": true}, fetch: fetch, now: now, certs: map[string]*x509.Certificate{}}
}

// verify gives the message of a body that SNS has signed for the topic. Its error
// wraps errForged for what nobody need look at again; others may pass.
func (s *sns) verify(ctx context.Context, body []byte) (snsMessage, error) {
	var m snsMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("%w: it is not JSON", errForged)
	}
	if m.TopicArn != s.topic {
		return m, fmt.Errorf("%w: it is of another topic", errForged)
	}
	if u, ok := s.ours(m.SigningCertURL); !ok || u.RawQuery != "" || !certPath.MatchString(u.Path) {
		return m, fmt.Errorf("%w: its certificate is elsewhere", errForged)
	}
	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil {
		return m, fmt.Errorf("%w: its signature is malformed", errForged)
	}
	cert, err := s.certificate(ctx, m.SigningCertURL)
	if err != nil {
		return m, err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return m, fmt.Errorf("%w: the certificate has no RSA key", errForged)
	}
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum([]byte(m.signed())) //nolint:gosec // see above
		err = rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], signature)
	case "2":
		sum := sha256.Sum256([]byte(m.signed()))
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	default:
		return m, fmt.Errorf("%w: signature version %.10q", errForged, m.SignatureVersion)
	}
	if err != nil {
		return m, fmt.Errorf("%w: the signature is wrong", errForged)
	}
	return m, nil
}

// ours parses an address of SNS in the topic's region. Other hosts below
// amazonaws.com hold what anybody puts there.
func (s *sns) ours(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	return u, err == nil && u.Scheme == "https" && u.User == nil && s.hosts[u.Host]
}

// certificate fetches a certificate, once.
func (s *sns) certificate(ctx context.Context, address string) (*x509.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	cert := s.certs[address]
	if cert == nil {
		if now.Before(s.next) {
			return nil, errors.New("another certificate was fetched a moment ago")
		}
		s.next = now.Add(fetchEvery)
		text, err := s.fetch(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("fetch the certificate: %w", err)
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, errors.New("the certificate is not PEM")
		}
		if cert, err = x509.ParseCertificate(block.Bytes); err != nil {
			return nil, fmt.Errorf("read the certificate: %w", err)
		}
		s.certs = map[string]*x509.Certificate{address: cert} // there is one at a time
	}
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return nil, fmt.Errorf("%w: the certificate is not valid now", errForged)
	}
	return cert, nil
}

// confirm answers a SubscriptionConfirmation, by the address in it.
func (s *sns) confirm(ctx context.Context, m snsMessage) error {
	u, ok := s.ours(m.SubscribeURL)
	if !ok || u.Query().Get("Action") != "ConfirmSubscription" || u.Query().Get("TopicArn") != s.topic {
		return fmt.Errorf("%w: the address to confirm at is elsewhere", errForged)
	}
	_, err := s.fetch(ctx, m.SubscribeURL)
	return err
}
