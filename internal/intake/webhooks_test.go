package intake_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"verdicts.example/digest/internal/inbound"
	"verdicts.example/digest/internal/intake"
	"verdicts.example/digest/subscribers"
)

const (
	topic    = "arn:aws:sns:eu-west-1:123456789012:bounces"
	certHost = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)

// An amazon signs as SNS does, and serves its certificate.
type amazon struct {
	t   *testing.T
	key *rsa.PrivateKey
	pem []byte

	mu      sync.Mutex
	fetched []string
	down    bool
}

func newAmazon(t *testing.T) *amazon {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2029, 12, 1, 0, 0, 0, 0, time.UTC)
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &amazon{t: t, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (a *amazon) fetch(_ context.Context, url string) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fetched = append(a.fetched, url)
	if a.down {
		return nil, errors.New("no route to host")
	}
	return a.pem, nil
}

// sign signs a message, with the fields in the order that Amazon documents.
func (a *amazon) sign(m map[string]string, version string) []byte {
	a.t.Helper()
	m["SignatureVersion"], m["Timestamp"], m["MessageId"] = version, "2030-01-01T00:00:00.000Z", "id"
	if m["SigningCertURL"] == "" {
		m["SigningCertURL"] = certHost
	}
	var text strings.Builder
	for _, name := range []string{"Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type"} {
		if v, ok := m[name]; ok {
			text.WriteString(name + "\n" + v + "\n")
		}
	}
	var sig []byte
	var err error
	if version == "1" {
		sum := sha1.Sum([]byte(text.String()))
		sig, err = rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA1, sum[:])
	} else {
		sum := sha256.Sum256([]byte(text.String()))
		sig, err = rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	}
	if err != nil {
		a.t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(sig)
	body, err := json.Marshal(m)
	if err != nil {
		a.t.Fatal(err)
	}
	return body
}

func sesBounce(source, to, kind string) string {
	return fmt.Sprintf(`{"notificationType":"Bounce","bounce":{"bounceType":%q,"bounceSubType":"General","timestamp":"2030-01-01T00:00:00Z",
"bouncedRecipients":[{"emailAddress":%q,"action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},
"mail":{"source":%q,"timestamp":"2029-12-31T00:00:00Z"}}`, kind, to, source)
}

// A hook is the webhooks of a list.
type hook struct {
	*list
	amazon *amazon
	srv    *httptest.Server
}

func newHook(t *testing.T, readers int, taker func(*list) intake.Taker) *hook {
	t.Helper()
	l := newList(t, readers)
	h := &hook{list: l, amazon: newAmazon(t)}
	var tk intake.Taker = l.taker
	if taker != nil {
		tk = taker(l)
	}
	h.srv = httptest.NewServer(intake.Webhooks{
		Taker: tk, Log: slog.New(slog.DiscardHandler), Now: l.now, Fetch: h.amazon.fetch,
		Topic: topic, Username: "postmark", Password: "a long password of ours",
	}.Handler())
	t.Cleanup(h.srv.Close)
	return h
}

func (h *hook) post(path string, body []byte, auth ...string) int {
	h.T.Helper()
	req, err := http.NewRequest(http.MethodPost, h.srv.URL+path, strings.NewReader(string(body)))
	if err != nil {
		h.T.Fatal(err)
	}
	if len(auth) == 2 {
		req.SetBasicAuth(auth[0], auth[1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.T.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func (h *hook) want(what string, got, want int) {
	h.T.Helper()
	if got != want {
		h.T.Errorf("%s: got status %d, want %d", what, got, want)
	}
}

// Both versions of the signature are good; posted again, a notification counts
// once, and the certificate is fetched once.
func TestSES(t *testing.T) {
	t.Parallel()
	h := newHook(t, 4, nil)
	notify := func(message, version string) []byte {
		return h.amazon.sign(map[string]string{"Type": "Notification", "TopicArn": topic, "Subject": "Amazon SES", "Message": message}, version)
	}
	first := notify(sesBounce(h.verp(1), "reader1@d1.example", "Permanent"), "1")
	h.want("version 1", h.post("/ses", first), 200)
	h.want("again", h.post("/ses", first), 200)
	h.want("version 2", h.post("/ses", notify(sesBounce(h.verp(2), "reader2@d2.example", "Permanent"), "2")), 200)
	h.want("transient", h.post("/ses", notify(sesBounce(h.verp(3), "reader3@d3.example", "Transient"), "2")), 200)
	complaint := `{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"reader4@d4.example"}],"complaintFeedbackType":"abuse"},"mail":{"source":"verdicts@example.org"}}`
	h.want("complaint by address", h.post("/ses", notify(complaint, "2")), 200)
	h.want("validation", h.post("/ses", notify("Successfully validated SNS topic for Amazon SES event publishing.", "2")), 200)
	for id, want := range map[int64]subscribers.Reason{1: subscribers.HardBounce, 2: subscribers.HardBounce, 3: subscribers.NotSuppressed, 4: subscribers.Complaint} {
		if got := h.Suppression(id); got != want {
			t.Errorf("reader %d: got suppression %d, want %d", id, got, want)
		}
	}
	if got := h.tally(inbound.OutcomeAgain); got != 1 || len(h.amazon.fetched) != 1 {
		t.Errorf("got %d again and the certificate fetched %d times, want 1 and 1", got, len(h.amazon.fetched))
	}
}

// What Amazon has not signed for this topic changes nothing, and only Amazon's
// own addresses are fetched.
func TestSESForged(t *testing.T) {
	t.Parallel()
	h := newHook(t, 1, nil)
	message := func() map[string]string {
		return map[string]string{"Type": "Notification", "TopicArn": topic, "Message": sesBounce(h.verp(1), "reader1@d1.example", "Permanent")}
	}
	change := func(body []byte, from, to string) []byte { return []byte(strings.Replace(string(body), from, to, 1)) }
	good := h.amazon.sign(message(), "2")
	other := message()
	other["TopicArn"] = topic + "2"
	forgeries := map[string][]byte{
		"another message":   change(good, "5.1.1", "5.1.2"),
		"another signature": change(good, `"Signature":"`, `"Signature":"AAAA`),
		"no version":        change(good, `"SignatureVersion":"2"`, `"SignatureVersion":"0"`),
		"version 1 for 2":   change(good, `"SignatureVersion":"2"`, `"SignatureVersion":"1"`),
		"another topic":     h.amazon.sign(other, "2"),
		"not JSON":          []byte("hello"),
		"raw delivery":      []byte(sesBounce(h.verp(1), "reader1@d1.example", "Permanent")),
	}
	for _, url := range []string{
		"https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
		"https://evil.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
		"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
		"http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
		"https://sns.eu-west-1.amazonaws.com/evil.pem", "https://sns.eu-west-1.amazonaws.com:444/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
		certHost + "?x=y", "https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem", "",
	} {
		m := message()
		m["SigningCertURL"] = url
		if url == "" {
			m["SigningCertURL"] = "nowhere"
		}
		forgeries[url] = h.amazon.sign(m, "2")
	}
	for name, body := range forgeries {
		h.want(name, h.post("/ses", body), 403)
	}
	for _, url := range h.amazon.fetched {
		if url != certHost {
			t.Errorf("got %s fetched, want nothing but the certificate", url)
		}
	}
	if h.Suppression(1) != subscribers.NotSuppressed {
		t.Error("a forged notification suppressed a reader")
	}
	h.want("too large", h.post("/ses", make([]byte, 2<<20)), 413)
	h.want("the real one", h.post("/ses", good), 200)
	resp, err := http.Get(h.srv.URL + "/ses")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	h.want("GET", resp.StatusCode, 405)
}

// A subscription is confirmed at Amazon's own address for this topic, and nowhere
// else.
func TestSESSubscribes(t *testing.T) {
	t.Parallel()
	h := newHook(t, 1, nil)
	const at = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=abc"
	for url, want := range map[string]int{
		at: 200,
		"https://evil.example/?Action=ConfirmSubscription&TopicArn=" + topic:                      403,
		"https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&TopicArn=" + topic:               403,
		"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=" + topic + "2": 403,
	} {
		m := map[string]string{"Type": "SubscriptionConfirmation", "TopicArn": topic, "Message": "You have chosen to subscribe", "Token": "abc", "SubscribeURL": url}
		h.want(url, h.post("/ses", h.amazon.sign(m, "2")), want)
	}
	confirmed := 0
	for _, url := range h.amazon.fetched {
		switch url {
		case at:
			confirmed++
		case certHost:
		default:
			t.Errorf("got %s fetched", url)
		}
	}
	if confirmed != 1 {
		t.Errorf("got %d confirmations, want 1", confirmed)
	}
}

// While Amazon's certificate or the database is not to be had, what is posted is
// put off; strangers cannot make the program fetch all the time.
func TestSESPutsOff(t *testing.T) {
	t.Parallel()
	var failing *failingTaker
	h := newHook(t, 1, func(l *list) intake.Taker { failing = &failingTaker{Taker: l.taker}; return failing })
	failing.fail.Store(true)
	good := h.amazon.sign(map[string]string{"Type": "Notification", "TopicArn": topic, "Message": sesBounce(h.verp(1), "reader1@d1.example", "Permanent")}, "2")
	h.want("no database", h.post("/ses", good), 503)
	failing.fail.Store(false)
	h.want("posted again", h.post("/ses", good), 200)

	h = newHook(t, 1, nil)
	good = h.amazon.sign(map[string]string{"Type": "Notification", "TopicArn": topic, "Message": sesBounce(h.verp(1), "reader1@d1.example", "Permanent")}, "2")
	h.amazon.down = true
	for range 5 {
		h.want("no certificate", h.post("/ses", good), 503)
	}
	if n := len(h.amazon.fetched); n != 1 {
		t.Errorf("got %d fetches in a moment, want 1", n)
	}
}

func postmark(record, kind, email, details string) []byte {
	b, _ := json.Marshal(map[string]any{"RecordType": record, "Type": kind, "Email": email, "Details": details, "BouncedAt": "2030-01-01T00:00:00Z",
		"MessageID": "883953f4-6105-42a2-a16a-77a8eac79483"})
	return b
}

// Postmark proves who it is by a password; a reader is found by the address that
// it names.
func TestPostmark(t *testing.T) {
	t.Parallel()
	h := newHook(t, 8, nil)
	const user, pass = "postmark", "a long password of ours"
	body := postmark("Bounce", "HardBounce", "reader1@d1.example", "smtp;550 5.1.1 The email account that you tried to reach does not exist.")
	h.want("no password", h.post("/postmark", body), 401)
	h.want("wrong password", h.post("/postmark", body, user, "guess"), 401)
	h.want("wrong name", h.post("/postmark", body, "root", pass), 401)
	if h.Suppression(1) != subscribers.NotSuppressed {
		t.Error("a webhook without a password suppressed a reader")
	}
	for _, b := range [][]byte{
		body, body,
		postmark("Bounce", "SoftBounce", "reader2@d2.example", "smtp;552 5.2.2 mailbox full"),
		postmark("Bounce", "DMARCPolicy", "reader3@d3.example", "smtp;550 5.7.26 unauthenticated"),
		postmark("Bounce", "SpamNotification", "reader4@d4.example", "smtp;554 5.7.1 no such user here, it is spam"),
		postmark("SpamComplaint", "SpamComplaint", "reader5@d5.example", ""),
		postmark("Bounce", "Transient", "reader6@d6.example", "smtp;451 try later"),
		[]byte(`{"RecordType":"SubscriptionChange","Recipient":"READER7@d7.example","SuppressSending":true,"SuppressionReason":"ManualSuppression","Origin":"Recipient","ChangedAt":"2030-01-01T00:00:00Z"}`),
		[]byte(`{"RecordType":"SubscriptionChange","Recipient":"reader8@d8.example","SuppressSending":true,"SuppressionReason":"ManualSuppression","Origin":"Admin","ChangedAt":"2030-01-01T00:00:00Z"}`),
		postmark("Bounce", "HardBounce", "stranger@elsewhere.example", "550 5.1.1"),
		[]byte(`{"RecordType":"Open"}`), []byte(`[]`), []byte(`no JSON`),
	} {
		h.want(string(b), h.post("/postmark", b, user, pass), 200)
	}
	for id := range int64(8) {
		got, want := h.Suppression(id+1), subscribers.NotSuppressed
		switch id + 1 {
		case 1:
			want = subscribers.HardBounce
		case 5:
			want = subscribers.Complaint
		}
		if got != want {
			t.Errorf("reader %d: got suppression %d, want %d", id+1, got, want)
		}
	}
	if h.status(7).Status != subscribers.Unsubscribed || h.status(8).Status != subscribers.Active {
		t.Errorf("got readers 7 and 8 as %d and %d, want 7 to have left", h.status(7).Status, h.status(8).Status)
	}
	if got := h.tally(inbound.OutcomeAgain); got != 1 {
		t.Errorf("got %d again, want 1", got)
	}
}
